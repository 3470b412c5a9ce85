"""Sessions that keep to one clinic what belongs to it.

`ClinicSession` and `AsyncClinicSession` have Postgres keep it (migrations/02_tenant_isolation.sql).
`AllClinicsSession` is administration's. `AgainstForgettingOnlySession` filters where Postgres does not, and guards
against forgetting alone. A model whose rows belong to a clinic is `TenantOwned`. docs/backend.md states the guarantee.
"""

from orchestrator_service.db.storable import UnstorableValueError
from orchestrator_service.db.tenancy.asynchronous import (
    AsyncAgainstForgettingOnlySession,
    AsyncAllClinicsSession,
    AsyncClinicSession,
)
from orchestrator_service.db.tenancy.errors import (
    CrossTenantError,
    InvalidClinicError,
    NotIsolatedError,
    RefusedStatementError,
    TenancyError,
    UnknownClinicError,
)
from orchestrator_service.db.tenancy.marker import TenantOwned, TenantRow, unmarked
from orchestrator_service.db.tenancy.sessions import AgainstForgettingOnlySession, AllClinicsSession, ClinicSession

__all__ = [
    "AgainstForgettingOnlySession",
    "AllClinicsSession",
    "AsyncAgainstForgettingOnlySession",
    "AsyncAllClinicsSession",
    "AsyncClinicSession",
    "ClinicSession",
    "CrossTenantError",
    "InvalidClinicError",
    "NotIsolatedError",
    "RefusedStatementError",
    "TenancyError",
    "TenantOwned",
    "TenantRow",
    "UnknownClinicError",
    "UnstorableValueError",
    "unmarked",
]
