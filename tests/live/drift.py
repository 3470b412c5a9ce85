"""Columns that are there already: which the script brings to the specification, and which it must refuse."""

from dataclasses import dataclass

from tests.live.shapes import ALL_FIVE, PARTITIONED, PLAIN


@dataclass(frozen=True)
class Drift:
    """A table as found. `said` is what the refusal's DETAIL must contain; empty where the table converges."""

    name: str
    setup: tuple[str, ...]
    said: str = ""
    since: int = 13


def add(definition: str) -> str:
    return f"ALTER TABLE patients ADD {definition}"


FUNCTION = "CREATE FUNCTION tr() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'"
TEXT = add("acquisition_source text")

CONVERGES = [
    Drift("nothing there", PLAIN),
    Drift("all there", (*PLAIN, ALL_FIVE)),
    Drift("TEXT without default", (*PLAIN, TEXT, "UPDATE patients SET acquisition_source = 'META' WHERE id = 1")),
    Drift("TEXT with default", (*PLAIN, add("acquisition_source text DEFAULT 'ORGANIC'"))),
    Drift("VARCHAR(50)", (*PLAIN, add("acquisition_source varchar(50) DEFAULT 'ORGANIC'"))),
    Drift("another default", (*PLAIN, add("acquisition_source varchar DEFAULT 'WEB'"))),
    Drift("a function for a default", (*PLAIN, add("acquisition_source varchar DEFAULT upper('organic')"))),
    Drift("needless NOT NULL", (*PLAIN, add("acquisition_source varchar NOT NULL DEFAULT 'ORGANIC'"))),
    Drift("unwanted default", (*PLAIN, add("meta_ad_id varchar DEFAULT 'x'"))),
    Drift("VARCHAR for TEXT", (*PLAIN, add("meta_ad_headline varchar(255)"), add("meta_ad_body varchar DEFAULT ''"))),
    Drift(
        "everything at once",
        (
            *PLAIN, add("acquisition_source text NOT NULL DEFAULT 'WEB'"), add("meta_ad_id text"),
            add("meta_ad_body varchar"),
        ),
    ),
    Drift(
        "TEXT with plain indexes",
        (
            *PLAIN, TEXT, "CREATE INDEX ON patients (acquisition_source)",
            "CREATE INDEX ON patients (tenant_id) INCLUDE (acquisition_source)",
            "CREATE UNIQUE INDEX ON patients (id, acquisition_source varchar_pattern_ops)",
            "CREATE INDEX ON patients USING hash (acquisition_source)",
        ),
    ),
    Drift("TEXT with a unique constraint", (*PLAIN, add("meta_ad_id text UNIQUE"))),
    Drift(
        "a default changes under a view",
        (
            *PLAIN, add("acquisition_source varchar DEFAULT 'WEB'"),
            "CREATE VIEW v AS SELECT acquisition_source FROM patients",
        ),
    ),
    Drift("mixed-case neighbours", (*PLAIN, add('"Acquisition_Source" bigint'), add('"META_AD_ID" jsonb'))),
    Drift("dropped before", (*PLAIN, add("meta_ad_id bigint"), "ALTER TABLE patients DROP meta_ad_id")),
    Drift("no toast table", ("CREATE TABLE patients (id int)",)),
    Drift("partitioned", PARTITIONED),
    Drift(
        "partitioned, another default in one partition",
        (*PARTITIONED, ALL_FIVE, "ALTER TABLE p1 ALTER acquisition_source SET DEFAULT 'WEB'"),
    ),
    Drift("partitioned, TEXT", (*PARTITIONED, TEXT)),
    Drift("partitioned, NOT NULL", (*PARTITIONED, add("meta_ad_id varchar NOT NULL DEFAULT ''"))),
    Drift("inherited by a child", (*PLAIN, "CREATE TABLE vip (points int) INHERITS (patients)")),
    Drift("a child has it already", (*PLAIN, "CREATE TABLE vip (meta_ad_id varchar) INHERITS (patients)")),
    Drift("a child of people", ("CREATE TABLE people (id bigint)", "CREATE TABLE patients () INHERITS (people)")),
    Drift(
        "views, trigger, row security, generated column, publication",
        (
            *PLAIN, add("shout text GENERATED ALWAYS AS (upper(full_name)) STORED"),
            "CREATE VIEW v AS SELECT * FROM patients", "CREATE MATERIALIZED VIEW mv AS SELECT * FROM patients",
            FUNCTION, "CREATE TRIGGER t BEFORE UPDATE ON patients FOR EACH ROW EXECUTE FUNCTION tr()",
            "ALTER TABLE patients ENABLE ROW LEVEL SECURITY", "ALTER TABLE patients FORCE ROW LEVEL SECURITY",
            "CREATE POLICY p ON patients USING (tenant_id = 1)", "CREATE PUBLICATION pub FOR TABLE patients",
        ),
    ),
    Drift(
        "a generated column of theirs, and a child's child",
        (
            *PLAIN, "CREATE TABLE vip (points int) INHERITS (patients)", "CREATE TABLE top (x int) INHERITS (vip)",
            TEXT, add("shout text GENERATED ALWAYS AS (upper(full_name)) STORED"),
        ),
    ),
    Drift("a view of its rows", (*PLAIN, "CREATE VIEW v AS SELECT p FROM patients p")),
    Drift("its row type in a column of another", (*PLAIN, ALL_FIVE, "CREATE TABLE log (was patients)")),
    Drift("referenced by a foreign key", (*PLAIN, "CREATE TABLE visits (patient bigint REFERENCES patients)", TEXT)),
    Drift("a CHECK of theirs", (*PLAIN, ALL_FIVE, "ALTER TABLE patients ADD CHECK (acquisition_source IS NOT NULL)")),
]  # fmt: skip

