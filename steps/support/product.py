"""What is under acceptance: the migrations of this product, each declared once, and how it is called."""

from sqlalchemy.orm import Session

from orchestrator_service.db.settings import psycopg2_url
from steps.support import spanish
from steps.support.finding import LOSS, NOT_AS_ASKED, OBJECTS, WAITING, Kind
from steps.support.options import ROOT
from steps.support.runner import Acceptance
from steps.support.seeds import seed
from steps.support.subject import Column, Look, Model, Product, Requirement, Seeds, Subject
from steps.support.tenant_isolation import ADD_PATIENT, CLINIC, ISOLATION

FIRST = 1  # the clinic whose patients scenarios save

# Meta's ids are 18 digits or so: a spreadsheet shows them as 1,2E+17, and above 2^53 rounds what it keeps of them.
# A column of that name may be of any type.
_IDS = ("{0}::text !~ '^[0-9]{{15,20}}$'", "{0}::text ~* '^[0-9][.,][0-9]+e'", "{0}::text ~ '^[0-9]{{12,17}}000$'")

LOOKS = (
    Look(("tenant_id", "tenants"), ("(tenant_id::text IN (SELECT id::text FROM public.tenants)) IS NOT true",),
         "pacientes de una clínica que no existe: {}"),
    Look(("acquisition_source", "meta_ad_id"), ("acquisition_source::text = 'META_ADS' AND meta_ad_id IS NULL",),
         "pacientes META_ADS sin anuncio: {}"),
    Look(("acquisition_source", "meta_ad_id"),
         ("coalesce(acquisition_source::text, 'ORGANIC') = 'ORGANIC' AND meta_ad_id IS NOT NULL",),
         "pacientes con anuncio que son ORGANIC o no tienen origen: {}"),
    Look(("meta_campaign_id", "meta_ad_id"), ("meta_campaign_id::text = meta_ad_id::text",),
         "pacientes cuya campaña es el propio anuncio, porque no se averiguó todavía: {}"),
    *(
        Look((column,), tuple(one.format(column) for one in _IDS),
             f"{column}: valores que no son un id de Meta {{}} (en notación científica {{}}), y redondeados por una "
             "planilla, al parecer, {}")
        for column in ("meta_ad_id", "meta_campaign_id")
    ),
)  # fmt: skip

META_ADS = Subject(
    name="Meta Ads",
    script=ROOT / "migrations" / "01_meta_ads_columns.sql",
    revision="0002",
    previous="0001",
    table="patients",
    rows="pacientes",
    tenant=CLINIC,
    columns={
        "acquisition_source": Column("VARCHAR", default="ORGANIC"),
        "meta_campaign_id": Column("VARCHAR"),
        "meta_ad_id": Column("VARCHAR"),
        "meta_ad_headline": Column("TEXT"),
        "meta_ad_body": Column("TEXT"),
    },
    insert=ADD_PATIENT,
    values={
        "acquisition_source": "(ARRAY['META_ADS', 'REFERRAL', NULL])[id % 3 + 1]",
        "meta_campaign_id": "'12020846673113' || id",
        "meta_ad_id": "'12020846673114' || id",
        "meta_ad_headline": "'Sonrisa nueva 🦷'",
        "meta_ad_body": r"E'Turnos hoy\nEscribinos'",
    },
    may_lose="drop_attribution=yes",
    model=Model(
        required={"tenant_id": FIRST, "phone_number": "+5491199999999", "first_name": "Lucía"},
        session=Session,
    ),
    looks=LOOKS,
    requirements=(
        Requirement("req-columnas", "2. Requerimientos técnicos",
                    "La tabla patients gana cinco columnas, con su tipo, su valor por defecto y opcionales.",
                    NOT_AS_ASKED | {Kind.ROWS_NOT_FILLED}),
        Requirement("req-idempotente", "2. Requerimientos técnicos",
                    "La migración se puede ejecutar de nuevo: verifica la existencia antes de agregar.",
                    frozenset({Kind.SEVERAL_STATEMENTS}), LOSS | OBJECTS | {Kind.SCRIPT_FAILED}),
        Requirement("req-modelo", "2. Requerimientos técnicos",
                    "El modelo Patient del servicio mapea las columnas nuevas.",
                    frozenset({Kind.SERVICE_FAILED, Kind.SCHEMA_DIFFERS})),
        Requirement("req-datos", "3. Criterios de aceptación",
                    "No se pierden datos de pacientes existentes.", LOSS),
        Requirement("req-persistencia", "3. Criterios de aceptación",
                    "Lo que se guarda de un paciente se persiste sin errores de esquema.",
                    frozenset({Kind.SAVE_FAILED, Kind.VALUE_WRONG})),
        Requirement("req-esquema", "4. Esquema de datos",
                    "La tabla queda con el esquema especificado, se llegue como se llegue.",
                    NOT_AS_ASKED | OBJECTS | {Kind.SCHEMA_DIFFERS, Kind.PENDING}),
        Requirement("req-bloqueo", "5. Riesgos y mitigación",
                    "La tabla no queda bloqueada en producción, aunque patients sea muy grande.", WAITING),
        Requirement("req-soberania", "6. Compliance SDD v2.0",
                    "Las columnas son propias de cada clínica: al navegar patients siempre se filtra por tenant_id.",
                    frozenset({Kind.LEAKED})),
    ),
)  # fmt: skip

PRODUCT = Product(
    title="Atribución de Meta Ads",
    subjects=(META_ADS, ISOLATION),
    seeds=Seeds(
        "patients",
        fewest=16,
        most=1_000_000,
        default=120,
        tables=lambda database, _: seed.tables(database),
        fill=seed.fill,
    ),
    alembic=ROOT / "pyproject.toml",
    address=psycopg2_url,
)
spanish.ROWS[META_ADS.table] = ("paciente", "pacientes")


class Run(Acceptance):
    """behave's runner for it; behave.ini names this class."""

    PRODUCT = PRODUCT
