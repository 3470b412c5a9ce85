"""Rehearses dumps of one product's database, in every format, on every server named; adds a table to the results.

python -m benchmarks.rehearsals --patients 1000000 SOURCE[,TARGET] …

SOURCE is the URL of a server to make the database on and dump it from; TARGET what `-D postgres` is to be
(SOURCE itself by default, `docker=IMAGE` for a container). Format `url` is no dump: `-D snapshot=postgresql://…`.
"""

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from orchestrator_service.db.settings import psycopg2_url
from steps.support.options import ROOT
from steps.support.postgres import running
from steps.support.postgres.database import Database
from tests.rehearsal.snapshots import FORMATS, dump, product, size

RESULTS = Path(__file__).with_name("results") / "rehearsals.md"
BEHAVE = Path(sys.executable).with_name("behave")
URL = "url"
HEADER = """\
| dumped from | format | size | rehearsed on | restored | evidence, per million rows | script | longest lock | whole run | verdict |
|---|---|--:|---|--:|--:|--:|--:|--:|---|"""  # noqa: E501
FIGURE = re.compile(r"^  (?P<name>\S.*?)  +(?P<value>\S.*)$", re.M)


def main() -> None:
    """Rehearse everything asked for, print the table as it grows, write it."""
    arguments = argparse.ArgumentParser(prog="python -m benchmarks.rehearsals", description=__doc__)
    arguments.add_argument("pairs", nargs="+", metavar="SOURCE[,TARGET]")
    arguments.add_argument("--patients", type=int, default=1_000_000)
    arguments.add_argument("--formats", nargs="+", default=[*FORMATS], choices=[*FORMATS, URL])
    given = arguments.parse_args()
    command = ["python -m benchmarks.rehearsals", f"--patients {given.patients}", "--formats", *given.formats, "--"]
    pairs = [pair.partition(",") for pair in given.pairs]
    for source, comma, target in pairs:
        command.append(psycopg2_url(source, "SOURCE").set(drivername="postgresql").render_as_string() + comma + target)
    lines = ["", f"## {given.patients:,} patients", "", f"`{' '.join(command)}`", "", *HEADER.splitlines()]
    print(*lines, sep="\n", flush=True)
    for source, _, target in pairs:
        for line in _rehearsed(source, target or source, given.patients, given.formats):
            print(line, flush=True)
            lines.append(line)
    RESULTS.parent.mkdir(exist_ok=True)
    with RESULTS.open("a", encoding="utf-8") as file:
        file.write("\n".join([*lines, ""]))


def _rehearsed(source: str, target: str, patients: int, formats: list[str]) -> Iterator[str]:
    server = running.attach(psycopg2_url(source, "SOURCE"))
    with tempfile.TemporaryDirectory(prefix="meta-ads-rehearsals-") as folder, product(server, patients) as database:
        for name in formats:
            snapshot, taken = _snapshot(database, Path(folder), name)
            began = time.monotonic()
            done = _behave(target, snapshot)
            seconds = time.monotonic() - began
            yield _line(f"{server.version}", name, taken, done, seconds)


def _snapshot(database: Database, folder: Path, name: str) -> tuple[str, int]:
    if name == URL:
        return database.driver_dsn(), 0
    path = dump(database, folder, name)
    taken = size(path)
    assert shutil.disk_usage(folder).free > taken, f"{folder} has no room for another dump"
    return str(path), taken


def _behave(target: str, snapshot: str) -> subprocess.CompletedProcess[str]:
    kind, _, image = target.partition("=")
    where = ["-D", "postgres=docker", "-D", f"image={image}"] if kind == "docker" else ["-D", f"postgres={target}"]
    command = [str(BEHAVE), *where, "-D", f"snapshot={snapshot}", "--format=null"]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def _line(version: str, name: str, taken: int, done: subprocess.CompletedProcess[str], seconds: float) -> str:
    found = {match["name"]: match["value"] for match in FIGURE.finditer(done.stdout)}
    verdict = next((line for line in done.stdout.splitlines() if line.startswith("VEREDICTO")), "")
    if not verdict:
        return f"| {version} | {name} | {taken / 1e6:,.0f} MB | refused: {done.stdout.strip()[-300:]} |"
    cells = [
        version, name, f"{taken / 1e6:,.0f} MB" if taken else "—",
        found["Copia ensayada"].rpartition(" en ")[2],
        found["Restauración"],
        found["Evidencia"].partition(" por")[0],
        found["Migración"].partition(" (")[0],
        found["Tabla bloqueada, como máximo"],
        f"{seconds:.0f} s",
        "may migrate" if "se puede migrar" in verdict and not done.returncode else verdict,
    ]  # fmt: skip
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    main()
