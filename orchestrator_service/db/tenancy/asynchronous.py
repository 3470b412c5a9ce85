"""The same sessions for asyncio: AsyncSession around the sync ones, so the same events and the same rules."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession
from sqlalchemy.orm import Session

from orchestrator_service.db.tenancy.sessions import AgainstForgettingOnlySession, AllClinicsSession, ClinicSession


class AsyncClinicSession(AsyncSession):
    """ClinicSession for an AsyncEngine, such as asyncpg's; takes and raises what ClinicSession does."""

    sync_session_class: type[Session] = ClinicSession

    def __init__(self, bind: AsyncEngine | AsyncConnection | None = None, *, tenant_id: int, **options: Any) -> None:
        super().__init__(bind, tenant_id=tenant_id, **options)

    @property
    def tenant_id(self) -> int:
        """The clinic's number; a session keeps it for life."""
        session: Any = self.sync_session
        return int(session.tenant_id)


class AsyncAgainstForgettingOnlySession(AsyncClinicSession):
    """AgainstForgettingOnlySession for an AsyncEngine: a guard against forgetting, nothing else."""

    sync_session_class: type[Session] = AgainstForgettingOnlySession


class AsyncAllClinicsSession(AsyncSession):
    """AllClinicsSession for an AsyncEngine: administration's."""

    sync_session_class = AllClinicsSession
