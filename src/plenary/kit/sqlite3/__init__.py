"""Django's SQLite backend, with writers that queue in order. Named in the settings as the database's engine."""
