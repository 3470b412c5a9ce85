"""Sessions that Postgres keeps to one clinic, and the marks of the models whose rows are a clinic's.

migrations/02_tenant_isolation.sql has Postgres keep them; docs/backend.md states what is guaranteed and what is not.
"""

from orchestrator_service.db.tenancy.marks import TenantOwned, TenantRow
from orchestrator_service.db.tenancy.sessions import (
    AsyncClinicSession,
    ClinicSession,
    CrossTenantError,
    InvalidClinicError,
    NotIsolatedError,
    TenancyError,
)

__all__ = [
    "AsyncClinicSession",
    "ClinicSession",
    "CrossTenantError",
    "InvalidClinicError",
    "NotIsolatedError",
    "TenancyError",
    "TenantOwned",
    "TenantRow",
]
