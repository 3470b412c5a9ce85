"""Converge or refuse: by a catalogue change that rewrites nothing, or with nothing changed at all."""

import pytest

from steps.support.evidence.before_after import Evidence
from steps.support.postgres.database import Database
from steps.support.postgres.psql import run_file
from steps.support.postgres.server import Server
from steps.support.product import META_ADS
from tests.script.shapes import ALL_FIVE, PARTITIONED, PLAIN, UP, build, five, rows

FILES = """
SELECT c.oid::regclass::text, pg_relation_filenode(c.oid) FROM pg_class c
WHERE c.relnamespace = 'public'::regnamespace AND relkind IN ('r', 'm', 'i') ORDER BY 1
"""
FAMILY = "SELECT DISTINCT inhrelid::regclass::text FROM pg_inherits"
BROUGHT = ("BIGINT", "JSONB", "two at once", "CHAR(20)", "generated", "domain", "array", "indexed")


def add(definition: str) -> str:
    return f"ALTER TABLE patients ADD {definition}"


TEXT = add("acquisition_source text")
FUNCTION = "CREATE FUNCTION tr() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'"
CHILD = "CREATE TABLE vip (points int) INHERITS (patients)"

CONVERGES = {
    "nothing there": PLAIN,
    "all there": (*PLAIN, ALL_FIVE),
    "TEXT with values": (*PLAIN, TEXT, "UPDATE patients SET acquisition_source = 'META' WHERE id = 1"),
    "VARCHAR(50)": (*PLAIN, add("acquisition_source varchar(50) DEFAULT 'ORGANIC'")),
    "another default": (*PLAIN, add("acquisition_source varchar DEFAULT 'WEB'")),
    "a function for a default": (*PLAIN, add("acquisition_source varchar DEFAULT upper('organic')")),
    "needless NOT NULL": (*PLAIN, add("acquisition_source varchar NOT NULL DEFAULT 'ORGANIC'")),
    "VARCHAR for TEXT": (*PLAIN, add("meta_ad_headline varchar(255)"), add("meta_ad_body varchar DEFAULT ''")),
    "several at once": (
        *PLAIN, add("acquisition_source text NOT NULL DEFAULT 'WEB'"), add("meta_ad_id text"),
        add("meta_ad_body varchar"),
    ),
    "mixed-case neighbours": (*PLAIN, add('"Acquisition_Source" bigint'), add('"META_AD_ID" jsonb')),
    "dropped before": (*PLAIN, add("meta_ad_id bigint"), "ALTER TABLE patients DROP meta_ad_id"),
    "partitioned": PARTITIONED,
    "partitioned, TEXT": (*PARTITIONED, TEXT),
    "partitioned, NOT NULL": (*PARTITIONED, add("meta_ad_id varchar NOT NULL DEFAULT ''")),
    "inherited by a child": (*PLAIN, CHILD, "CREATE TABLE top (x int) INHERITS (vip)", TEXT),
    "a child has it already": (*PLAIN, "CREATE TABLE vip (meta_ad_id varchar) INHERITS (patients)"),
    "a child of people": ("CREATE TABLE people (id bigint)", "CREATE TABLE patients () INHERITS (people)"),
    "views, trigger, row security, generated column, publication": (
        *PLAIN, add("shout text GENERATED ALWAYS AS (upper(full_name)) STORED"),
        "CREATE VIEW v AS SELECT * FROM patients",
        "CREATE MATERIALIZED VIEW mv AS SELECT * FROM patients", "CREATE VIEW w AS SELECT p FROM patients p", FUNCTION,
        "CREATE TRIGGER t BEFORE UPDATE ON patients FOR EACH ROW EXECUTE FUNCTION tr()",
        "ALTER TABLE patients ENABLE ROW LEVEL SECURITY", "ALTER TABLE patients FORCE ROW LEVEL SECURITY",
        "CREATE POLICY p ON patients USING (tenant_id = 1)", "CREATE PUBLICATION pub FOR TABLE patients",
    ),
}  # fmt: skip

