"""litmus, the WebDAV test suite: what of it means anything to a server of calendars.

It works with text files, which no calendar takes. An adapter between the two (`litmus_adapter.py`) makes its collection a
calendar, and each of its files an event that carries the text: the methods, the paths, the conditions and the dead properties
are litmus' own. The `locks` are left out, since the server is of class 1, and so is `http`, which would test the adapter.
"""

import re

from context import Context
from outcome import Outcome, Verdict
from suites.litmus_adapter import Adapter

PROGRAMS = ("basic", "copymove", "props")

# Such as: " 3. put_get............... pass", with "FAIL (reason)" or "SKIPPED" as other endings.
RESULT = re.compile(r"^ ?(\d+)\. (\w+)\.+ (pass|FAIL|SKIPPED)(?: \((.*)\))?", re.MULTILINE)
VERDICTS = {"pass": Verdict.PASSED, "FAIL": Verdict.FAILED, "SKIPPED": Verdict.SKIPPED}


def run(context: Context) -> list[Outcome]:
    context.installer.debian_packages(["litmus"])
    outcomes = []
    with context.televent() as server, Adapter(server) as url:
        person = server.people[0]
        for program in PROGRAMS:
            done = context.call(["litmus", url, person.username, person.password], {"TESTS": program})
            # The terminal's way to write over a line.
            for number, name, word, reason in RESULT.findall(done.stdout.replace("\r", "\n")):
                # Some run several times.
                outcomes.append(Outcome(f"{program} {number} {name}", VERDICTS[word], reason))
    return outcomes
