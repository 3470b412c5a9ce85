"""However a rehearsal ends, nothing of it runs on, and no word of the copy is in an output, a log or a file left."""

import os
import re
import signal
from contextlib import suppress
from itertools import count
from pathlib import Path

import psycopg2
import pytest

from steps.support.waiting import wait_until
from tests.rehearsal.small import correct, text
from tests.running import servers_in, started

numbers = count(1)
# A place a line where data can be, or code that came with them says it.
PLACES = r"""
CREATE TYPE public.mood AS ENUM ('#', '#');
CREATE DOMAIN public.word AS text DEFAULT '#' CHECK (VALUE <> '#');
CREATE TABLE public.seen (word text PRIMARY KEY, more jsonb DEFAULT '{"#": "#"}', list text[] DEFAULT '{#}', raw bytea DEFAULT '#', x xml);
INSERT INTO public.seen (word) VALUES ('#'), ('# (mama) #'), (E'#\\n#'), ('{"#": 1}');
CREATE TABLE public.parts (x text) PARTITION BY LIST (x);
CREATE TABLE public.parts_1 PARTITION OF public.parts FOR VALUES IN ('#');
CREATE TABLE public.made (a text, b text GENERATED ALWAYS AS (a || '#') STORED);
INSERT INTO public.made VALUES ('#');
CREATE VIEW public.v AS SELECT '#' AS x;
CREATE MATERIALIZED VIEW public.mv AS SELECT '#' || word AS x FROM public.seen;
CREATE FUNCTION public.says(text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN RAISE '#%', $1 USING DETAIL = '#', HINT = '#'; END $$;
CREATE FUNCTION public.warns(text) RETURNS bool LANGUAGE plpgsql AS $$ BEGIN RAISE WARNING '#%', $1; RETURN true; END $$;
CREATE RULE r AS ON INSERT TO public.v DO INSTEAD INSERT INTO public.seen VALUES ('#');
CREATE TRIGGER t AFTER UPDATE ON public.seen FOR EACH ROW WHEN (new.word <> '#') EXECUTE FUNCTION suppress_redundant_updates_trigger('#');
CREATE INDEX half ON public.seen (word) WHERE (word <> '#');
CREATE POLICY p ON public.seen USING (word = '#');
COMMENT ON TABLE public.seen IS '#';
COMMENT ON COLUMN public.seen.word IS '#';
COMMENT ON INDEX public.half IS '#';
COMMENT ON FUNCTION public.says(text) IS '#';
COMMENT ON SCHEMA public IS '#';
COMMENT ON TYPE public.mood IS '#';
COMMENT ON DOMAIN public.word IS '#';
COMMENT ON VIEW public.v IS '#';
COMMENT ON POLICY p ON public.seen IS '#';
COMMENT ON RULE r ON public.v IS '#';
COMMENT ON COLUMN public.patients.id IS '#';
COMMENT ON CONSTRAINT patients_pkey ON public.patients IS '#';
ALTER TABLE public.seen ADD CONSTRAINT c CHECK (word <> '#');
ALTER TABLE public.patients ADD CONSTRAINT d CHECK (public.warns(first_name || '#'));
ALTER TABLE public.seen ADD UNIQUE (list);
SELECT '#'::int;
SELECT public.says('#');
SELECT nothing('#');
INSERT INTO public.nothing VALUES ('#');
CREATE TABLE public.failed AS SELECT public.says('#') AS x;
CREATE INDEX failed ON public.seen (public.says(word));
CREATE VIEW public.failed AS SELECT '#' FROM nothing;
DO $$ BEGIN RAISE NOTICE '#'; RAISE EXCEPTION '#'; END $$;
COPY public.nothing (x) FROM stdin;
#
\.
COPY public.tenants (id, clinic_name) FROM stdin;
#	#
\.
\echo #
\warn #
CREATE SERVER s FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '#');
SECURITY LABEL ON TABLE public.seen IS '#';
ALTER DATABASE nothing SET my.word = '#';
SELECT lo_from_bytea(0, '#');
LOCK TABLE # IN SHARE MODE;
"""  # noqa: E501
DUMP = text(re.sub("#", lambda _: f"Zulma{next(numbers):02}", PLACES))
NAME = "(SELECT first_name FROM public.patients ORDER BY id LIMIT 1)"
SAYS = f"""RAISE NOTICE '%', {NAME};
    EXECUTE format('CREATE TABLE public.%I AS SELECT 1 AS a', {NAME});
    EXECUTE format('ALTER TABLE public.patients ADD %I int, ALTER meta_ad_id SET DEFAULT %L', {NAME}, {NAME});
    EXECUTE format('COMMENT ON TABLE public.patients IS %L', {NAME});
    UPDATE public.patients SET first_name = first_name || 'x'; DELETE FROM public.seen;"""
