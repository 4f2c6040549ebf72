"""Stand-ins for the providers, written from their documentation alone: no line of the app is used here."""
