"""The property: whatever is done in one clinic's session, nothing of the other clinic comes back or changes."""

from collections import Counter
from contextlib import suppress
from dataclasses import dataclass

import psycopg2
from hypothesis import strategies as st
from sqlalchemy import Engine, event, func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from orchestrator_service.db.tenancy import ClinicSession, TenancyError
from orchestrator_service.db.tenancy.sessions import TenantSession
from tests.tenancy import acts, changes, queries
from tests.tenancy.acts import Act, rows
from tests.tenancy.models import Person
from tests.tenancy.two_clinics import NORTH, OURS, digest, their_digest, theirs

ORDINARY = [
    select(Person).order_by(Person.id),
    select(func.count()).select_from(Person),
    select(Person).where(Person.id.in_([11, 1001])),
]


@dataclass(frozen=True)
class Example:
    """Something done with a session; `must` is what an ordinary one has to give back."""

    kind: str
    act: Act
    must: list[int] | None = None


def examples(engine: Engine) -> st.SearchStrategy[Example]:
    """Everything the generator knows, in equal parts by kind."""
    return st.one_of(
        queries.queries().map(lambda q: Example("query", lambda s: rows(s.execute(q)))),
        changes.of_tenants().map(lambda q: Example("change of tenants", lambda s: rows(s.execute(q)))),
        changes.copies().map(lambda q: Example("copy", lambda s: rows(s.execute(q)))),
        queries.queries().map(lambda q: Example("query on the connection", lambda s: rows(s.connection().execute(q)))),
        queries.FRAGMENTS.map(
            lambda f: Example("text fragment", lambda s: rows(s.execute(select(Person.id, Person.notes).where(f))))
        ),
        queries.loads().map(lambda q: Example("eager load", lambda s: [c.people for c in s.scalars(q).unique()])),
        changes.updates().map(lambda q: Example("update or delete", lambda s: rows(s.execute(q)))),
        changes.inserts().map(lambda q: Example("insert", lambda s: rows(s.execute(q)))),
        acts.reads().map(lambda act: Example("read", act)),
        acts.objects().map(lambda act: Example("object", act)),
        acts.bulks().map(lambda act: Example("bulk", act)),
        acts.texts(engine).map(lambda act: Example("text", act)),
        st.sampled_from([list(OURS), [4], [11]])
        .map(lambda must: (must, ORDINARY[[list(OURS), [4], [11]].index(must)]))
        .map(lambda pair: Example("ordinary", lambda s: rows(s.scalars(pair[1])), pair[0])),
    )  # fmt: skip


def wrong(
    example: Example, engine: Engine, outcomes: Counter[str], session_class: type[TenantSession] = ClinicSession
) -> str:
    """What is wrong about an example, in words; an empty text when it was refused or right."""
    with session_class(engine, tenant_id=NORTH, expire_on_commit=False) as session:
        return judged(example, session, outcomes)


def judged(example: Example, session: Session, outcomes: Counter[str]) -> str:
    """Do the example in `session`, look at what came back and what changed, and take it back."""
    before, ours = their_digest(session), digest(session)
    sent: list[str] = []
    bind = session.get_bind()
    found: object = []

    def note(_connection: object, _cursor: object, sql: str, *_rest: object) -> None:
        sent.append(sql)

    event.listen(bind, "after_cursor_execute", note)
    try:
        found = example.act(session)
        outcome = "answered"
    except TenancyError:
        outcome = "refused"
    except (SQLAlchemyError, psycopg2.Error):
        outcome = "failed"  # the server or SQLAlchemy said no
    finally:
        event.remove(bind, "after_cursor_execute", note)
    outcomes[f"{example.kind}: {outcome}"] += 1
    problem = _problem(example, outcome, found, sent)
    if not problem and outcome != "failed":
        with suppress(SQLAlchemyError):
            problem = "" if their_digest(session) == before else "the other clinic's rows changed"
            if outcome == "refused" and digest(session) != ours:
                problem = "it was refused, and left half of itself behind"
    session.rollback()
    return problem


def _problem(example: Example, outcome: str, found: object, sent: list[str]) -> str:
    leaks = theirs(found)
    if leaks:
        return f"the other clinic's values came back: {leaks[:3]}"
    # One refused object refuses its flush before anything of it is sent.
    if (
        example.kind == "object"
        and outcome == "refused"
        and any(sql.startswith(("INSERT", "UPDATE", "DELETE")) for sql in sent)
    ):
        return "it was refused, but a part of it had been written"
    if example.must is not None:
        ids = [getattr(one, "id", one) for one in found] if isinstance(found, list) else []
        return "" if (outcome, ids) == ("answered", example.must) else f"an ordinary query was {outcome}: {ids}"
    return ""
