"""JUnit files in which nothing is missing: every scenario, why it was skipped, what broke around it.

behave's own reporter leaves out what was skipped, unless asked, and the reason always; counts what a broken
hook kept from running as skipped; and calls an undefined step "None".
"""

import re
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from behave.reporter.base import Reporter
from behave.reporter.junit import JUnitReporter

from steps.support.attachable import Figures
from steps.support.report.from_behave import Reader
from steps.support.report.model import Chapter, Scenario
from steps.support.report.status import Failure, State

UNPRINTABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # what XML 1.0 cannot hold
REHEARSED = {"accepted": "", "refused": "failure", "incomplete": "error"}
NOT_SELECTED = "not selected by -n, -t or the path"


class JUnit(Reporter):  # type: ignore[misc]
    """Writes TESTS-<feature>.xml into --junit-directory, a file a feature; of a rehearsal also TESTS-rehearsal.xml."""

    rehearsals: Sequence[Figures] = ()

    def feature(self, feature: Any) -> None:
        """Write the file of a feature that has ended, or was never come to."""
        told = Reader().chapter(feature)
        suite = ET.Element("testsuite", name=_clean(told.title))
        suite.extend(self._case(scenario, told) for scenario in told.scenarios())
        suite.set("time", f"{sum(scenario.seconds for scenario in told.scenarios()):.3f}")
        self._write(suite, re.sub(r"[^\w.-]+", ".", str(Path(told.file).with_suffix(""))))

    def end(self) -> None:
        """Write what was rehearsed: the verdict as a case of its own, for scenarios alone never say yes."""
        if self.rehearsals:
            suite = ET.Element("testsuite", name=self.rehearsals[0].title)
            properties = ET.SubElement(suite, "properties")
            for one in self.rehearsals:
                for name, fact in one.facts.items():
                    value = "; ".join(fact) if isinstance(fact, list) else str(fact)
                    ET.SubElement(properties, "property", name=name, value=_clean(value))
                case = ET.SubElement(suite, "testcase", name=_clean(str(one.facts["migration"])), classname=one.title)
                if tag := REHEARSED[one.state]:
                    ET.SubElement(case, tag, type=one.state, message=_clean(one.verdict))
            self._write(suite, "rehearsal")

    def _write(self, suite: ET.Element, name: str) -> None:
        cases = suite.findall("testcase")
        suite.set("tests", str(len(cases)))
        for count, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            suite.set(count, str(sum(case.find(tag) is not None for case in cases)))
        folder = Path(self.config.junit_directory)
        folder.mkdir(parents=True, exist_ok=True)
        ET.indent(suite)
        ET.ElementTree(suite).write(folder / f"TESTS-{name}.xml", encoding="utf-8", xml_declaration=True)

    def _case(self, scenario: Scenario, feature: Chapter) -> ET.Element:
        case = ET.Element("testcase", name=_clean(scenario.title), classname=_clean(feature.title),
                          file=scenario.file, line=str(scenario.line), time=f"{scenario.seconds:.3f}")  # fmt: skip
        ending = self._ending(scenario, feature)
        if ending is not None:  # an element without children is false
            case.append(ending)
        ET.SubElement(case, "system-out").text = _clean(_as_text(scenario))
        return case

    def _ending(self, scenario: Scenario, feature: Chapter) -> ET.Element | None:
        if scenario.state is State.PASSED:
            return None
        if scenario.state is State.SKIPPED:
            return ET.Element("skipped", message=_clean(scenario.reason or NOT_SELECTED))
        why = scenario.why
        if scenario.state is State.NOT_RUN and not why:
            around = _around(feature, scenario)
            if not around and self.config.stop:
                return ET.Element("skipped", message="not run: --stop ended the run at an earlier failure")
            why = around or Failure(scenario.reason or "The run ended before this scenario.")
        why = why or Failure(scenario.state.value)
        tag = "failure" if scenario.state is State.FAILED else "error"
        element = ET.Element(tag, type=scenario.state.name.lower(), message=_clean(why.subject))
        element.text = _clean("\n".join(filter(None, [why.text, why.trace])))
        return element


def replace(reporters: list[Any]) -> None:
    """Put ours in the place of the reporter that --junit brought."""
    reporters[:] = [JUnit(one.config) if type(one) is JUnitReporter else one for one in reporters]


def _around(part: Chapter, scenario: Scenario) -> Failure | None:
    """The failure of the feature or rule that kept a scenario from running."""
    if part.failure:
        return part.failure
    rules = (item for item in part.items if isinstance(item, Chapter))
    return next((rule.failure for rule in rules if rule.failure and scenario in rule.scenarios()), None)


def _as_text(scenario: Scenario) -> str:
    lines = [f"{step.state.mark} {step.keyword} {step.text} ({step.seconds:.3f} s)" for step in scenario.steps]
    return "\n".join([scenario.place, *lines, scenario.output]).rstrip()


def _clean(text: str) -> str:
    return UNPRINTABLE.sub(lambda found: f"U+{ord(found[0]):04X}", text)
