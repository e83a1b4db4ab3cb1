"""The pages for people, in a real Chromium, driven by Playwright: every language and theme, three widths, axe-core, no script."""

import json
import shutil
from dataclasses import asdict
from pathlib import Path

from context import Context
from outcome import Outcome, from_json_lines

# All that the server speaks.
LANGUAGES = ("en", "de", "ru", "ar")

# How long all pages may take, in seconds: five minutes on two cores that are busy with other things.
WITHIN = 1200

SCRIPT = Path(__file__).with_name("pages_browser.py")
# Debian has a Chromium under the first name; its package brings what the browser needs of the system, which Playwright's own
# download does not.
BROWSERS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
PACKAGES = ["chromium", "fonts-noto-core"]


def run(context: Context) -> list[Outcome]:
    programs = context.installer.virtual_environment("pages")
    if browser() is None:
        context.installer.debian_packages(PACKAGES)
    pictures = context.work / "pictures"
    pictures.mkdir()
    with context.televent(LANGUAGES) as server:
        told = {**asdict(server), "browser": browser(), "pictures": str(pictures)}
        done = context.call(
            [programs / "python", SCRIPT],
            {"PYTHONPATH": str(SCRIPT.parents[1])},
            stdin=json.dumps(told),
            within=WITHIN,
        )
    return from_json_lines(done.stdout)


def browser() -> str | None:
    """The program of a Chromium that is installed."""
    return next((found for name in BROWSERS if (found := shutil.which(name))), None)
