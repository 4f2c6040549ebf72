"""The project: settings, the admin site and its doors (login, second factor, sessions)."""
