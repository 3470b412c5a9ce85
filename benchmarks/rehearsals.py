"""A whole rehearsal beside pg_restore alone, in turns, on the same machine, written to the results.

python -m benchmarks.rehearsals --patients 1000000 --rounds 3
"""

import argparse
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from steps.support.options import ROOT
from steps.support.postgres import embedded
from steps.support.postgres.database import Database
from steps.support.postgres.server import connect
from tests.rehearsal.snapshots import dump, product

RESULTS = Path(__file__).with_name("results") / "rehearsals.md"
LOOK_SECONDS = 0.5


def main() -> None:
    """Time both in turns, print the table and write it to the results."""
    arguments = argparse.ArgumentParser(prog="python -m benchmarks.rehearsals", description=__doc__)
    arguments.add_argument("--patients", type=int, default=1_000_000)
    arguments.add_argument("--rounds", type=int, default=3)
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-rehearsals-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        os.environ["TMPDIR"] = tempfile.tempdir = name  # where both have their server
        server = embedded.start()
        try:
            with product(server, given.patients) as database:
                archive = dump(database, folder, "custom.dump")
        finally:
            server.stop()
        times, disk, before = [], [0], shutil.disk_usage(folder).used
        for _ in range(given.rounds):
            alone = _alone(archive)
            began, run = time.monotonic(), _rehearsal(archive)
            while run.returncode is None:
                disk.append(shutil.disk_usage(folder).used - before)
                with suppress(subprocess.TimeoutExpired):
                    run.wait(LOOK_SECONDS)
            times.append((alone, time.monotonic() - began))
            assert run.returncode == 0
    ratios = [whole / alone for alone, whole in times]
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    text = f"""# `python -m benchmarks.rehearsals --patients {given.patients} --rounds {given.rounds}`

{os.cpu_count()} cores, load {os.getloadavg()[0]:.0f}; in turns. Disk at the peak {max(disk) / 1e6:,.0f} MB beside the
dump; the largest process {memory:.0f} MB. Median ratio {statistics.median(ratios):.2f}.

| `pg_restore -j2` alone | whole rehearsal | ratio |
|--:|--:|--:|
"""
    text += "".join(f"| {alone:.1f} s | {whole:.1f} s | {whole / alone:.2f} |\n" for alone, whole in times)
    print(text)
    RESULTS.write_text(text, encoding="utf-8")


def _alone(archive: Path) -> float:
    server = embedded.start()
    try:
        with connect(server.url) as admin:
            admin.exec_driver_sql("CREATE DATABASE alone")
        target = f"--dbname={Database(server.url.set(database='alone')).libpq_url()}"
        command = [embedded.client("pg_restore"), "--jobs=2", "--no-owner", "--no-privileges", target, str(archive)]
        began = time.monotonic()
        subprocess.run(command, capture_output=True, check=False)
        return time.monotonic() - began
    finally:
        server.stop()


def _rehearsal(archive: Path) -> subprocess.Popen[bytes]:
    command = [str(Path(sys.executable).with_name("behave")), "-D", "postgres=embedded", "-D", f"snapshot={archive}"]
    return subprocess.Popen([*command, "--format=null"], cwd=ROOT)


if __name__ == "__main__":
    main()
