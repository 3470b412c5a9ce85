"""What was found from outside, each by a small dump or script: its number, what is rehearsed, what is said."""

import re
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from steps.support.postgres.server import Server
from tests.rehearsal.small import BEGIN, END, ROWS, TABLES, correct, text
from tests.running import address, behave

TRAP = "TRAP"  # in a dump or script: a file that only a superuser can have the server make
EVENT_TRIGGER = """CREATE TABLE public.log (tag text);
CREATE FUNCTION public.on_ddl() RETURNS event_trigger LANGUAGE plpgsql AS $$
BEGIN INSERT INTO public.log VALUES (tg_tag); END $$;
CREATE EVENT TRIGGER audit ON ddl_command_end EXECUTE FUNCTION public.on_ddl();
"""
TAKES_OVER = f"""CREATE FUNCTION public.format(text, name) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user) THEN
        COPY (SELECT 1) TO PROGRAM 'touch {TRAP}';
    END IF;
    RETURN pg_catalog.format($1, $2);
END $$;
"""
READS = """CREATE FUNCTION public.reads() RETURNS event_trigger LANGUAGE plpgsql AS $$
BEGIN PERFORM count(*) FROM public.patients; END $$;
CREATE EVENT TRIGGER reads ON ddl_command_end EXECUTE FUNCTION public.reads();
"""
VERSION = """CREATE TABLE public.alembic_version (version_num varchar(32) NOT NULL);
INSERT INTO public.alembic_version VALUES ('0001');
"""
OFFLINE = f"BEGIN;\n{correct()}UPDATE alembic_version SET version_num = '0002' WHERE version_num = '0001';\nCOMMIT;\n"
KEYS = TABLES.replace("id integer NOT NULL", "id integer PRIMARY KEY").replace(
    "tenant_id integer", "tenant_id integer REFERENCES public.tenants"
)
CHILDREN = "\n".join(f"COPY public.{one}" for one in reversed(ROWS.split("COPY public.")[1:]))
OURS = "meta_ad_id character varying DEFAULT ''::character varying NOT NULL"
NEW = TABLES.replace("phone_number", f"{OURS}, phone_number")
RELAXED = correct().replace(
    "ADD COLUMN meta_ad_id varchar", "ALTER meta_ad_id DROP NOT NULL, ALTER meta_ad_id DROP DEFAULT"
)
IDENTITY = """CREATE UNIQUE INDEX by_phone ON public.patients (phone_number, id);
ALTER TABLE public.patients ALTER phone_number SET NOT NULL;
ALTER TABLE public.patients REPLICA IDENTITY USING INDEX patients_pkey;
"""
RULE = """CREATE RULE r AS ON DELETE TO public.tenants DO ALSO NOTHING;
CREATE INDEX half ON public.patients ((id / 2));
"""
LIKE_OURS = """ALTER TABLE public.patients ADD meta_ad_id varchar, ADD acquisition_source varchar,
    ADD ad_id text, ADD campaign_id text, ADD first_touch_source text;
UPDATE public.patients SET meta_ad_id = id WHERE tenant_id = 1;
"""
MOVES = """CREATE TRIGGER m BEFORE UPDATE ON public.patients FOR EACH ROW EXECUTE FUNCTION public.moddatetime('x');
"""
MODDATETIME = "CREATE EXTENSION moddatetime SCHEMA public;\n"
CITEXT = "CREATE EXTENSION IF NOT EXISTS citext WITH SCHEMA extensions;\n"
UNQUALIFIED = """CREATE FUNCTION public.f(bigint) RETURNS bigint IMMUTABLE LANGUAGE sql AS 'SELECT g($1)';
CREATE INDEX i ON public.patients (public.f(id));
"""
FORCED = """ALTER TABLE public.patients ENABLE ROW LEVEL SECURITY;
ALTER TABLE ONLY public.patients FORCE ROW LEVEL SECURITY;
"""
SEEN = """CREATE TABLE public.seen (phone text PRIMARY KEY);
INSERT INTO public.seen VALUES ('+5491155550009');
"""
NOT_YET = r"patients has no rows once restored: COPY {} \(nombra filas que todavía no están\)"
QUOTED = re.sub(r"public\.(\w+)", r'"public"."\1"', text(tables=KEYS, rows=CHILDREN))
MOVED = TABLES.replace("public.patients", "core.patients")
VIEW = text(tables=MOVED + "CREATE VIEW public.patients AS SELECT 1;\n")
ACCEPTED, REFUSED = "VEREDICTO: se puede migrar: 4 pacientes de 2 clínicas", "VEREDICTO: no se puede migrar"
ONE = "VEREDICTO: se puede migrar: 4 pacientes de 1 clínica quedaron"


@dataclass(frozen=True)
class Case:
    """A row of what was found: its number, a dump, a script ('' as shipped), what is said and what is not."""

    row: str
    dump: str
    script: str = ""
    says: str = ACCEPTED
    not_said: str = "Traceback"
    encoding: str = "utf-8"
    options: tuple[str, ...] = ()
    environ: dict[str, str] = field(default_factory=dict)


