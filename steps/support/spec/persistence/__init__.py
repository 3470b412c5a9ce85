"""Patients as the service saves and reads them, one at a time and many at once."""
