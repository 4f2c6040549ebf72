"""One provider, one file: each sends an order once and says what came back. No database, no Django."""
