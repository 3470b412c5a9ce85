"""Accepts any migration of any table: servers, databases, evidence, live traffic, rehearsal, report."""