ENDINGS = {
    "success": ("", None, "VEREDICTO: se puede migrar"),
    "refusal": (correct(SAYS), None, "VEREDICTO: no se puede migrar"),
    "its own error": (correct(f"RAISE USING MESSAGE = {NAME}, DETAIL = {NAME}, ERRCODE = '55P03';"), None, "se negó"),
    "psql's words": (f"SELECT {NAME} AS x \\gset\n\\warn :x\n\\echo :x\nSELECT :x;\n", None, "VEREDICTO: no se puede"),
    "crash": (correct("PERFORM pg_sleep(60);"), signal.SIGQUIT, "incompleto"),
    "INT": (correct("PERFORM pg_sleep(60);"), signal.SIGINT, "el ensayo se interrumpió"),
    "TERM": (correct("PERFORM pg_sleep(60);"), signal.SIGTERM, "el ensayo se interrumpió"),
    "HUP": (correct("PERFORM pg_sleep(60);"), signal.SIGHUP, "el ensayo se interrumpió"),
    "INT while it is restored": ("restoring", signal.SIGINT, "Interrupted"),
    "HUP while it is restored": ("restoring", signal.SIGHUP, "Interrupted"),
}  # fmt: skip


def asleep(runtime: Path) -> bool:
    """Whether a statement of the run's server sleeps."""
    with suppress(psycopg2.OperationalError, IndexError):
        host = next(iter(runtime.glob("acceptance-pg-*/.s.PGSQL.5432")), runtime).parent
        connection = psycopg2.connect(host=host, user="postgres", dbname="postgres")
        with connection, connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'")
            return bool(cursor.fetchall())
    return False


def written(folder: Path) -> str:
    """What the run has written, but for the database itself."""
    files = [path for path in folder.rglob("*") if path.is_file() and "given" not in path.parts]
    outside = [path for path in files if "data" not in path.parts or path.name == "log"]
    return "\n".join(path.read_text(encoding="utf-8", errors="replace") for path in outside)


@pytest.mark.parametrize("ending", ENDINGS)
def test_no_word_gets_out(ending: str, runtime: Path) -> None:
    script, number, said = ENDINGS[ending]
    (runtime / "given").mkdir()
    dump, candidate = runtime / "given" / "dump.sql", runtime / "given" / "script.sql"
    restoring = script == "restoring"
    dump.write_text(DUMP.replace("LOCK TABLE", "SELECT pg_sleep(60);\nLOCK TABLE") if restoring else DUMP)
    candidate.write_text(correct() if restoring or not script else script)
    options = [
        "-D", "postgres=embedded", "-D", f"snapshot={dump}", "-D", f"migration={candidate}",
        "--junit", "--junit-directory", str(runtime / "junit"),
        "-f", "informe", "-o", str(runtime / "i.html"), "-f", "consola", "-f", "github",
    ]  # fmt: skip
    summary = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(runtime / "summary.md")}
    with started(runtime / "out", *options, runtime=runtime, **summary) as run:
        if number:
            wait_until(lambda: asleep(runtime), "what sleeps", 60)
            (postmaster,) = runtime.glob("acceptance-pg-*/data/postmaster.pid")
            os.kill(int(postmaster.read_text().split()[0]) if ending == "crash" else run.pid, number)
        code = run.wait(60)
    told = written(runtime)
    assert said in told
    assert code == (0 if ending == "success" else 1)
    assert not re.search("Zulma|Traceback", told), [line for line in told.splitlines() if "Zulma" in line][:3]
    assert servers_in(runtime) == []
    assert list(runtime.glob("acceptance-*")) == []


def test_there_are_sixty_words() -> None:
    assert next(numbers) > 60, "and not fewer"