# What the refusal's DETAIL has to say, and since which Postgres there is such a thing.
REFUSED = {
    "BIGINT": ((*PLAIN, add("meta_ad_id bigint")), "meta_ad_id is bigint, wanted varchar: ALTER TABLE", 13),
    "JSONB": ((*PLAIN, add("meta_ad_body jsonb")), "meta_ad_body is jsonb, wanted text", 13),
    "two at once": ((*PLAIN, add("meta_ad_id bigint"), add("meta_ad_body jsonb")), "\nmeta_ad_body is jsonb", 13),
    "CHAR(20)": ((*PLAIN, add("meta_ad_id char(20)")), "character(20)", 13),
    "generated": ((*PLAIN, add("meta_ad_id varchar GENERATED ALWAYS AS (full_name) STORED")), "GENERATED", 13),
    "virtual": ((*PLAIN, add("meta_ad_id varchar GENERATED ALWAYS AS (full_name) VIRTUAL")), "GENERATED", 18),
    "identity": ((*PLAIN, add("meta_ad_id bigint GENERATED ALWAYS AS IDENTITY")), "bigint", 13),
    "collation": ((*PLAIN, add('meta_ad_id text COLLATE "C"')), "meta_ad_id is text", 13),
    "domain": ((*PLAIN, "CREATE DOMAIN origin AS varchar", add("acquisition_source origin")), "origin", 13),
    "array": ((*PLAIN, add("meta_ad_id varchar[]")), "character varying[]", 13),
    "under a view": ((*PLAIN, TEXT, "CREATE VIEW v AS SELECT acquisition_source FROM patients"), "view public.v", 13),
    "in a policy": ((*PLAIN, TEXT, "CREATE POLICY p ON patients USING (acquisition_source = 'x')"), "policy p", 13),
    "in a generated column": (
        (*PLAIN, TEXT, add("shout text GENERATED ALWAYS AS (upper(acquisition_source)) STORED")), "shout", 13,
    ),
    "in a trigger": (
        (*PLAIN, TEXT, FUNCTION, "CREATE TRIGGER t BEFORE UPDATE OF acquisition_source ON patients "
         "FOR EACH ROW EXECUTE FUNCTION tr()"), "trigger t", 13,
    ),
    "in a publication's filter": (
        (*PLAIN, TEXT, "CREATE PUBLICATION pub FOR TABLE patients WHERE (acquisition_source = 'x')"), "publication", 15,
    ),
    "with a CHECK": ((*PLAIN, add("acquisition_source text CHECK (acquisition_source <> '')")), "constraint", 13),
    "indexed": ((*PLAIN, TEXT, "CREATE INDEX i ON patients (acquisition_source)"), "used by index public.i: ALTER", 13),
    "unique": ((*PLAIN, add("meta_ad_id text UNIQUE")), "constraint", 13),
    "in extended statistics": (
        (*PLAIN, TEXT, "CREATE STATISTICS st ON tenant_id, acquisition_source FROM patients"), "statistics", 13,
    ),
    "a foreign key": (
        (*PLAIN, "CREATE TABLE ads (id text PRIMARY KEY)", add("meta_ad_id text REFERENCES ads")), "constraint", 13,
    ),
    "in the primary key": (
        ("CREATE TABLE patients (id bigint, meta_ad_id varchar, PRIMARY KEY (id, meta_ad_id))",), "patients_pkey", 13,
    ),
}  # fmt: skip

# Rare shapes that are Postgres's own to refuse.
BY_POSTGRES = {
    "its row type in a column of another": (*PLAIN, TEXT, "CREATE TABLE log (was patients)"),
    "the partition key": (
        "CREATE TABLE patients (id bigint, acquisition_source text) PARTITION BY LIST (acquisition_source)",
    ),
    "another type in a child": (*PLAIN, "CREATE TABLE vip (meta_ad_id bigint) INHERITS (patients)"),
    "inherited": ("CREATE TABLE people (id bigint, meta_ad_id text)", "CREATE TABLE patients () INHERITS (people)"),
}


@pytest.mark.parametrize("case", CONVERGES)
def test_what_can_be_brought_to_the_specification_is(case: str, empty_database: Database) -> None:
    build(empty_database, *CONVERGES[case])
    existing = ", ".join(five(empty_database)) or "1"
    values = rows(empty_database, f"SELECT {existing} FROM patients ORDER BY tableoid, ctid")
    files = rows(empty_database, FILES)

    outcome = run_file(empty_database, UP)

    assert outcome.succeeded, outcome.error()
    family = rows(
        empty_database, "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent <> to_regclass('people')"
    )
    for table in ["patients", *(table for (table,) in family if case != "a child of people")]:
        assert five(empty_database, table) == META_ADS.columns, table
    assert rows(empty_database, f"SELECT {existing} FROM patients ORDER BY tableoid, ctid") == values
    assert rows(empty_database, FILES) == files, "rewritten"
    again = run_file(empty_database, UP)
    assert again.succeeded, again.error()
    assert "nothing to do" in again.notices[-1]


@pytest.mark.parametrize("case", [*REFUSED, *BY_POSTGRES])
def test_what_cannot_is_refused_with_nothing_changed(case: str, empty_database: Database, server: Server) -> None:
    setup, said, since = REFUSED.get(case) or (BY_POSTGRES[case], "", 13)
    if server.major < since:
        pytest.skip(f"Postgres {server.major} has no such thing")
    build(empty_database, *setup)
    before = Evidence.take(empty_database, empty_database)

    outcome = run_file(empty_database, UP)

    assert not outcome.succeeded
    if said:
        assert outcome.sqlstate == "42804", outcome.error()
        assert outcome.detail.startswith("Nothing was changed.\n")
        assert said in outcome.detail
        assert outcome.hint
    assert not before.changed_structure(empty_database)


@pytest.mark.parametrize(
    "case", ["BIGINT", "JSONB", "two at once", "CHAR(20)", "generated", "domain", "array", "indexed"]
)
def test_the_alter_of_the_detail_brings_the_column(case: str, empty_database: Database) -> None:
    build(empty_database, *REFUSED[case][0])
    detail = run_file(empty_database, UP).detail
    build(empty_database, *(line.partition(": ")[2] for line in detail.splitlines()[1:]))
    outcome = run_file(empty_database, UP)
    assert outcome.succeeded, outcome.error()
    assert five(empty_database) == META_ADS.columns
