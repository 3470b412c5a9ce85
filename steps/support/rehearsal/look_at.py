"""What to look at in the data before migrating them: in counts alone, and nothing where there is nothing to see."""

import re
from collections.abc import Iterator, Mapping

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from steps.support import spanish
from steps.support.evidence.tables import quoted
from steps.support.postgres.database import Database
from steps.support.subject import Column, Look, Subject

# What names columns one by one gets none that come later.
PUBLISHED = text("""
SELECT p.pubname FROM pg_publication_rel r JOIN pg_publication p ON p.oid = r.prpubid
WHERE r.prrelid = CAST(:relation AS regclass) AND to_jsonb(r) ->> 'prattrs' IS NOT NULL ORDER BY 1
""")
GRANTED = text("""
SELECT DISTINCT grantee, privilege_type FROM information_schema.column_privileges c
WHERE table_schema = 'public' AND table_name = :table AND privilege_type IN ('SELECT', 'INSERT', 'UPDATE')
  AND grantee <> CAST(current_user AS text)
  AND NOT EXISTS (SELECT FROM information_schema.table_privileges t WHERE t.table_schema = c.table_schema
                  AND t.table_name = c.table_name AND t.grantee = c.grantee AND t.privilege_type = c.privilege_type)
ORDER BY 1, 2
""")
# A view that shows every column there is was written with a *, which Postgres spells out when it is made.
WHOLE_VIEWS = text("""
SELECT CAST(CAST(r.ev_class AS regclass) AS text)
FROM pg_depend d JOIN pg_rewrite r ON r.oid = d.objid AND d.classid = CAST('pg_rewrite' AS regclass)
WHERE d.refobjid = CAST(:relation AS regclass) AND d.refobjsubid > 0
GROUP BY r.ev_class
HAVING count(DISTINCT d.refobjsubid) = (SELECT count(*) FROM pg_attribute a WHERE a.attnum > 0 AND NOT a.attisdropped
                                        AND a.attrelid = CAST(:relation AS regclass))
ORDER BY 1
""")


# They run inside the migration, and may refuse it or write on their own.
EVENT_TRIGGERS = """
SELECT evtname FROM pg_event_trigger WHERE evtenabled <> 'D' AND evtevent <> 'login'
  AND (evttags IS NULL OR 'ALTER TABLE' = ANY (evttags)) ORDER BY 1
"""


def look_at(database: Database, subject: Subject, columns: Mapping[str, Column]) -> list[str]:
    """A line in Spanish for each thing to look at, given the columns that are there before."""
    with database.connect() as connection:
        return [
            *_alike(connection, subject, columns),
            *(line for look in subject.looks if set(look.needs) <= set(columns) for line in _seen(connection, look)),
            *_hanging(connection, subject, [name for name in subject.columns if name not in columns]),
        ]


def _alike(connection: Connection, subject: Subject, columns: Mapping[str, Column]) -> Iterator[str]:
    """Columns that say by their name that they hold what a new one is for."""
    for new in subject.columns:
        for name in columns:
            if new in columns or name in subject.columns or _ending(name) != _ending(new):
                continue
            query = f"SELECT count({quoted(name)}) FROM {subject.relation}"
            if count := connection.exec_driver_sql(query, ()).scalar_one():
                yield (
                    f"{name} tiene {spanish.whole(count)} valores y parece guardar lo mismo que {new}, que nace "
                    + ("vacía" if subject.columns[new].default is None else "con su valor por omisión")
                )


def _ending(name: str) -> tuple[str, ...]:
    """The last two words of a column's name, or the last where there are but two: what is before them tells whose."""
    words = name.lower().split("_")
    return tuple(words[-2:] if len(words) > 2 else words[-1:])


def _seen(connection: Connection, look: Look) -> Iterator[str]:
    try:
        counts = connection.exec_driver_sql(look.query, execution_options={"no_parameters": True}).one()
    except DBAPIError as error:
        uncounted = re.sub(r"\{\d\}", "…", look.says)
        yield f"no se pudo contar ({getattr(error.orig, 'pgcode', '')}): {uncounted}"
        return
    if counts[0]:
        yield look.says.format(*(spanish.whole(int(count or 0)) for count in counts))


def _hanging(connection: Connection, subject: Subject, new: list[str]) -> Iterator[str]:
    """What would go on as if the new columns were not there, with the statement to run afterwards."""
    if not new:
        return
    names, where = ", ".join(new), {"relation": subject.relation, "table": subject.table}
    for trigger in connection.exec_driver_sql(EVENT_TRIGGERS).scalars():
        yield (
            f"el disparador de eventos {trigger} corre dentro de la migración: lo que falle o cambie de lo que había "
            f"figura como de ella. Si no hace falta, antes: ALTER EVENT TRIGGER {trigger} DISABLE; y después: "
            f"ALTER EVENT TRIGGER {trigger} ENABLE;"
        )
    for publication in connection.execute(PUBLISHED, where).scalars():
        yield (
            f"la publicación {publication} enumera columnas y no va a replicar las nuevas. Después: ALTER PUBLICATION "
            f"{publication} SET TABLE {subject.relation} (…, {names});"
        )
    for role, privilege in connection.execute(GRANTED, where):
        yield (
            f"{role} tiene permiso de {privilege} por columna y no lo va a tener en las nuevas. Después: "
            f"GRANT {privilege} ({names}) ON {subject.relation} TO {role};"
        )
    for view in connection.execute(WHOLE_VIEWS, where).scalars():
        yield (
            f"la vista {view} muestra todas las columnas de hoy y no va a mostrar las nuevas. Después, si hacen falta: "
            f"CREATE OR REPLACE VIEW {view} AS …;"
        )
