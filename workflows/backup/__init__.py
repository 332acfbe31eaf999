"""Backups: one file with the database, the stored files and a manifest; proved by restoring it."""
