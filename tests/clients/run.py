"""Runs CalDAV clients and conformance suites against the real server: `./x test clients [SUITE…]`.

Every suite gets a server with an empty database, since suites keep fixtures. The run fails when anything is not as
`expected/<suite>.toml` says.
"""

import argparse
import shutil
import sys
import time
import traceback
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

if sys.version_info < (3, 11):
    sys.exit("the client suites need Python 3.11 or newer")

from context import Context
from install import Installer
from outcome import Expectations, Judged, Unavailable, judge
from suites import caldav_server_tester, evolution, khal, litmus, pages, python_caldav, tsdav, vdirsyncer

SUITES: dict[str, ModuleType] = {
    "caldav-server-tester": caldav_server_tester,
    "python-caldav": python_caldav,
    "vdirsyncer": vdirsyncer,
    "tsdav": tsdav,
    "evolution": evolution,
    "khal": khal,
    "litmus": litmus,
    "pages": pages,
}


@dataclass(frozen=True)
class Report:
    """How a suite ended: with outcomes that were judged, or with a reason why there are none."""

    suite: str
    seconds: float
    folder: Path
    judged: Judged | None = None
    unavailable: str = ""
    broken: str = ""

    @property
    def good(self) -> bool:
        """Whether the run may succeed: a suite that can't run here is named, and is no failure."""
        return bool(self.unavailable) or (self.judged is not None and self.judged.as_expected)


def run(suite: str, binaries: Path, installer: Installer, folder: Path) -> Report:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    print(f"==> {suite}", file=sys.stderr)
    started = time.monotonic()

    judged, unavailable, broken = None, "", ""
    try:
        judged = judge(SUITES[suite].run(Context(installer, binaries, folder)), Expectations.of(suite))
    except Unavailable as error:
        unavailable = str(error)
    except Exception as error:
        broken = f"{type(error).__name__}: {error}"
        with (folder / "suite.log").open("a") as log:
            log.write(traceback.format_exc())
    return Report(suite, time.monotonic() - started, folder, judged, unavailable, broken)


def print_table(reports: list[Report]) -> None:
    print(f"\n{'suite':22} {'passed':>7} {'failed':>7} {'explained':>10} {'seconds':>8}")
    for report in reports:
        if report.judged is None:
            said = "skipped" if report.unavailable else "broken"
            print(f"{report.suite:22} {said:>7} {'':>7} {'':>10} {report.seconds:8.1f}")
        else:
            judged = report.judged
            counts = f"{judged.passed:7} {len(judged.failed):7} {judged.explained:10}"
            print(f"{report.suite:22} {counts} {report.seconds:8.1f}")


def print_surprises(reports: list[Report]) -> None:
    for report in reports:
        lines = []
        if report.unavailable:
            lines.append(f"skipped: {report.unavailable}")
        if report.broken:
            lines.append(f"broken: {report.broken}")
        if report.judged is not None:
            lines += [f"{each.verdict.value}: {each.name}  {each.detail}" for each in report.judged.failed]
            lines += [f"wrong in expected/{report.suite}.toml: {each}" for each in report.judged.outdated]
        if lines:
            print(f"\n{report.suite}   (see {report.folder})")
            print("\n".join(f"  {line}" for line in lines))


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./x test clients", description="Runs CalDAV clients against the real server.")
    parser.add_argument("--binaries", type=Path, required=True, help="folder of televent and with-servers")
    parser.add_argument("--tools", type=Path, required=True, help="where suites are installed")
    parser.add_argument("suites", nargs="*", metavar="SUITE", help=f"any of: {', '.join(SUITES)}; all when none is named")
    parsed = parser.parse_args()
    for suite in parsed.suites:
        if suite not in SUITES:
            parser.error(f"no such suite: {suite}; there are {', '.join(SUITES)}")
    return parsed


def main() -> None:
    chosen = arguments()
    installer = Installer(chosen.tools.resolve())
    binaries = chosen.binaries.resolve()
    # Beside the programs: what is built here, and what ran on it, is deleted together.
    folder = binaries / "clients"
    reports = [run(suite, binaries, installer, folder / suite) for suite in chosen.suites or SUITES]
    print_table(reports)
    print_surprises(reports)
    sys.exit(0 if all(report.good for report in reports) else 1)


if __name__ == "__main__":
    main()
