"""`-D result=FILE.json`: a run as plain JSON, for the next run to be compared with, or for any program.

    {"format": 1, "title": "…", "began": "2026-11-24T06:00:00+00:00", "seconds": 38.2, "postgres": "18.6, …",
     "scripts": [{"path": "migrations/…", "checksum": "sha-256"}], "verdict": {"state": "failed", "sentence": "…"},
     "requirements": [{"migration": "…", "tag": "req-…", "text": "…", "state": "failed"}],
     "causes": [{"sentence": "…", "asked": true, "scenarios": ["features/x.feature:7", …]}],
     "rehearsals": [{"title": "…", "verdict": "…", "state": "accepted", "figures": [{"name": "…", "value": "…"}],
                     "facts": {"longest_lock_ms": 18.0, …}}],
     "scenarios": [{"title": "…", "place": "features/x.feature:7", "state": "passed", "cause": ""}]}

`state` is a State's name in lower case. Titles may be new from one version to the next; keys change with `format`.
"""

import json
from contextlib import suppress
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from behave.formatter.base import StreamOpener

from steps.support.report.changes import ended
from steps.support.report.collector import Collector
from steps.support.report.kept import Ended, Result
from steps.support.report.model import Run
from steps.support.report.status import State
from steps.support.report.verdict import conclude

FORMAT = 1


class Resultado(Collector):
    """The formatter `-D result=FILE.json` adds."""

    name = "result"
    option = "-D result"
    description = "the run as JSON (-D result=FILE.json)"

    def __init__(self, config: Any, path: Path) -> None:
        super().__init__(StreamOpener(str(path), encoding="utf-8"), config)
        with suppress(OSError):  # as the report: an earlier run's is not to be read as this one's
            path.unlink(missing_ok=True)

    def close(self) -> None:
        """Write it."""
        self.open().write(json.dumps(as_json(self.told()), ensure_ascii=False, indent=1) + "\n")
        self.close_stream()


def as_json(run: Run) -> dict[str, Any]:
    """The run as the module's docstring says."""
    found = conclude(run)
    return {
        "format": FORMAT,
        "title": run.about.title,
        "began": run.began.isoformat(timespec="seconds"),
        "seconds": round(run.seconds, 3),
        "postgres": run.about.postgres,
        "scripts": [asdict(script) for script in run.about.scripts],
        "verdict": {"state": _name(found.verdict.state), "sentence": found.verdict.sentence},
        "requirements": [
            {"migration": one.subject.name, "tag": one.requirement.tag, "text": one.requirement.text,
             "state": _name(one.state)}
            for one in found.proofs
        ],
        "causes": [
            {"sentence": one.sentence, "asked": one.asked, "scenarios": [scenario.place for scenario in one.scenarios]}
            for one in found.causes
        ],
        "rehearsals": [asdict(one) for one in run.rehearsals],
        "scenarios": [{**asdict(one), "state": _name(one.state)} for one in ended(run, found.causes)],
    }  # fmt: skip


def read(path: Path) -> Result:
    """A run kept so; raises ValueError in one line when the file is none."""
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        if kept["format"] != FORMAT:
            raise ValueError(f"{path} is a result of format {kept['format']}, and this reads format {FORMAT}.")
        scenarios = [
            Ended(one["title"], one["place"], State[one["state"].upper()], one["cause"]) for one in kept["scenarios"]
        ]
        return Result(datetime.fromisoformat(kept["began"]), scenarios)
    except (KeyError, TypeError, UnicodeDecodeError, json.JSONDecodeError) as problem:
        raise ValueError(f"{path} is no result of this suite (-D result=FILE.json writes one).") from problem


def _name(state: State) -> str:
    return state.name.lower()