CASES = [
    Case("1 a function takes a superuser's query over", text(TAKES_OVER + EVENT_TRIGGER), says=ACCEPTED),
    Case("3 libpq's environment", text(), options=("-D", "postgres=embedded"), environ={
        "PGPORT": "1", "PGHOSTADDR": "127.0.0.1", "PGSERVICE": "nope", "PGTARGETSESSIONATTRS": "read-only",
        "PGOPTIONS": "-c default_transaction_read_only=on", "PGCLIENTENCODING": "LATIN1", "PGSSLMODE": "require",
        "PGREQUIREAUTH": "scram-sha-256", "PGCHANNELBINDING": "require", "PGGSSENCMODE": "require"}),
    Case("4 replica identity", text(IDENTITY),
         correct("ALTER TABLE public.patients REPLICA IDENTITY USING INDEX by_phone;"), REFUSED),
    Case("4 a rule that fires", text(RULE), correct("ALTER TABLE public.tenants ENABLE ALWAYS RULE r;"), REFUSED),
    Case("4 statistics", text(RULE), correct("ALTER INDEX public.half ALTER COLUMN 1 SET STATISTICS 9;"), REFUSED),
    Case("5 a NOT NULL of our own column", text(tables=NEW), RELAXED),
    Case("6 what to look at before", text(LIKE_OURS),
         says="(?s)column ad_id: may hold .* campaign_id: .* first_touch_source: .*ORGANIC o no tienen origen: 2\n"),
    Case("6 a column of ours that is a number", text("ALTER TABLE public.patients ADD meta_ad_id bigint;\n"),
         says="se negó y no cambió nada.*meta_ad_id is bigint, wanted varchar"),
    Case("7 an extension that needs a superuser", text(MOVES, MODDATETIME + TABLES)),
    Case("7 an extension in a schema that no line makes",
         text(tables=CITEXT + TABLES.replace("first_name text", "first_name extensions.citext"))),
    Case("7 a type of an extension that is nowhere", says=r"CREATE EXTENSION IF NOT EXISTS hypo \(este servidor no lo",
         dump=text(tables=CITEXT.replace("citext", "hypo") + TABLES.replace("first_name text", "first_name e.hypo"))),
    Case("7 no function under an empty search_path", text(UNQUALIFIED), not_said="postgres=docker",
         says=r"no se restauró todo lo de patients: CREATE INDEX i ON public.patients \(nombra algo"),
    Case("7 forced row security", text(FORCED)),
    Case("9 its own transaction", text(), f"BEGIN;\n{correct()}COMMIT;\n"),
    Case("9 Alembic offline", text(VERSION), OFFLINE),
    Case("9 a comment", text(), f"{correct()}COMMENT ON COLUMN public.patients.meta_ad_id IS 'of Meta';\n"),
    Case("9 statistics", text(), f"{correct()}ANALYZE public.patients;\n"),
    Case("9 an event trigger that reads patients", text(READS)),
    Case("10 an error after a commit", text(), "ALTER TABLE public.patients ADD meta_ad_id varchar;\nSELECT 1 / 0;\n",
         "el script terminó con error y dejó cambios", "no cambió nada"),
    Case("10 a connection that breaks", text(), correct("PERFORM pg_terminate_backend(pg_backend_pid());"),
         "el script corrió y se cortó su conexión", "no llegó a"),
    Case("11 a key that is a person's number", text(), correct("DELETE FROM public.patients WHERE id = 30111224;"),
         f"{REFUSED}: se pierde 1 paciente", "30111224"),
    Case("11 a key that is a phone", text(SEEN), correct("DELETE FROM public.seen;"),
         f"{REFUSED}: se pierde 1 fila de seen", "#[0-9a-f]{6}"),
    Case("12 rows before those they name", text(tables=KEYS, rows=CHILDREN), says=NOT_YET.format("public.patients")),
    Case("12 the same, every name quoted", QUOTED, says=NOT_YET.format('"public"."patients"')),
    Case("12 one transaction around it all", f"BEGIN;\n{text('SELECT nothing();')}COMMIT;\n"),
    Case("13 a script that prints no UTF-8", text(), f"{correct()}SET client_encoding = 'LATIN1';\nSELECT chr(241);\n"),
    Case("13 what is no UTF-8", text("COMMENT ON TABLE public.nothing IS 'Clínica';\nSELECT nothing('ñ');\n"),
         encoding="latin-1"),
    Case("13 schema and rows, one after the other", f"{BEGIN}{TABLES}{END}{BEGIN}{ROWS}{END}"),
    Case("13 another spelling", text(tables=TABLES.replace("public.patients", 'public."Patients"')),
         says=r"has no table public.patients. It has table public.Patients. Name"),
    Case("13 a view", VIEW, says=r"has no table public.patients. It has table core.patients, view public.patients"),
    Case("13 one clinic", text(rows=ROWS.replace("\t2\tZ", "\t1\tZ")), says=ONE),
    Case("13 the name of an index", text("CREATE INDEX lost ON public.patients USING gist (nothing(id));\n"),
         says=r"INDEX lost ON public.patients \(nombra"),
    Case("13 our own columns", text(), correct("ALTER TABLE public.patients DROP meta_ad_body;"),
         "no se puede migrar: falta la columna patients.meta_ad_body", "copia no traía"),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=[case.row for case in CASES])
def test_what_was_found_from_outside(case: Case, tmp_path: Path, runtime: Path, server: Server) -> None:
    trap = runtime / "trap"
    runtime.chmod(0o777)  # for the account of the server too
    dump, script = tmp_path / "dump.sql", tmp_path / "script.sql"
    dump.write_text(case.dump.replace(TRAP, str(trap)), encoding=case.encoding)
    script.write_text(case.script)
    given = ["-D", f"migration={script}"] if case.script else []
    where = case.options or ("-D", f"postgres={address(server)}")
    done = behave(*where, "-D", f"snapshot={dump}", *given, "--format=null", **case.environ)
    said = done.stdout + done.stderr
    assert not trap.exists(), "the server ran a program of the dump's"
    assert re.search(case.says, said), said
    assert not re.search(f"Traceback|Zulma|{case.not_said}", said), said
    assert done.returncode == (0 if "VEREDICTO: se puede migrar" in said else 1)
