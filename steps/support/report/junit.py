"""behave's own JUnit, with what it leaves out: why a scenario was skipped, no server, a rehearsal's verdict."""

from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from behave.reporter.junit import JUnitReporter

from steps.support.redaction import redacted
from steps.support.report.run import About

TAGS = {"refused": "failure", "incomplete": "error"}


class JUnit(JUnitReporter):  # type: ignore[misc]
    """Writes TESTS-<feature>.xml, and one more file where scenarios do not say all."""

    about = About()

    def feature(self, feature: Any) -> None:
        """Write the file of a feature; without a server no scenario of it ran."""
        if not self.about.problem:
            self.show_skipped_always = any(map(_to_write, feature.walk_scenarios()))
            super().feature(feature)

    def end(self) -> None:
        """Write what no scenario says."""
        if self.about.problem:
            self._write("server", "Postgres", "error", self.about.problem)
        elif made := self.about.rehearsal:
            self._write("rehearsal", made.title, TAGS.get(made.state, ""), made.verdict)

    def _process_scenario(self, scenario: Any, report: Any) -> None:
        self.show_skipped_always = _to_write(scenario)
        before = len(report.testcases)
        super()._process_scenario(scenario, report)
        for case in report.testcases[before:]:
            for element in case.iter():
                element.attrib = {name: redacted(value) for name, value in element.attrib.items()}
                element.text = redacted(element.text) if element.text else element.text
            skipped = case.find("skipped")
            if skipped is not None and scenario.skip_reason:
                skipped.set("message", scenario.skip_reason)

    def _write(self, name: str, title: str, tag: str, message: str) -> None:
        suite = ET.Element("testsuite", name=name, tests="1")
        case = ET.SubElement(suite, "testcase", name=title, classname=name)
        if tag:
            ET.SubElement(case, tag, message=message)
        folder = Path(self.config.junit_directory)
        folder.mkdir(parents=True, exist_ok=True)
        ET.ElementTree(suite).write(folder / f"TESTS-{name}.xml", encoding="utf-8", xml_declaration=True)


def _to_write(scenario: Any) -> bool:
    """True for one that did not run: behave omits a skip, and reports an unreached one as passed."""
    return bool(scenario.skip_reason) or scenario.status.is_untested()
