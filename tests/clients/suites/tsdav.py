"""tsdav, the CalDAV library of many web applications: discovery, calendars, objects, ctag and sync-collection."""

from pathlib import Path

from context import Context
from outcome import Outcome, from_json_lines

RELEASE = "tsdav@2.3.4"
SCRIPT = Path(__file__).with_suffix(".mjs")


def run(context: Context) -> list[Outcome]:
    folder = context.installer.node_package(RELEASE)
    with context.televent() as server:
        person = server.people[0]
        done = context.call(["node", SCRIPT, folder, server.url, person.username, person.password])
    return from_json_lines(done.stdout)
