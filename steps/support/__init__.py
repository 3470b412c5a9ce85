"""What the steps stand on: a harness that accepts any migration of any table, and this product on it."""

import sys

_print = sys.excepthook
# Python prints a traceback of Ctrl-C, also of one while all this is imported; psycopg2 of one at a BEGIN or COMMIT.
sys.excepthook = lambda kind, *more: None if issubclass(kind, KeyboardInterrupt) else _print(kind, *more)
