"""Every address of the site: the one admin site, and the way in for people who forgot their password."""

from django.contrib import admin
from django.urls import path

from backoffice.doors import reset

urlpatterns = [*reset.urlpatterns, path("", admin.site.urls)]
