"""No word of a row gets out, whatever a candidate or the snapshot does with it: every output is searched."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from steps.support.postgres.database import Database
from steps.support.postgres.outcome import Outcome, discreet
from steps.support.postgres.pool import Pool
from steps.support.postgres.server import Server
from steps.support.product import META_ADS
from steps.support.redaction import redacted
from tests.rehearsal.snapshots import dump
from tests.rehearsal.test_rehearsal import CANDIDATE
from tests.running import address, behave

CANARY = "Zulma"  # in every row, in every way
PLACES = f"""
CREATE TYPE mood AS ENUM ('{CANARY} enum', 'b');
ALTER TABLE patients ADD COLUMN mood mood DEFAULT '{CANARY} enum', ADD COLUMN extra jsonb;
UPDATE patients SET first_name = '{CANARY}' || id, extra = '{{"{CANARY} key": "{CANARY} (mama) Perez\\nx"}}';
ALTER TABLE patients ADD CONSTRAINT c CHECK (first_name <> '{CANARY} check');
COMMENT ON COLUMN patients.mood IS '{CANARY} comment';
CREATE FUNCTION f() RETURNS text LANGUAGE sql AS $$ SELECT '{CANARY} body' $$;
CREATE VIEW v AS SELECT '{CANARY} view' AS x;
CREATE TABLE parts (x text) PARTITION BY LIST (x);
CREATE TABLE parts_1 PARTITION OF parts FOR VALUES IN ('{CANARY} bound');
"""
NAME = "(SELECT first_name FROM public.patients ORDER BY id LIMIT 1)"
HARMS = [
    f"RAISE EXCEPTION USING MESSAGE = {NAME}, ERRCODE = 'MA001'",
    *(
        f"RAISE EXCEPTION USING MESSAGE = {NAME}, DETAIL = {NAME}, HINT = {NAME}, ERRCODE = '{code}'"
        for code in ("42804", "55P03", "42501", "57014", "P0004", "40001")
    ),
    f"RAISE NOTICE '%', {NAME}",
    "PERFORM first_name::int FROM public.patients",
    "UPDATE public.patients SET extra = extra - 'x', mood = first_name::mood",
    "UPDATE public.patients SET first_name = 'Zulma2' WHERE id = 1; "
    "ALTER TABLE public.patients ADD CONSTRAINT u UNIQUE (mood)",
    "ALTER TABLE public.patients ADD CHECK (first_name <> first_name)",
    "; ".join(
        f"EXECUTE format('{made}', {NAME})"
        for made in (
            "ALTER TABLE public.patients ALTER meta_ad_id SET DEFAULT %L",
            "ALTER TABLE public.patients ADD %I int",
            "ALTER TABLE public.patients RENAME CONSTRAINT c TO %I",
            "COMMENT ON TABLE public.patients IS %L",
            "CREATE TABLE public.%I AS SELECT 1 AS a",
            "CREATE FUNCTION public.%I() RETURNS int LANGUAGE sql AS $f$SELECT 1$f$",
            "CREATE SCHEMA %I",
        )
    ),
    f"EXECUTE format('CREATE TYPE public.%I AS ENUM ()', {NAME}); "
    f"EXECUTE format('ALTER TABLE public.patients DROP meta_ad_body, ADD meta_ad_body public.%I', {NAME})",
    f"EXECUTE format('DROP TABLE public.%I', {NAME})",
    f"EXECUTE format('SELECT %I FROM public.patients', {NAME})",
    f"EXECUTE format('SELECT 1 %s', {NAME})",
    f"EXECUTE format('SET ROLE %I', {NAME})",
    f"PERFORM set_config('application_name', {NAME}, false), pg_terminate_backend(pg_backend_pid())",
    "ALTER TYPE public.mood RENAME VALUE 'b' TO 'Zulma'; DROP VIEW public.v; DROP TABLE public.parts",
]


@pytest.fixture(scope="module")
def planted(source: Database, server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A dump with the word in every place that data can be in."""
    pool = Pool(server)
    database = pool.clone(source, "planted")
    with database.connect() as connection:
        connection.exec_driver_sql(PLACES, execution_options={"no_parameters": True})
    yield dump(database, tmp_path_factory.mktemp("planted"), "custom.dump")
    pool.drop_all(but=set())


def outputs(snapshot: Path, script: Path, folder: Path, server: Server) -> str:
    """Everything a rehearsal of the script leaves for anybody to read."""
    temporary = folder / "tmp"
    temporary.mkdir(parents=True)
    done = behave(
        "-D", f"postgres={address(server)}", "-D", f"snapshot={snapshot}", "-D", f"migration={script}", "-D",
        "keep=failed", "--junit", "--junit-directory", str(folder / "junit"), "-f", "informe", "-o",
        str(folder / "informe.html"), "-f", "json", "-o", str(folder / "run.json"), "-f", "consola", "-f", "github",
        GITHUB_ACTIONS="true", GITHUB_STEP_SUMMARY=str(folder / "summary.md"), TMPDIR=str(temporary),
    )  # fmt: skip
    left = [path.read_text(encoding="utf-8") for path in folder.rglob("*") if path.is_file() and path != script]
    assert "Traceback" not in done.stdout + done.stderr
    return "\n".join([done.stdout, done.stderr, *left])


