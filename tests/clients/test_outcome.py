"""What counts as a surprise: `python3 -m unittest discover tests/clients`."""

import tempfile
import unittest
from pathlib import Path

from outcome import Expectations, Outcome, Verdict, from_json_lines, from_junit, judge

MET = Outcome("met", Verdict.PASSED)
UNMET = Outcome("unmet", Verdict.FAILED, "why")
LEFT_OUT = Outcome("left out", Verdict.SKIPPED)


class Judging(unittest.TestCase):
    def test_an_unmet_check_needs_an_explanation(self) -> None:
        judged = judge([MET, UNMET, LEFT_OUT], Expectations(3, {"left out": "reason"}))
        self.assertEqual((judged.passed, judged.failed, judged.explained), (1, (UNMET,), 1))
        self.assertFalse(judged.as_expected)
        explained = Expectations(3, {"left out": "reason", "unmet": "reason"})
        self.assertTrue(judge([MET, UNMET, LEFT_OUT], explained).as_expected)

    def test_an_explanation_of_what_is_met_is_outdated(self) -> None:
        self.assertEqual(judge([MET], Expectations(1, {"met": "reason"})).outdated, ("met: is met",))

    def test_an_explanation_of_nothing_is_outdated(self) -> None:
        self.assertEqual(judge([MET], Expectations(1, {"gone": "reason"})).outdated, ("gone: is not in the suite",))

    def test_a_suite_that_ends_early_is_no_success(self) -> None:
        self.assertFalse(judge([MET], Expectations(2, {})).as_expected)
        self.assertFalse(judge([], Expectations(2, {})).as_expected)


class Reading(unittest.TestCase):
    def test_a_test_that_fails_while_tidying_up_has_failed_once(self) -> None:
        report = """<testsuites><testsuite>
            <testcase classname="tests.module.Class" name="one"/>
            <testcase classname="tests.module.Class" name="one"><error message="tidying&#10;more"/></testcase>
            <testcase classname="tests.module.Class" name="two"><skipped message="not here"/></testcase>
        </testsuite></testsuites>"""
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "report.xml"
            file.write_text(report)
            outcomes = from_junit(file)
        one = Outcome("Class.one", Verdict.FAILED, "tidying")
        two = Outcome("Class.two", Verdict.SKIPPED, "not here")
        self.assertEqual(outcomes, [one, two])

    def test_words_of_programs_are_no_checks(self) -> None:
        printed = 'starting\n{"name": "one", "passed": true, "detail": ""}\n'
        self.assertEqual(from_json_lines(printed), [Outcome("one", Verdict.PASSED)])


if __name__ == "__main__":
    unittest.main()
