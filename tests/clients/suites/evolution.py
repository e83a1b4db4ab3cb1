"""Evolution data server, the engine of Evolution and of GNOME Calendar, driven through its own client library."""

import json
from dataclasses import asdict
from pathlib import Path

from context import Context
from outcome import Outcome, from_json_lines

PACKAGES = ["evolution-data-server", "gir1.2-ecal-2.0", "python3-gi", "dbus"]
SCRIPT = Path(__file__).with_name("evolution_client.py")
# The one that the Debian packages are made for.
SYSTEM_PYTHON = "/usr/bin/python3"


def run(context: Context) -> list[Outcome]:
    context.installer.debian_packages(PACKAGES)
    with context.televent() as server:
        # A session of its own, so that neither the person's calendars nor their keyring are touched.
        done = context.call(
            ["dbus-run-session", "--", SYSTEM_PYTHON, SCRIPT],
            {"PYTHONPATH": str(SCRIPT.parents[1])},
            stdin=json.dumps(asdict(server)),
        )
    return from_json_lines(done.stdout)
