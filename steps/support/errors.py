"""Errors of the suite itself, as opposed to defects of what it tests."""


class OptionError(ValueError):
    """A -D option has an unknown name or a wrong value; the message lists the right ones."""


class SnapshotError(RuntimeError):
    """A snapshot cannot be rehearsed: one line that says what and why. Never quotes a patient's data."""


class NoServerError(RuntimeError):
    """There is no Postgres to run the suite on: one line that says what, why and what to do."""
