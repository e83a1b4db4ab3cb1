"""Installs the suites: pinned versions from PyPI and npm into a folder of this project, programs from Debian into the system.

Each installation is done once. A stamp, written last, holds what was asked for: a folder without it, or with other words
in it, is made again.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from outcome import Unavailable

REQUIREMENTS = Path(__file__).with_name("requirements")
STAMP = "installed"


class Installer:
    """Installs below one folder, which several runs at a time may use."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def virtual_environment(self, name: str) -> Path:
        """The `bin` folder of a virtual environment with exactly what `requirements/<name>.txt` lists."""
        requirements = REQUIREMENTS / f"{name}.txt"

        def make(folder: Path) -> None:
            _run([sys.executable, "-m", "venv", folder])
            _pip(folder / "bin" / "python", "install", "--no-deps", "--requirement", requirements)

        wanted = f"{sys.version} {hashlib.sha256(requirements.read_bytes()).hexdigest()}"
        return self._once(f"{name}-env", wanted, make) / "bin"

    def source_archive(self, requirement: str) -> Path:
        """The unpacked source archive of a release at PyPI, such as `vdirsyncer==0.21.0`: wheels have no tests."""

        def make(folder: Path) -> None:
            _pip(Path(sys.executable), "download", "--no-deps", "--no-binary", ":all:", "--dest", folder, requirement)
            (archive,) = folder.glob("*.tar.gz")
            _run(["tar", "-xzf", archive, "-C", folder])

        folder = self._once(f"{requirement.partition('==')[0]}-source", requirement, make)
        (source,) = (entry for entry in folder.iterdir() if entry.is_dir())
        return source

    def node_package(self, requirement: str) -> Path:
        """A folder in which Node.js finds a package of npm, such as `tsdav@2.3.4`."""

        def make(folder: Path) -> None:
            _run(["npm", "install", "--prefix", folder, "--no-save", "--no-audit", "--no-fund", "--silent", requirement])

        return self._once(requirement.partition("@")[0], requirement, make)

    def debian_packages(self, packages: list[str]) -> None:
        """Makes sure that Debian packages are there; `Unavailable` where they are not and can't be installed."""
        missing = [package for package in packages if not _is_installed(package)]
        if not missing:
            return
        command = "apt-get install --no-install-recommends " + " ".join(missing)
        if shutil.which("apt-get") is None:
            raise Unavailable(f"this system has no apt-get; packages needed: {' '.join(missing)}")
        if os.geteuid() != 0:
            raise Unavailable(f"run this as root, and repeat: {command}")
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        with self._lock():
            try:
                _run(["apt-get", "-qq", "update"])
                _run(["apt-get", "-qq", "-y", "--no-install-recommends", "install", *missing], environment)
            except RuntimeError as error:
                raise Unavailable(str(error)) from None

    def _once(self, name: str, wanted: str, make: Callable[[Path], None]) -> Path:
        folder = self._folder / name
        stamp = folder / STAMP
        with self._lock():
            if not stamp.exists() or stamp.read_text() != wanted:
                print(f"==> Installing {name}", file=sys.stderr)
                shutil.rmtree(folder, ignore_errors=True)
                folder.mkdir()
                make(folder)
                stamp.write_text(wanted)
        return folder

    @contextmanager
    def _lock(self) -> Iterator[None]:
        with (self._folder / "lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def _is_installed(package: str) -> bool:
    if shutil.which("dpkg-query") is None:
        return False
    asked = subprocess.run(
        ["dpkg-query", "--show", "--showformat=${db:Status-Status}", package], capture_output=True, text=True
    )
    return asked.stdout == "installed"


def _pip(python: Path, *arguments: object) -> None:
    environment = {**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    _run([python, "-m", "pip", arguments[0], "--quiet", "--no-input", *arguments[1:]], environment)


def _run(command: list[object], environment: dict[str, str] | None = None) -> None:
    words = [str(word) for word in command]
    try:
        done = subprocess.run(
            words, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
    except FileNotFoundError:
        raise Unavailable(f"{words[0]} is not installed") from None
    if done.returncode != 0:
        said = done.stdout.strip().splitlines()
        raise RuntimeError(f"`{' '.join(words)}` fails: {said[-1] if said else f'status {done.returncode}'}")
