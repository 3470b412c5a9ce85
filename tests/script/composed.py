"""Tables of patients composed from what a table can have: the axes of drift, drawn by Hypothesis as SQL statements.

Not every combination is one Postgres takes: what it refuses is left out when the table is built.
"""

from hypothesis import strategies as st

from steps.support.product import META_ADS
from tests.script.shapes import PARTITIONED, PLAIN
from tests.script.test_drift import FUNCTION

SHAPES = [
    PLAIN,
    PARTITIONED,
    (*PARTITIONED, "TRUNCATE patients"),
    ("CREATE TABLE patients (id int)",),
    ("CREATE UNLOGGED TABLE patients (tenant_id int, id bigint, full_name text)", "INSERT INTO patients VALUES (1, 1)"),
    (*PLAIN, "CREATE TABLE vip (points int) INHERITS (patients)", "CREATE TABLE top (x int) INHERITS (vip)"),
    ("CREATE TABLE people (id bigint, full_name text)", "CREATE TABLE patients (tenant_id int) INHERITS (people)"),
    (*PLAIN, "CREATE TABLE b (id bigint)", "CREATE TABLE vip () INHERITS (patients, b)", "INSERT INTO vip VALUES (1)"),
]
BESIDE = (
    FUNCTION,
    "CREATE FUNCTION immutable(text) RETURNS text IMMUTABLE LANGUAGE sql AS 'SELECT $1'",
    "CREATE DOMAIN origin AS varchar",
    "CREATE TYPE kind AS ENUM ('ORGANIC', 'META_ADS')",
    "CREATE TABLE ads (id text PRIMARY KEY)",
)
FREE = ["varchar", "text", "varchar(50)"]
ODD = ["char(20)", "name", "bigint", "jsonb", "origin", "kind", "varchar[]", "bytea", '"char"']
DEFAULTS = ["'ORGANIC'", "'organic'", "'ORGANIC'::text", "'WEB'", "upper('organic')", "NULL", "''", "current_user"]
GENERATED = [f"GENERATED ALWAYS AS {how}" for how in ("IDENTITY", "(id::text) STORED", "(id::text) VIRTUAL")]
AXES = [  # what may be said of a column when it is made
    st.sampled_from([*FREE * 6, *ODD]),
    st.sampled_from([""] * 20 + ['COLLATE "C"', 'COLLATE "default"', 'COLLATE "POSIX"']),
    st.sampled_from([""] * 8 + [f"DEFAULT {value}" for value in DEFAULTS] + GENERATED),
    st.sampled_from(["", "", "NOT NULL"]),
]
HUNG = [  # what may hang on a column, {c}, or {d}, another one
    "ALTER TABLE {t} ALTER {c} SET NOT NULL",
    "ALTER TABLE {t} ALTER {c} SET DEFAULT 'WEB'",
    "ALTER TABLE {t} ALTER {c} DROP DEFAULT",
    "ALTER TABLE {t} ALTER {c} SET STORAGE EXTERNAL",
    "ALTER TABLE {t} ALTER {c} SET STATISTICS 500",
    "ALTER TABLE {t} ALTER {c} SET (n_distinct = 7)",
    "COMMENT ON COLUMN {t}.{c} IS 'theirs'",
    "GRANT SELECT ({c}), UPDATE ({c}) ON {t} TO PUBLIC",
    "CREATE INDEX ON {t} ({c})",
    "CREATE INDEX ON {t} USING hash ({c})",
    "CREATE UNIQUE INDEX ON {t} (id, {c} varchar_pattern_ops)",
    'CREATE INDEX ON {t} ({c} COLLATE "C" DESC, {d})',
    "CREATE INDEX ON {t} (id) INCLUDE ({c}, {d})",
    "CREATE INDEX ON {t} (id) WHERE {c} = 'x'",
    "CREATE INDEX ON {t} (upper({c}::text))",
    "ALTER TABLE {t} ADD UNIQUE ({c})",
    "ALTER TABLE {t} ADD UNIQUE (tenant_id, id, {c}) DEFERRABLE",
    "ALTER TABLE {t} ADD PRIMARY KEY ({c})",
    *[
        "UPDATE {t} SET {c} = id; ALTER TABLE {t} ALTER {c} SET NOT NULL; CREATE UNIQUE INDEX identity ON {t} ({c}); "
        "ALTER TABLE {t} REPLICA IDENTITY USING INDEX identity, CLUSTER ON identity"
    ]
    * 3,
    "ALTER TABLE {t} REPLICA IDENTITY FULL",
    "ALTER TABLE {t} ADD EXCLUDE USING hash ({c} WITH =)",
    "ALTER TABLE {t} ADD CHECK ({c} IS DISTINCT FROM 'x')",
    "ALTER TABLE {t} ADD CHECK ({c} <> {d}) NOT VALID",
    "ALTER TABLE {t} ADD FOREIGN KEY ({c}) REFERENCES ads NOT VALID",
    "CREATE TABLE visits (ad varchar REFERENCES {t} ({c}))",
    "ALTER TABLE {t} ADD shout text GENERATED ALWAYS AS (immutable({c}::text)) STORED",
    "CREATE VIEW of_one AS SELECT {c} FROM {t}",
    "CREATE VIEW of_all AS SELECT * FROM {t}",
    "CREATE VIEW of_rows AS SELECT t FROM {t} t",
    "CREATE MATERIALIZED VIEW kept AS SELECT {d} FROM {t}",
    "CREATE RULE r AS ON INSERT TO {t} WHERE new.{c} = 'x' DO ALSO NOTHING",
    "CREATE POLICY p ON {t} USING ({c} = 'x')",
    "ALTER TABLE {t} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY",
    "CREATE TRIGGER u BEFORE UPDATE OF {c} ON {t} FOR EACH ROW EXECUTE FUNCTION tr()",
    "CREATE TRIGGER w BEFORE UPDATE ON {t} FOR EACH ROW WHEN (new.{c} <> 'x') EXECUTE FUNCTION tr()",
    "CREATE TRIGGER n AFTER INSERT ON {t} FOR EACH ROW EXECUTE FUNCTION tr()",
    "CREATE STATISTICS st ON {c}, id FROM {t}",
    "CREATE PUBLICATION pub FOR TABLE {t} (id, {c})",
    "CREATE PUBLICATION pub FOR TABLE {t} WHERE ({c} = 'x')",
    "CREATE PUBLICATION pub FOR ALL TABLES",
    "CREATE TABLE log (was {t})",
    "CREATE TABLE logs (were {t}[])",
    "CREATE TABLE copied (LIKE {t} INCLUDING ALL)",
    "CREATE FUNCTION f() RETURNS text LANGUAGE sql BEGIN ATOMIC SELECT {c}::text FROM {t}; END",
    "CREATE FUNCTION g({t}) RETURNS {t}.{c}%TYPE LANGUAGE sql AS 'SELECT $1.{c}'",
    "ALTER TABLE {t} DROP {d}",
    "UPDATE {t} SET {c} = 'ORGANIC'",
    "ANALYZE {t}",
]
TABLES = st.sampled_from(["patients"] * 6 + ["p1", "vip", "people", "p2a"])


@st.composite
def tables(draw: st.DrawFn, near: str = "") -> tuple[str, ...]:
    """The statements that make a table of patients: some of the five, as specified or not, and what hangs on them.

    Shapes and statements that have the text `near`, where any has: to search around something.
    """
    shapes = [shape for shape in SHAPES if near in " ".join(shape)] or SHAPES
    statements = [*draw(st.sampled_from(shapes)), *BESIDE]
    there = []
    for name in META_ADS.columns:
        how = draw(st.sampled_from(["absent", "absent", "right", "drifted", "drifted"]))
        if how != "absent":
            there.append(name)
            said = META_ADS.columns[name].definition if how == "right" else " ".join(filter(None, map(draw, AXES)))
            statements.append(f"ALTER TABLE {draw(TABLES)} ADD {name} {said}")
    hung = st.lists(
        st.tuples(
            st.sampled_from([what for what in HUNG if near in what] or HUNG), TABLES, st.permutations(there or ["id"])
        ),
        max_size=4,
    )
    return (*statements, *(what.format(t=t, c=names[0], d=names[-1]) for what, t, names in draw(hung)))
