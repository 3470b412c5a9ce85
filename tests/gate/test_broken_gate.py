"""Each way to break the support code on purpose lets through a defect whose refusal depends on it."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from behave.step_registry import registry
from sqlalchemy import text

from steps.support.evidence import content, hashing, structure
from steps.support.evidence.before_after import Evidence
from steps.support.evidence.tables import Table
from steps.support.postgres import columns, psql
from steps.support.postgres.server import Server
from steps.support.traffic import watch
from steps.support.world import World
from tests.gate.candidates import defect
from tests.gate.judging import evidence_of_seeds, judge, written

Break = Callable[[pytest.MonkeyPatch], None]


def replaced(owner: Any, name: str, broken: Callable[[Any], Any]) -> Break:
    """A break that puts `broken(the original)` in the place of something."""
    return lambda patch: patch.setattr(owner, name, broken(getattr(owner, name)))


def without(sort: str, *names: str) -> Break:
    """Structure that lacks one sort of object, or some of what is said of each; '' are all sorts."""
    return replaced(structure, "facts", lambda facts: lambda *a, **k: {
        key: {name: value for name, value in fact.items() if sort not in (key[0], "") or name not in names}
        for key, fact in facts(*a, **k).items() if key[0] != sort or names})  # fmt: skip


def matcher(phrase: str) -> Any:
    """The step, by its phrase."""
    written()  # loads the steps
    [found] = [one for steps in registry.steps.values() for one in steps if one.pattern == phrase]
    return found


def step(phrase: str) -> Break:
    """A step that never fails."""
    return lambda patch: patch.setattr(matcher(phrase), "func", same(None))


def behaviour(name: str, broken: Callable[[Any], Any], of: str = "dio una sola orden") -> Break:
    """A break of what the steps of a script's behaviour use, or those in the file of another step."""

    def breaks(patch: pytest.MonkeyPatch) -> None:
        uses = matcher(of).func.__globals__
        patch.setitem(uses, name, broken(uses[name]))

    return breaks


def hashing_badly(*names: str, by: str = "") -> Break:
    """A hash that takes columns by the expression `by`, or not at all; nor when a row was last written."""

    def combined(original: Callable[[Table, tuple[str, ...]], str]) -> Callable[[Table, tuple[str, ...]], str]:
        def broken(table: Table, columns: tuple[str, ...]) -> str:
            whole = tuple(column for column in columns if column not in (*names, "updated_at")) or columns
            bad = [by.format(column=name) for name in names if by and name in columns]
            return " # ".join([original(table, whole), *bad])

        return broken

    return replaced(hashing, "_combined", combined)


def linear(table: Table) -> str:
    """A row's hash that is only the sum of its columns': what swaps, nobody sees."""
    hashes = (f"({hashing._one(table, column, seed)})::numeric" for seed, column in enumerate(table.columns, start=1))
    return f"({' + '.join(hashes)})"


def same(_original: Any) -> Callable[..., Any]:
    return lambda *_args, **_kwargs: None


def empty(_original: Any) -> Callable[..., Any]:
    return lambda *_args, **_kwargs: []


