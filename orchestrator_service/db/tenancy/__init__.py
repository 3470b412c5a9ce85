"""The one door to what belongs to a clinic.

`ClinicSession` and `AsyncClinicSession` are one clinic's; `AllClinicsSession` and `AsyncAllClinicsSession`
are the administrator's. A model whose rows belong to a clinic is marked `TenantOwned`. Importing this
package puts the guards on every engine and session of the process.
"""

from orchestrator_service.db.tenancy import session_events as _session_events
from orchestrator_service.db.tenancy import wall as _wall
from orchestrator_service.db.tenancy.asynchronous import AsyncAllClinicsSession, AsyncClinicSession
from orchestrator_service.db.tenancy.errors import (
    ForeignPatientError,
    InvalidClinicError,
    OutsideTheDoorError,
    RefusedStatementError,
    TenancyError,
    UnknownClinicError,
    UnstorableValueError,
)
from orchestrator_service.db.tenancy.marker import TenantOwned, unmarked
from orchestrator_service.db.tenancy.sessions import AllClinicsSession, ClinicSession

__all__ = [
    "AllClinicsSession",
    "AsyncAllClinicsSession",
    "AsyncClinicSession",
    "ClinicSession",
    "ForeignPatientError",
    "InvalidClinicError",
    "OutsideTheDoorError",
    "RefusedStatementError",
    "TenancyError",
    "TenantOwned",
    "UnknownClinicError",
    "UnstorableValueError",
    "unmarked",
]

del _session_events, _wall  # imported for the listeners they put in place
