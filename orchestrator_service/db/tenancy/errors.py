"""What a session says when it refuses. None of these messages carries a patient's data, only names and ids."""

from sqlalchemy.exc import DontWrapMixin


class TenancyError(DontWrapMixin, Exception):
    """A clinic's data was asked for in a way that could reach another clinic's; nothing was done."""


class InvalidClinicError(TenancyError, ValueError):
    """A session was asked for with a `tenant_id` that is no clinic's number: None, 0, a string, a bool."""


class UnknownClinicError(TenancyError, LookupError):
    """A session was opened for a number that no clinic has."""


class NotIsolatedError(TenancyError):
    """Postgres does not keep this session to its clinic here, so the session did not begin."""


class CrossTenantError(TenancyError):
    """An object, a row or a transaction of another clinic was handed to a clinic's session."""


class RefusedStatementError(TenancyError):
    """A statement that nothing would keep to the clinic; it never reached the server."""
