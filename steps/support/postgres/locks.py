"""Locks on a table as pg_locks tells them: which keep others out, and which relations are a part of the table."""

# What keeps writers waiting; the other modes get along with them.
STRONG = ("AccessExclusiveLock", "ExclusiveLock", "ShareRowExclusiveLock", "ShareLock")


def family(*relations: str) -> str:
    """A WITH clause that calls `family` the tables and their parts, by oid.

    pg_partition_tree() would lock what it lists; reading pg_inherits does not.
    """
    names = ", ".join(f"('{relation}')" for relation in relations)
    return f"""
WITH RECURSIVE family AS (
  SELECT to_regclass(name)::oid AS oid FROM (VALUES {names}) v(name)
  UNION
  SELECT inhrelid FROM pg_inherits JOIN family ON inhparent = family.oid
)
"""
