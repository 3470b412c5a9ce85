"""What an engineer gets under a failure: the last SQL and the server's log, without anybody's data."""

from contextlib import suppress

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from steps.support.postgres import log as server_log
from steps.support.postgres import statement_log
from steps.support.postgres.database import Database
from steps.support.postgres.server import Server


def test_the_trail_holds_statements_and_no_parameters(database: Database) -> None:
    statement_log.begin()
    with database.connect() as connection:
        connection.execute(text("SELECT count(*) FROM patients WHERE first_name = :name"), {"name": "Ana"})
    assert f"-- {database.name}\nSELECT count(*) FROM patients WHERE first_name = %(name)s" in statement_log.text()
    assert "Ana" not in statement_log.text()
    statement_log.begin()
    assert statement_log.text() == ""


def test_the_trail_is_short(database: Database) -> None:
    with database.connect() as connection:
        for number in range(30):
            connection.execute(text(f"SELECT {number}, '{'x' * 2000}'"))
    assert statement_log.text().count("SELECT") == statement_log.REMEMBERED
    assert len(statement_log.text()) < statement_log.REMEMBERED * (statement_log.LONGEST + 100)


def test_the_log_is_the_scenarios_own_and_quotes_no_row(server: Server, database: Database) -> None:
    insert = "INSERT INTO patients (tenant_id, phone_number, first_name) VALUES (:clinic, '+1', 'Zutana')"
    with database.connect() as connection:
        for clinic in (1, 1, -1):
            with suppress(DBAPIError):
                connection.execute(text(insert), {"clinic": clinic})
    mine = server_log.of_databases(server.log(), {database.name})
    assert "duplicate key value violates unique constraint" in mine
    assert "violates foreign key constraint" in mine
    assert "Zutana" not in mine
    assert "Key (" not in mine
    assert server_log.of_databases(server.log(), {"another"}) == ""


def test_lines_that_go_on_go_with_theirs() -> None:
    log = (
        "2026-11-22 09:00:00.000 UTC mine ERROR:  one\n\ttwo\n"
        "2026-11-22 09:00:00.000 UTC mine DETAIL:  Failing row contains (Ana)\n\tAna\n"
        "2026-11-22 09:00:00.000 UTC other ERROR:  three\n\tfour\n"
        "2026-11-22 09:00:00.000 UTC  LOG:  checkpoint\n"
    )
    assert server_log.of_databases(log, {"mine"}) == "ERROR:  one\n\ttwo"
