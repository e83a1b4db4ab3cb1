"""What a check of a suite came to, and whether that was to be expected.

A suite is a list of named checks. `expected/<suite>.toml` says how many there are, and explains each one that is not met:
anything else that is not met, anything explained that is met, and another number of checks is a surprise, and fails the run.
"""

import json
import tomllib
import xml.etree.ElementTree
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Self

EXPECTED = Path(__file__).with_name("expected")


class Verdict(Enum):
    """What came out."""

    PASSED = "passed"
    FAILED = "failed"
    # The suite itself left it out.
    SKIPPED = "skipped"


@dataclass(frozen=True)
class Outcome:
    """One check. `detail` is one line for people."""

    name: str
    verdict: Verdict
    detail: str = ""


class Unavailable(Exception):
    """The suite can't run on this machine; the message says why, and what would help."""


@dataclass(frozen=True)
class Judged:
    """A suite's outcomes beside what was expected of them."""

    passed: int
    # Not met, and nobody has said why.
    failed: tuple[Outcome, ...]
    # Not met, for a reason that is written down.
    explained: int
    # What the file of expectations says, and is not so.
    outdated: tuple[str, ...]

    @property
    def as_expected(self) -> bool:
        """Whether nothing is a surprise."""
        return not self.failed and not self.outdated


@dataclass(frozen=True)
class Expectations:
    """What is known of a suite: how many checks it has, and why some are not met, by their names."""

    checks: int
    explained: dict[str, str]

    @classmethod
    def of(cls, suite: str) -> Self:
        """Reads the suite's file."""
        return cls(**tomllib.loads((EXPECTED / f"{suite}.toml").read_text()))


def judge(outcomes: list[Outcome], expected: Expectations) -> Judged:
    """Compares what came out with what was expected."""
    passed = {outcome.name for outcome in outcomes if outcome.verdict is Verdict.PASSED}
    unmet = [outcome for outcome in outcomes if outcome.verdict is not Verdict.PASSED]
    names = {outcome.name for outcome in outcomes}
    outdated = [f"{name}: is met" for name in expected.explained if name in passed]
    outdated += [f"{name}: is not in the suite" for name in expected.explained if name not in names]
    # A suite that ends early, or finds nothing to do, is no success.
    if len(outcomes) != expected.checks:
        outdated.append(f"{expected.checks} checks: there are {len(outcomes)}")
    return Judged(
        passed=len(passed),
        failed=tuple(outcome for outcome in unmet if outcome.name not in expected.explained),
        explained=sum(outcome.name in expected.explained for outcome in unmet),
        outdated=tuple(outdated),
    )


def from_json_lines(text: str) -> list[Outcome]:
    """Reads what scripts of ours print: an object with `name`, `passed` and `detail` a line, and words of programs between."""
    checks = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
    return [Outcome(check["name"], Verdict.PASSED if check["passed"] else Verdict.FAILED, check["detail"]) for check in checks]


def from_junit(file: Path) -> list[Outcome]:
    """Reads the report that pytest writes with `--junitxml`; raises `RuntimeError` if there is none."""
    if not file.exists():
        raise RuntimeError("pytest has written no report")
    outcomes: dict[str, Outcome] = {}
    for case in xml.etree.ElementTree.parse(file).iter("testcase"):
        outcome = _from_testcase(case)
        # A test whose tidying up fails is reported twice.
        outcomes.setdefault(outcome.name, outcome)
        if outcome.verdict is not Verdict.PASSED and outcomes[outcome.name].verdict is Verdict.PASSED:
            outcomes[outcome.name] = outcome
    return list(outcomes.values())


def _from_testcase(case: xml.etree.ElementTree.Element) -> Outcome:
    name = f"{case.get('classname', '').rpartition('.')[2]}.{case.get('name')}"
    for kind, verdict in (
        ("failure", Verdict.FAILED),
        ("error", Verdict.FAILED),
        ("skipped", Verdict.SKIPPED),
    ):
        found = case.find(kind)
        if found is not None:
            lines = (found.get("message") or "").strip().splitlines()
            return Outcome(name, verdict, lines[0] if lines else "")
    return Outcome(name, Verdict.PASSED)