def late(take: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def after_a_run(world: Any) -> Any:
        psql.run_file(world.changing(), world.script)
        return take(world)

    return after_a_run


# fmt: off
BREAKS: list[tuple[str, Break, str]] = [
    ("a fingerprint skips a column", hashing_badly("notes"), "appends_a_dot_to_one_note"),
    ("a fingerprint skips all but the key", replaced(hashing, "_combined", lambda f: lambda t, _: f(t, t.key)), "trims_names"),  # noqa: E501
    ("a fingerprint ignores which row a value is in", replaced(hashing, "row", lambda _: linear),
     "swaps_two_surnames_of_one_clinic"),
    ("NULL and '' hash alike", hashing_badly("notes", by="hashtextextended(coalesce({column}, ''), 1)"), "nulls_become_empty"),  # noqa: E501
    ("text is compared trimmed", hashing_badly("last_name", by=
        "coalesce(hashtextextended(trim({column}, E' \t'), 1), 0)"),
     "trims_surnames"),
    ("only counts of rows are compared", replaced(content, "fingerprint", lambda f: lambda *a:
        content.Fingerprint(f(*a).rows, 0)), "loses_json_keys"),
    ("no table but patients is looked at", replaced(content, "tables", lambda f: lambda *a:
        [t for t in f(*a) if t.name == "patients"]), "deletes_appointments"),
    ("the evidence is taken after, not before", replaced(World, "take_evidence", late), "renames_a_clinic"),
    ("lost content is not reported", replaced(Evidence, "lost_content", empty), "deletes_one_patient"),
    ("a column's length is not looked at", step(
        "la columna '{name}' es de tipo {kind}, con ningún default y permite NULLs"), "ad_id_of_255_characters"),
    ("changed structure is not reported", replaced(Evidence, "changed_structure", empty), "drops_an_index"),
    ("an error is not asked for", step("termina con un error"), "swallows_its_own_error"),
    ("a failed run counts as a success", replaced(World, "expect_success", same), "fails_when_run_twice"),
    ("psql goes on after an error", replaced(psql, "parse", lambda f: lambda said, **_: f(said, succeeded=True)),
     "fails_when_run_twice"),
    ("columns are compared without their length", replaced(columns, "QUERY", lambda query:
        text(query.text.replace("a.atttypmod", "NULL"))), "ad_id_of_255_characters"),
    ("defaults are compared without case", replaced(columns, "_value", lambda f: lambda e: (f(e) or "").upper() or None),  # noqa: E501
     "default_in_lower_case"),
    ("new columns are not counted", step(
        "las columnas nuevas son exactamente las que pide la especificación"), "adds_one_more_column"),
    ("existing values are not looked at", step(
        "todos los pacientes existentes tienen '{name}' igual a '{value}'"), "default_for_new_patients_only"),
    ("the next number is not looked at", step(
        "la próxima fila recibe el número que le tocaba"), "restarts_the_sequence"),
    ("rows read are not counted", behaviour("TOUCHED", lambda _: "SELECT WHERE false"),
     "counts_patients_under_its_lock"),
    ("pages are not counted", behaviour("TOUCHED", lambda sql:
        sql.replace("blocks_fetched", "tuples_hot_updated")), "analyzes_the_table"),
    ("locks of other tables are not looked at", behaviour("LOCKED", lambda _: "SELECT 1 WHERE false"),
     "locks_the_clinics"),
    ("the owner is a superuser", behaviour("rights", lambda _: lambda _c: SimpleNamespace(superuser=False),
        of="la tabla es de un dueño que no administra el servidor"), "asks_for_a_superuser"),
    ("the session is not looked at", behaviour("_pairs", lambda _: lambda _t: {}), "leaves_an_advisory_lock"),
    ("statements are not counted", step("dio una sola orden"), "no_do_block"),
    ("the watch sees no queue", replaced(watch, "STRONG", lambda _: ("no lock",)),
     "waits_for_ever_in_the_queue"),
    *((f"structure ignores: {' '.join(what)}", without(*what), defect) for what, defect in {
        ("table constraint",): "adds_a_deferred_check", ("index",): "clusters_by_an_index",
        ("trigger",): "leaves_a_trigger_disabled", ("privileges",): "revokes_a_privilege",
        ("policy",): "opens_a_policy", ("function",): "leaves_a_function", ("type",): "leaves_a_type",
        ("table", "relrowsecurity"): "turns_row_security_off",
        ("table", "relreplident"): "changes_the_replica_identity",
        ("table column", "comment"): "loses_a_comment", ("sequence", "position"): "uses_up_numbers",
        ("table column", "default", "atthasdef"): "loses_another_columns_default",
        ("", "relfilenode"): "rewrites_the_table",
        ("default acl",): "grants_by_default_from_now_on", ("setting",): "sets_the_database_for_good",
        ("table constraint", "enforced"): "leaves_the_foreign_key_disabled",
    }.items()),
]
# fmt: on


@pytest.mark.parametrize(("broken", "name"), [(b, d) for _, b, d in BREAKS], ids=[what for what, *_ in BREAKS])
def test_a_broken_gate_lets_a_defect_through(
    broken: Break, name: str, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = defect(name)
    broken(monkeypatch)
    evidence_of_seeds.cache_clear()  # nothing taken with whole code may help the broken, nor the reverse
    verdict = judge(script.file(tmp_path), script.migration, server, script.refused_by)
    evidence_of_seeds.cache_clear()
    assert set(verdict.failed) != set(script.refused_by), "broken, the gate still refuses it as before"
