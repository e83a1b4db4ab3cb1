"""What a suite is given: an installer, servers, a folder of its own, and a way to run programs that can't hang or be lost."""

import os
import signal
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from install import Installer
from televent import Televent

# How long one program of a suite may run, in seconds: several times what the longest takes on two busy cores.
PROGRAM_WITHIN = 300


@dataclass(frozen=True)
class Context:
    """One run of one suite."""

    installer: Installer
    # Has `televent` and `with-servers`.
    binaries: Path
    # Empty at the start, and kept for whoever wants to see what happened.
    work: Path

    @property
    def log(self) -> Path:
        """What the suite's programs print."""
        return self.work / "suite.log"

    def televent(self, languages: Sequence[str] = ()) -> Televent:
        """A server with an empty database, to be used with `with`; with a set-up link for a reader of each of the `languages`."""
        return Televent(self.binaries, self.work, self.work / "server.log", languages)

    def call(
        self,
        command: list[object],
        environment: dict[str, str] | None = None,
        folder: Path | None = None,
        stdin: str = "",
        within: int = PROGRAM_WITHIN,
    ) -> subprocess.CompletedProcess[str]:
        """Runs a program to its end, in `folder` or else in `work`, and adds what it prints to the log.

        It has a home folder of its own, so that nothing depends on the person's configuration, and lives in UTC. Raises
        `RuntimeError` when it takes longer than `within` seconds; its status is for the caller to judge.
        """
        words = [str(word) for word in command]
        process = subprocess.Popen(
            words,
            env=self._environment() | (environment or {}),
            cwd=folder or self.work,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        try:
            stdout, stderr = process.communicate(stdin, timeout=within)
        except BaseException as error:
            # With all that it has started.
            os.killpg(process.pid, signal.SIGKILL)
            stdout, stderr = process.communicate()
            if isinstance(error, subprocess.TimeoutExpired):
                raise RuntimeError(f"{Path(words[0]).name} is not done after {within} s") from None
            raise
        finally:
            with self.log.open("a") as log:
                log.write(f"$ {' '.join(words)}\n{stdout}{stderr}\n")
        return subprocess.CompletedProcess(words, process.returncode, stdout, stderr)

    def _environment(self) -> dict[str, str]:
        home = self.work / "home"
        home.mkdir(exist_ok=True)
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("XDG_", "PYTHON", "TELEVENT_", "LC_"))}
        return kept | {"HOME": str(home), "TZ": "UTC", "LANG": "C.UTF-8"}
