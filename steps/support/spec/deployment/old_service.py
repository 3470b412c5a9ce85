"""Yesterday's service, which knows nothing of the five columns and goes on while the table gains them."""

from sqlalchemy import URL, Engine, create_engine, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

CLINIC = 1
PHONE = "+5491177777777"


class Yesterday(DeclarativeBase):
    """The models of the day before."""


class OldPatient(Yesterday):
    """Patient as it was mapped before the migration: none of the five columns, and no mark."""

    __tablename__ = "patients"

    id: Mapped[int] = mapped_column(primary_key=True)
    tenant_id: Mapped[int]
    phone_number: Mapped[str]
    first_name: Mapped[str]
    notes: Mapped[str | None]


class OldService:
    """Yesterday's service: its model, and one connection it keeps open all along."""

    def __init__(self, url: URL) -> None:
        self._engine: Engine = create_engine(url, pool_size=1, max_overflow=0)
        self.work()

    def work(self) -> None:
        """Read, add and change patients; raises what the database says."""
        with Session(self._engine) as session:
            self._work(session)
            session.commit()

    def _work(self, session: Session) -> None:
        mine = select(OldPatient).where(OldPatient.tenant_id == CLINIC)
        found = session.scalars(mine).first()
        assert found
        for old in session.scalars(mine.where(OldPatient.phone_number == PHONE)):
            session.delete(old)
        session.flush()
        added = OldPatient(tenant_id=CLINIC, phone_number=PHONE, first_name="De ayer")
        session.add(added)
        session.flush()
        added.notes = "cambiada"

    def end(self) -> None:
        """Close its connection."""
        self._engine.dispose()
