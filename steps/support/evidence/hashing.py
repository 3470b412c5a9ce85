"""SQL expressions that hash a row in the server, exactly and fast, on every Postgres from 13 to 18.

Exactly: two values that print differently hash differently, also where Postgres calls them equal: 1.0 and 1.00,
-0 and 0, '1 day' and '24 hours', the bounds of an array, JSON as it was written, a letter under a
nondeterministic collation. Fast: each type is hashed by the cheapest of what shows all of it, as measured by
`python -m benchmarks.evidence`; a row's text, which shows it too, takes twice as long.
"""

from steps.support.evidence.tables import Table, quoted

# Types whose own 64-bit hash shows all of a value.
BY_VALUE = {
    "int2": "hashint2extended({column}, {seed})",
    "int4": "hashint4extended({column}, {seed})",
    "bool": "hashint4extended({column}::int4, {seed})",
    "uuid": "uuid_hash_extended({column}, {seed})",
    # Postgres folds 64 bits to 32 before it hashes them, and so hashes 4294967296 as it does 1.
    "int8": "hashint8extended({column}, {seed}) # hashint8extended({column} >> 32, -{seed})",
    # "C" hashes the bytes, whatever the column's collation calls equal.
    "text": 'hashtextextended({column} COLLATE "C", {seed})',
    "varchar": 'hashtextextended({column} COLLATE "C", {seed})',
    "json": 'hashtextextended({column}::text COLLATE "C", {seed})',  # kept as it was written
}
# Types hashed by what is sent of them in binary, all such columns of a row as one array: no server before 18
# hashes a bytea, or a date, by itself.
SENT = {
    # array_send includes the bounds.
    **{f"_{kind}": "array_send({column})" for kind in ("int4", "int8", "text", "uuid", "varchar")},
    "bytea": "{column}",
    "date": "date_send({column})",
    "float4": "float4send({column})",
    "float8": "float8send({column})",
    "jsonb": "jsonb_send({column})",
    "numeric": "numeric_send({column})",
    "time": "time_send({column})",
    "timestamp": "timestamp_send({column})",
    "timestamptz": "timestamptz_send({column})",
}
# The text of a row of one: by the type's output function (a cast to text would trim a char), and NULL is not ''.
BY_TEXT = 'hashtextextended(ROW({column})::text COLLATE "C", {seed})'
NULLS = 0x5DEECE66D


def row(table: Table) -> str:
    """A hash of all columns of a row, as a bigint.

    The combined hash is hashed again: XOR alone could cancel out when two rows swap a value.
    """
    return f"hashint4extended(0, {_combined(table, table.columns)})"


def key(table: Table) -> str:
    """A hash of a row's key, as a bigint; for dealing rows into buckets."""
    return f"({_combined(table, table.key)})"


def each(table: Table) -> str:
    """A hash for every column of a row, as a bigint[]: all by their text, so that it also checks the faster ways."""
    return f"ARRAY[{', '.join(BY_TEXT.format(column=quoted(column), seed=0) for column in table.columns)}]"


def _combined(table: Table, columns: tuple[str, ...]) -> str:
    sent = [SENT[kind].format(column=quoted(name)) for name in columns if (kind := table.type_of(name)) in SENT]
    hashes = [_one(table, name, seed) for seed, name in enumerate(columns, 1) if table.type_of(name) not in SENT]
    if sent:
        hashes.append(f"hash_array_extended(ARRAY[{', '.join(sent)}], 0)")
    return " # ".join(hashes)


def _one(table: Table, column: str, seed: int) -> str:
    template = BY_VALUE.get(table.type_of(column), BY_TEXT)
    return f"coalesce({template.format(column=quoted(column), seed=seed)}, {NULLS * seed})"
