"""What a door says when it refuses. None of these messages carries a patient's data, only names and ids."""

from sqlalchemy.exc import DontWrapMixin


class TenancyError(DontWrapMixin, Exception):
    """A clinic's data was asked for in a way that could reach another clinic's; nothing was done."""


class InvalidClinicError(TenancyError, ValueError):
    """A session was asked for with a `tenant_id` that is no clinic's number: None, 0, a string, a bool."""


class UnknownClinicError(TenancyError, LookupError):
    """A session was opened for a number that no clinic has."""


class OutsideTheDoorError(TenancyError):
    """A tenant-owned model was used without a door: in a plain Session, or on an engine's own connection."""


class RefusedStatementError(TenancyError):
    """A statement that cannot be kept to one clinic; it never reached the server."""


class ForeignPatientError(TenancyError):
    """An object or a row of another clinic was handed to a clinic's session, or was to become another's."""


class UnstorableValueError(DontWrapMixin, ValueError):
    """A value Postgres could not store as given; it never reached the server."""
