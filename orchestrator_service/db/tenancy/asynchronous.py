"""The same doors for asyncio: AsyncSession around the sync ones, so the same events and the same rules."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from orchestrator_service.db.tenancy.sessions import AllClinicsSession, ClinicSession


class AsyncClinicSession(AsyncSession):
    """ClinicSession for an AsyncEngine, such as asyncpg's; raises what ClinicSession raises."""

    sync_session_class = ClinicSession

    def __init__(self, bind: AsyncEngine, *, tenant_id: int, **options: Any) -> None:
        super().__init__(bind, tenant_id=tenant_id, **options)

    @property
    def tenant_id(self) -> int:
        """The clinic's number; a session keeps it for life."""
        session: Any = self.sync_session
        return int(session.tenant_id)


class AsyncAllClinicsSession(AsyncSession):
    """AllClinicsSession for an AsyncEngine: the administrator's door."""

    sync_session_class = AllClinicsSession

    def __init__(self, bind: AsyncEngine, **options: Any) -> None:
        super().__init__(bind, **options)
