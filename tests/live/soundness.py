"""What has to be so when the scripts have met a table, whatever the table: no case has its answer written down."""

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import psycopg2

from steps.support import spanish
from steps.support.evidence import structure
from steps.support.evidence.before_after import Evidence
from steps.support.finding import Finding
from steps.support.postgres.database import Database
from steps.support.postgres.locks import family
from steps.support.postgres.outcome import Outcome
from steps.support.postgres.psql import run_file
from steps.support.product import META_ADS
from tests.live.shapes import five, rows
from tests.live.test_odd_tables import run_in_a_callers_transaction

UP = META_ADS.script
DOWN = UP.with_name("01_meta_ads_columns_down.sql")
TREE = family("patients") + "SELECT oid::regclass::text FROM family"
LOCKS = family("patients") + "SELECT mode FROM pg_locks JOIN family ON oid = relation WHERE pid = pg_backend_pid()"


def wrong(found: Database, copy: Database, outcomes: Counter[str], up: Path = UP, down: Path = DOWN) -> str:
    """What is wrong about what the scripts do to `copy`, which is as `found`; empty when nothing is."""
    before = Evidence.take(found, found)
    asked = run_file(copy, up, {"migration.ask": "yes"})
    outcome = run_file(copy, up)
    outcomes[verdict(outcome)[0] or verdict(outcome)[1].split()[0]] += 1
    if verdict(asked) != verdict(outcome):
        return f"asked, it said {verdict(asked)}, and then {verdict(outcome)}"
    if not outcome.succeeded:
        return refused_badly(outcome, up, before, copy)
    return migrated_badly(outcome, before, copy) or run_again_badly(up, copy) or went_back_badly(up, down, copy)


def verdict(outcome: Outcome) -> tuple[str, str]:
    """How it ended, without the figures: the SQLSTATE, and the error or what was done."""
    done = outcome.notices[-1] if outcome.notices else ""
    return outcome.sqlstate, outcome.error() if outcome.sqlstate else re.sub(
        r"^\S+: (asked only, so not done: )?|; waited .*", "", done
    )


def refused_badly(outcome: Outcome, script: Path, before: Evidence | structure.Facts, copy: Database) -> str:
    """What is wrong about a refusal; it has to be one of those the script's header lists."""
    listed = re.findall(r"\b(?!P0004)(?=\w*\d)[0-9A-Z]{5}\b", script.read_text().partition("How it ends")[2][:2000])
    if outcome.sqlstate not in listed:
        return f"an ending that is not listed: {outcome.error()}"
    if "Nothing was changed" not in outcome.detail or not outcome.hint:
        return f"no clear refusal: {outcome.error()}"
    was = before.structure if isinstance(before, Evidence) else before
    return told("refused, it changed", structure.differences(was, structure.facts(copy)))


def migrated_badly(outcome: Outcome, before: Evidence, copy: Database) -> str:
    """What is not as specified now, or was not to change and did."""
    for (table,) in rows(copy, TREE):
        if five(copy, table) != META_ADS.columns:
            return f"{table} has {five(copy, table)}"
    if verdict(outcome)[1] == "nothing to do":
        return told("with nothing to do, it changed", before.changed_structure(copy))
    now = structure.facts(copy)
    moved = [key[2] for key, fact in before.structure.items() if fact.get("attnum") != now[key].get("attnum")]
    return (
        told("it changed", before.changed_structure(copy, META_ADS))
        or told("it moved", moved)
        or told("it lost", before.lost_content(copy))
    )


def run_again_badly(up: Path, copy: Database) -> str:
    """What a second run does; it should do nothing, hold no lock, and give all settings back."""
    connection = psycopg2.connect(copy.driver_dsn())
    try:
        run_in_a_callers_transaction(connection, up)
        with connection.cursor() as cursor:
            cursor.execute(LOCKS)
            locks = cursor.fetchall()
        if locks or "nothing to do" not in connection.notices[-1]:
            return f"run again, it holds {locks} and says {connection.notices[-1]}"
    finally:
        connection.close()
    return ""


def went_back_badly(up: Path, down: Path, copy: Database) -> str:
    """What goes wrong on the way down and up again."""
    migrated = structure.facts(copy)
    outcome = run_file(copy, down, {"migration.drop_attribution": "yes"})
    if not outcome.succeeded:
        return told("down: ", [bad] if (bad := refused_badly(outcome, down, migrated, copy)) else [])
    if five(copy):
        return f"down, there are still {five(copy)}"
    again = run_file(copy, up)
    if not again.succeeded:
        return f"down and up again: {again.error()}"
    unlike = [table for (table,) in rows(copy, TREE) if five(copy, table) != META_ADS.columns]
    return told("down and up again, not as specified:", unlike)


def told(what: str, found: Sequence[Finding | str]) -> str:
    """What was found in one line; empty without anything."""
    said = [one if isinstance(one, str) else spanish.sentence(one) for one in found]
    return f"{what} {said}" if said else ""