@pytest.fixture(autouse=True)
def _drop_what_is_kept(server: Server) -> Iterator[None]:
    yield
    with Database(server.url).connect() as connection:
        kept = (
            "SELECT datname FROM pg_database d JOIN pg_roles r ON r.oid = datdba WHERE rolname LIKE 'acceptance%%guest'"
        )
        for name in connection.exec_driver_sql(kept).scalars().all():
            connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.mark.parametrize("harm", HARMS, ids=range(len(HARMS)))
def test_whatever_a_candidate_does(harm: str, planted: Path, tmp_path: Path, server: Server) -> None:
    script = tmp_path / "harm.sql"
    script.write_text(CANDIDATE.read_text().replace("    END IF;", f"    {harm};\n    END IF;"))
    said = outputs(planted, script, tmp_path, server)
    assert "VEREDICTO: " in said
    assert CANARY.lower() not in said.lower(), [line for line in said.splitlines() if CANARY.lower() in line.lower()][
        :3
    ]


def test_psqls_own_way_to_say_something(planted: Path, tmp_path: Path, server: Server) -> None:
    script = tmp_path / "harm.sql"
    script.write_text(
        "SELECT first_name AS x FROM public.patients LIMIT 1 \\gset\n\\warn :x\n\\echo :x\nSELECT :x;\n\\i :x\n"
    )
    assert CANARY.lower() not in outputs(planted, script, tmp_path, server).lower()


@pytest.mark.parametrize(
    ("made", "said"),
    [
        *(
            (
                "CREATE FUNCTION shout() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION "
                f"'{CANARY} %', (SELECT first_name FROM public.patients LIMIT 1) USING ERRCODE = '{code}'; END $$; "
                "CREATE EVENT TRIGGER shout ON ddl_command_end WHEN TAG IN ('ALTER TABLE') EXECUTE FUNCTION shout()",
                told,
            )
            for code, told in (("42501", "42501"), ("42701", "40001"))
        ),
        (f"ALTER TABLE patients ALTER meta_ad_id SET DEFAULT '{CANARY}'", "se puede migrar"),
        (
            f"ALTER TABLE patients ALTER meta_ad_id SET DEFAULT 'O''{CANARY} x'; "
            "CREATE VIEW uses AS SELECT meta_ad_id FROM patients",
            "public.patients.meta_ad_id is",
        ),
    ],
    ids=["42501", "42701", "default", "default under a view"],
)
def test_our_own_script_hands_nothing_on(
    made: str, said: str, source: Database, server: Server, tmp_path: Path
) -> None:
    pool = Pool(server)
    database = pool.clone(source, "triggered")
    with database.connect() as connection:
        connection.exec_driver_sql(made, execution_options={"no_parameters": True})
    path = dump(database, tmp_path, "plain.sql")
    pool.drop_all(but=set())
    told = outputs(path, META_ADS.script, tmp_path / "out", server)
    assert CANARY not in told
    assert said in told


@pytest.mark.parametrize(
    "text",
    [
        "DETAIL:  Failing row contains (7, Ana\nMaría (mama), x).\nHINT",
        "Key (first_name)=(Ana (mama) Perez) already exists.",
        "Key (lower(first_name::text), x)=(Ana\nPerez, (a) b) is not present in table \"t\".",
        "Key (first_name)=(Ana (mama) Perez) conflicts with existing key (first_name)=(Ana)",
        "[SQL: SELECT 1]\n[parameters: {'first_name': 'Ana ]\nPerez'}]",
    ],
)  # fmt: skip
def test_quoted_rows_are_taken_out_whole(text: str) -> None:
    for word in ("Ana", "mama", "Perez", "María"):
        assert word not in redacted(text)


def test_what_may_be_shown_is_a_list() -> None:
    def outcome(code: str, location: str, context: str = "") -> Outcome:
        return Outcome(False, code, CANARY, CANARY, CANARY, context=context, location=location)

    own = "PL/pgSQL function inline_code_block line 7 at RAISE"
    assert discreet(outcome("42804", "exec_stmt_raise, pl_exec.c:1", own), ours=True).message == CANARY
    assert discreet(outcome("55P03", "ProcessInterrupts, postgres.c:1")).message == CANARY
    for hidden in (
        discreet(outcome("42804", "exec_stmt_raise, pl_exec.c:1", own)),
        discreet(outcome("55P03", "exec_stmt_raise, pl_exec.c:1")),
        discreet(outcome("55P03", "plperl_elog, plperl.c:1")),
        discreet(outcome("55P03", "")),
        discreet(outcome("42P01", "parserOpenTable, parse_relation.c:1")),
        discreet(outcome("42501", "exec_stmt_raise, pl_exec.c:1", f"PL/pgSQL function f() line 1 at RAISE\n{own}"),
                      ours=True),
        discreet(outcome("", "")),
    ):  # fmt: skip
        assert CANARY not in str(hidden)
