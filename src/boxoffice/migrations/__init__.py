"""The schema's history; `boxoffice migrate` brings a database to its newest version."""
