"""Every address of the site hangs below the one admin site."""

from django.contrib import admin
from django.urls import path

urlpatterns = [path("", admin.site.urls)]
