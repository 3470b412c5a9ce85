"""02_tenant_isolation.sql: a migration that adds policies, rights and a role, and no column."""

from steps.support.finding import LOSS, NOT_AS_ASKED, OBJECTS, WAITING, Kind
from steps.support.options import ROOT
from steps.support.subject import Fact, Requirement, Subject, Tenant

ROLE = "orchestrator_tenant"
CLINIC = Tenant("tenant_id", "clínica", "clínicas")
SERIAL = "patients_id_seq"
ADD_PATIENT = """
INSERT INTO patients (tenant_id, phone_number, first_name)
VALUES (%(tenant)s, '+t' || %(number)s, 'Tráfico') RETURNING id
"""
BEYOND = "Además de la especificación"  # which does not ask for 02


def _own(key: str) -> str:
    return f"({key} = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::integer)"


def _policy(table: str, name: str, kind: str, key: str = "") -> Fact:
    """For the clinic's role its own rows, by the column `key`; for everybody all of them without one."""
    rows, role = (_own(key), ROLE) if key else ("true", "-")
    return Fact(
        "policy", table, name,
        {"polpermissive": kind == "permissive", "polcmd": "*", "to": [role], "using": rows, "check": rows},
        f"CREATE POLICY {name} ON {table} AS {kind} TO {ROLE if key else 'PUBLIC'} USING ({rows}) WITH CHECK ({rows})",
    )  # fmt: skip


def _granted(what: str, rights: str, kind: str = "") -> Fact:
    return Fact("privileges", what, ROLE, {"granted": rights}, f"GRANT {rights} ON {kind}{what} TO {ROLE}")


def _secured(table: str) -> Fact:
    says = {"relrowsecurity": True, "relforcerowsecurity": False}
    return Fact("table", table, "", says, f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")


ISOLATION = Subject(
    name="Aislamiento",
    script=ROOT / "migrations" / "02_tenant_isolation.sql",
    revision="isolation_0001",
    previous="base",
    alembic=ROOT / "migrations" / "tenant_isolation.ini",
    optional=True,
    table="patients",
    also=("tenants",),
    rows="pacientes",
    tenant=CLINIC,
    columns={},
    roles=(ROLE,),
    facts=(
        Fact("role", "", ROLE, {"rolsuper": False, "rolbypassrls": False, "rolcanlogin": False, "rolinherit": False,
                                "member of": None}, "SELECT 1"),
        *map(_secured, ("patients", "tenants")),
        *(
            _policy(table, name, kind, key)
            for table, key in (("patients", "tenant_id"), ("tenants", "id"))
            for name, kind in (("tenant_rows", "permissive"), ("tenant_rows_only", "restrictive"))
        ),
        _policy("tenants", "rows_as_before", "permissive"),  # it had no row security: to others it stays open
        _granted("patients", "DELETE, INSERT, SELECT, UPDATE"),
        _granted("tenants", "SELECT, UPDATE"),
        _granted(SERIAL, "USAGE", "SEQUENCE "),
    ),
    insert=ADD_PATIENT,
    requirements=(
        Requirement("req-idempotente", BEYOND,
                    "La migración se puede ejecutar de nuevo: verifica la existencia antes de agregar.",
                    frozenset({Kind.SEVERAL_STATEMENTS}), LOSS | OBJECTS | {Kind.SCRIPT_FAILED}),
        Requirement("req-datos", BEYOND,
                    "No se pierden datos de pacientes existentes.", LOSS),
        Requirement("req-esquema", BEYOND,
                    "Las tablas quedan con las políticas y los permisos pedidos, se llegue como se llegue.",
                    NOT_AS_ASKED | OBJECTS | {Kind.SCHEMA_DIFFERS}),
        Requirement("req-bloqueo", BEYOND,
                    "Las tablas de las clínicas no quedan bloqueadas en producción, aunque sean muy grandes.", WAITING),
    ),
)  # fmt: skip
