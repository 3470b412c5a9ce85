"""`python -m benchmarks.live`: run every schedule in every situation, print the table, write it and the picture."""

import argparse
import os
import platform
from pathlib import Path

from benchmarks.live import table, timeline, trial
from benchmarks.live.schedules import SCHEDULES, beside
from benchmarks.live.situations import SITUATIONS
from steps.support.options import parse
from steps.support.postgres.choose import choose
from steps.support.postgres.pool import Pool
from steps.support.product import PRODUCT
from steps.support.seeds import seed

RESULTS = Path(__file__).parents[1] / "results"


def main() -> None:
    """Run the benchmark."""
    arguments = _arguments()
    options = parse({"postgres": arguments.postgres or "embedded"}, PRODUCT)
    server, _ = choose(options.postgres, options.image)
    pool = Pool(server)
    try:
        database = pool.create("bench")
        seed.many(database, arguments.rows)
        schedules = beside(arguments.beside) * arguments.times if arguments.beside else SCHEDULES
        results = []
        for situation in SITUATIONS:
            for schedule in schedules:
                results.append(trial.run(database, situation, schedule))
    finally:
        pool.drop_all(but=set())
        server.stop()
    heading = (
        f"Postgres {server.version}, {arguments.rows:,} patients, 8 writers, "
        f"{os.cpu_count()} cores, Python {platform.python_version()}"
    )
    text = table.markdown(results, heading)
    print(text)
    RESULTS.mkdir(exist_ok=True)
    if arguments.beside:
        (RESULTS / f"live-{server.major}-beside.md").write_text(text, encoding="utf-8")
        return
    (RESULTS / f"live-{server.major}.md").write_text(text, encoding="utf-8")
    timeline.save(results, f"Longest write, {heading}", RESULTS / f"live-{server.major}.svg")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.live", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000, help="patients in the table (default: %(default)s)")
    parser.add_argument(
        "--postgres",
        help="a running server made for this, with a superuser: its autovacuum_naptime is changed meanwhile "
        "(default: an embedded server)",
    )
    parser.add_argument("--beside", type=Path, metavar="FILE", help="another version of the script, side by side")
    parser.add_argument("--times", type=int, default=5, help="how often, with --beside (default: %(default)s)")
    return parser.parse_args()


if __name__ == "__main__":
    main()
