"""SQL expressions that hash a row in the server, exactly and fast, on every Postgres from 13 to 18.

Each column is hashed with a seed of its own, the hashes are combined by xor, and the result is hashed once
more, so that two rows that swap a value cannot leave the sum over rows as it was.
"""

from steps.support.evidence.tables import Table, quoted

# Types whose equality is identity, by Postgres's own 64-bit hash: several times faster than their text. All
# others are hashed as text, which shows what equality hides: 1.0 and 1.00, -0 and 0, '1 day' and '24 hours',
# the bounds of an array, JSON as it was written, a letter under a nondeterministic collation.
BY_VALUE = {
    "int2": "hashint2extended({column}, {seed})",
    "int4": "hashint4extended({column}, {seed})",
    "bool": "hashint4extended({column}::int4, {seed})",
    "uuid": "uuid_hash_extended({column}, {seed})",
    # Postgres folds 64 bits to 32 before it hashes them, and so hashes 4294967296 as it does 1: by text.
    "int8": "hashtextextended({column}::text, {seed})",
    "timestamp": "hashtextextended({column}::text, {seed})",
    "timestamptz": "hashtextextended({column}::text, {seed})",
    # No server before 18 hashes a date alone; its array it does.
    "date": "hash_array_extended(ARRAY[{column}], {seed})",
    # "C" hashes the bytes, whatever the column's collation calls equal.
    "text": 'hashtextextended({column} COLLATE "C", {seed})',
    "varchar": 'hashtextextended({column} COLLATE "C", {seed})',
}
# The text of a row of one: by the type's output function (a cast to text would trim a char), and NULL is not ''.
BY_TEXT = 'hashtextextended(ROW({column})::text COLLATE "C", {seed})'
NULLS = 0x5DEECE66D


def row(table: Table) -> str:
    """A hash of all columns of a row, as a bigint."""
    return f"hashtextextended(({_combined(table, table.columns)})::text, 0)"


def key(table: Table) -> str:
    """A hash of a row's key, as a bigint; for dealing rows into buckets."""
    return f"({_combined(table, table.key)})"


def each(table: Table) -> str:
    """A hash for every column of a row, as a bigint[]."""
    return f"ARRAY[{', '.join(_one(table, column, seed=1) for column in table.columns)}]"


def _combined(table: Table, columns: tuple[str, ...]) -> str:
    return " # ".join(_one(table, column, seed) for seed, column in enumerate(columns, start=1))


def _one(table: Table, column: str, seed: int) -> str:
    template = BY_VALUE.get(table.type_of(column), BY_TEXT)
    return f"coalesce({template.format(column=quoted(column), seed=seed)}, {NULLS * seed})"
