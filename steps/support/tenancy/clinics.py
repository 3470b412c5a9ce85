"""Two clinics with patients of their own, in a database that keeps them apart, and what a scenario saw of them."""

from dataclasses import dataclass, field
from functools import cached_property

from sqlalchemy import Engine, NullPool, create_engine, select, text

from orchestrator_service.db.models_dental import Patient
from orchestrator_service.db.tenancy import ClinicSession
from steps.support.postgres.database import Database
from steps.support.postgres.roles import OWNER
from steps.support.postgres.server import rights
from steps.support.tenant_isolation import ROLE

SERVICE = "pg_read_all_stats"  # stands for a service that worked there before: it may do what it is granted
# Rows are open to all but the owner, so that nothing but what the script makes keeps the clinics apart.
OPEN = f"CREATE POLICY open ON patients USING (current_user <> '{OWNER}') WITH CHECK (current_user <> '{OWNER}')"
USED = f"""
GRANT SELECT, INSERT, UPDATE, DELETE ON patients, tenants TO {SERVICE};
GRANT USAGE ON SEQUENCE patients_id_seq TO {SERVICE};
ALTER TABLE patients OWNER TO {OWNER};
ALTER TABLE tenants OWNER TO {OWNER};
"""
NEW_CLINIC = "INSERT INTO tenants (clinic_name, bot_phone_number) VALUES (:name, :phone) RETURNING id"
NEW_PATIENTS = """
INSERT INTO patients (tenant_id, phone_number, first_name, notes, acquisition_source, meta_ad_id)
SELECT :clinic, 'scn ' || :clinic || ' ' || number, 'de ' || :name, 'nota', 'META_ADS', '1202084667311304' || number
FROM generate_series(1, :count) AS number
"""
ROWS = """
SELECT t::text FROM tenants AS t WHERE id = :clinic
UNION ALL SELECT p::text FROM patients AS p WHERE tenant_id = :clinic ORDER BY 1
"""


def empty_and_in_use(database: Database) -> None:
    """Leave no patient, and, where this login may, tables of another owner that a service uses."""
    with database.connect() as connection:
        connection.exec_driver_sql("DELETE FROM patients")
        connection.exec_driver_sql(OPEN)
        if rights(connection).superuser:
            connection.exec_driver_sql(USED)


@dataclass
class Clinics:
    """The scenario's clinics by name, their rows, and what came of its When."""

    database: Database
    numbers: dict[str, int] = field(default_factory=dict)
    before: dict[str, list[str]] = field(default_factory=dict)
    found: list[int] = field(default_factory=list)  # ids of patients
    refusal: Exception | None = None

    def add(self, name: str, count: int) -> None:
        """A clinic with so many patients, by plain SQL."""
        with self.database.connect() as connection:
            number = connection.scalar(text(NEW_CLINIC), {"name": name, "phone": f"bot {name}"})
            assert isinstance(number, int)
            connection.execute(text(NEW_PATIENTS), {"clinic": number, "name": name, "count": count})
        self.numbers[name] = number
        self.before[name] = self.rows(name)

    def number(self, name: str) -> int:
        """The id of the clinic called so; fails with the names there are."""
        assert name in self.numbers, f"«{name}» no es una clínica de este escenario: {', '.join(self.numbers)}."
        return self.numbers[name]

    @cached_property
    def engine(self) -> Engine:
        """For the clinics' login: each session has the clinics' role from its start, and nothing else."""
        return create_engine(self.database.url, poolclass=NullPool, connect_args={"options": f"-c role={ROLE}"})

    def session(self, number: int) -> ClinicSession:
        """A session of the clinic with that number."""
        return ClinicSession(self.engine, tenant_id=number, expire_on_commit=False)

    def a_patient_of(self, name: str) -> Patient:
        """A patient that a session of its own clinic read and let go."""
        with self.session(self.number(name)) as session:
            return session.scalars(select(Patient).limit(1)).one()

    def rows(self, name: str) -> list[str]:
        """What a clinic and its patients are now, to the letter."""
        return self._scalars(ROWS, name)

    def values(self, column: str, name: str) -> list:  # type: ignore[type-arg]
        """A column of each of a clinic's patients."""
        return self._scalars(f"SELECT {column} FROM patients WHERE tenant_id = :clinic", name)

    def _scalars(self, query: str, name: str) -> list:  # type: ignore[type-arg]
        with self.database.connect() as connection:
            return list(connection.scalars(text(query), {"clinic": self.number(name)}))