REFUSED = [
    Drift("BIGINT", (*PLAIN, add("meta_ad_id bigint")), "bigint, expected character varying"),
    Drift("JSONB", (*PLAIN, add("meta_ad_body jsonb")), "jsonb, expected text"),
    Drift("two at once", (*PLAIN, add("meta_ad_id bigint"), add("meta_ad_body jsonb")), "2 of 5"),
    Drift("CHAR(20)", (*PLAIN, add("meta_ad_id char(20)")), "character(20)"),
    Drift("generated", (*PLAIN, add("meta_ad_id varchar GENERATED ALWAYS AS (upper(full_name)) STORED")), "GENERATED"),
    Drift("virtual", (*PLAIN, add("meta_ad_id varchar GENERATED ALWAYS AS (full_name) VIRTUAL")), "GENERATED", 18),
    Drift("identity", (*PLAIN, add("meta_ad_id bigint GENERATED ALWAYS AS IDENTITY")), "IDENTITY"),
    Drift("collation", (*PLAIN, add('meta_ad_id varchar COLLATE "C"')), "COLLATE"),
    Drift("domain", (*PLAIN, "CREATE DOMAIN origin AS varchar", add("acquisition_source origin")), "origin"),
    Drift("enum", (*PLAIN, "CREATE TYPE origin AS ENUM ('ORGANIC')", add("acquisition_source origin")), "origin"),
    Drift("array", (*PLAIN, add("meta_ad_id varchar[]")), "character varying[]"),
    Drift("under a view", (*PLAIN, TEXT, "CREATE VIEW v AS SELECT acquisition_source FROM patients"), "view public.v"),
    Drift(
        "under a materialized view",
        (*PLAIN, TEXT, "CREATE MATERIALIZED VIEW mv AS SELECT acquisition_source FROM patients"), "mv",
    ),
    Drift("in a policy", (*PLAIN, TEXT, "CREATE POLICY p ON patients USING (acquisition_source = 'x')"), "policy p"),
    Drift(
        "in a generated column",
        (*PLAIN, TEXT, add("shout text GENERATED ALWAYS AS (upper(acquisition_source)) STORED")), "shout",
    ),
    Drift(
        "in a trigger",
        (
            *PLAIN, TEXT, FUNCTION,
            "CREATE TRIGGER t BEFORE UPDATE OF acquisition_source ON patients FOR EACH ROW EXECUTE FUNCTION tr()",
        ),
        "trigger t",
    ),
    Drift(
        "in a publication's filter",
        (*PLAIN, TEXT, "CREATE PUBLICATION pub FOR TABLE patients WHERE (acquisition_source = 'x')"), "publication", 15,
    ),
    Drift("with a CHECK", (*PLAIN, add("acquisition_source text CHECK (acquisition_source <> '')")), "constraint"),
    Drift(
        "with a partial index",
        (*PLAIN, TEXT, "CREATE INDEX part ON patients (id) WHERE acquisition_source = 'x'"), "index public.part",
    ),
    Drift(
        "with an index on an expression",
        (*PLAIN, TEXT, "CREATE INDEX expr ON patients (upper(acquisition_source))"), "index public.expr",
    ),
    Drift(
        "in extended statistics",
        (*PLAIN, TEXT, "CREATE STATISTICS st ON tenant_id, acquisition_source FROM patients"), "statistics",
    ),
    Drift(
        "a foreign key",
        (*PLAIN, "CREATE TABLE ads (id text PRIMARY KEY)", add("meta_ad_id text REFERENCES ads")), "constraint",
    ),
    Drift("in a composite column", (*PLAIN, TEXT, "CREATE TABLE log (was patients)"), "log"),
    Drift("a new default, and a column of its rows", (*PLAIN, "CREATE TABLE log (was patients[])"), "table public.log"),
    Drift(
        "kept in its own way",
        (*PLAIN, add("meta_ad_body varchar"), "ALTER TABLE patients ALTER meta_ad_body SET STORAGE MAIN"),
        "STORAGE",
    ),
    Drift(
        "compressed in its own way", (*PLAIN, add("meta_ad_body varchar COMPRESSION pglz")), "STORAGE", 14,
    ),
    Drift(
        "in the primary key",
        ("CREATE TABLE patients (id bigint, meta_ad_id varchar, PRIMARY KEY (id, meta_ad_id))",), "key",
    ),
    Drift(
        "in the partition key",
        ("CREATE TABLE patients (id bigint, acquisition_source text) PARTITION BY LIST (acquisition_source)",),
        "acquisition_source",
    ),
    Drift("partitioned and indexed", (*PARTITIONED, TEXT, "CREATE INDEX ON patients (acquisition_source)"), "index"),
    Drift("different in a child", (*PLAIN, "CREATE TABLE vip (meta_ad_id bigint) INHERITS (patients)"), "vip"),
    Drift(
        "inherited",
        ("CREATE TABLE people (id bigint, meta_ad_id text)", "CREATE TABLE patients () INHERITS (people)"), "inherited",
    ),
    Drift(
        "NOT NULL in one partition",
        (*PARTITIONED, ALL_FIVE, "TRUNCATE patients", "ALTER TABLE p1 ALTER meta_ad_id SET NOT NULL"),
        "only this child",
    ),
]  # fmt: skip
