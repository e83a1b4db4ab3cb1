"""Works with a calendar through Evolution data server, and looks at the server after each step.

Reads the server (URL and people, as JSON) from standard input, and prints one JSON object a line for each check: `name`,
`passed`, `detail`. Needs a D-Bus session.
"""

import json
import sys
import threading
import time
from collections.abc import Callable

import gi

gi.require_version("ECal", "2.0")
gi.require_version("EDataServer", "1.2")
gi.require_version("ICalGLib", "3.0")
from gi.repository import ECal, EDataServer, GLib, ICalGLib

from checks import Checks, expect
from outcome import Verdict
from televent import Person, Server

# How long the engine may take to connect, or to notice a change after it was told to look, in seconds.
WITHIN = 20
# Between two looks, in seconds.
LOOK_EVERY = 0.05

EVENT = """BEGIN:VEVENT
UID:{uid}
DTSTAMP:20300101T000000Z
DTSTART:20300107T090000Z
DTEND:20300107T100000Z
SUMMARY:{summary}
END:VEVENT
"""


class Calendar:
    """The person's default calendar in the engine."""

    def __init__(self, server: Server) -> None:
        self._person = server.people[0]
        url = GLib.Uri.parse(server.url.rstrip("/") + server.default_calendar, GLib.UriFlags.NONE)
        registry = EDataServer.SourceRegistry.new_sync(None)
        registry.commit_source_sync(described := self._describe(url), None)
        self.source = registry.ref_source(described.get_uid())
        self.source.connect("credentials-required", self._authenticate)
        self._registry = registry

    def connect(self) -> None:
        self.client = ECal.Client.connect_sync(self.source, ECal.ClientSourceType.EVENTS, WITHIN, None)

    def _describe(self, url: GLib.Uri) -> EDataServer.Source:
        source = EDataServer.Source.new(None, None)
        source.set_display_name("Televent")
        source.set_parent("caldav-stub")
        source.get_extension(EDataServer.SOURCE_EXTENSION_CALENDAR).set_backend_name("caldav")
        source.get_extension(EDataServer.SOURCE_EXTENSION_WEBDAV_BACKEND).set_uri(url)
        source.get_extension(EDataServer.SOURCE_EXTENSION_SECURITY).set_method("none")
        authentication = source.get_extension(EDataServer.SOURCE_EXTENSION_AUTHENTICATION)
        authentication.set_method("plain/password")
        authentication.set_host(url.get_host())
        authentication.set_port(url.get_port())
        authentication.set_user(self._person.username)
        return source

    def credentials(self) -> EDataServer.NamedParameters:
        credentials = EDataServer.NamedParameters.new()
        credentials.set(EDataServer.SOURCE_CREDENTIAL_USERNAME, self._person.username)
        credentials.set(EDataServer.SOURCE_CREDENTIAL_PASSWORD, self._person.password)
        return credentials

    def _authenticate(self, source: EDataServer.Source, *_: object) -> None:
        source.invoke_authenticate(self.credentials(), None, None, None)

    def texts(self) -> dict[str, str]:
        """What the engine holds, by UID."""
        _, found = self.client.get_object_list_as_comps_sync("#t", None)
        return {component.get_uid(): component.get_as_string() for component in found}

    def look_for(self, what: Callable[[], bool], failure: str) -> None:
        """Tells the engine to look at the server until it has noticed."""
        deadline = time.monotonic() + WITHIN
        while not what():
            expect(time.monotonic() < deadline, failure)
            self.client.refresh_sync(None)
            time.sleep(LOOK_EVERY)


def component(uid: str, summary: str) -> ICalGLib.Component:
    return ICalGLib.Component.new_from_string(EVENT.format(uid=uid, summary=summary))


def run(checks: Checks, server: Server) -> None:
    path = server.default_calendar
    calendar = Calendar(server)
    with checks.check("connect to a calendar that can be written"):
        calendar.connect()
        expect(not calendar.client.is_readonly(), "it is read-only")
    with checks.check("discover calendars and addresses from the root URL"):
        discover(calendar, server)
    with checks.check("an event made here is on the server"):
        calendar.client.create_object_sync(component("made-here", "Made here"), ECal.OperationFlags.NONE, None)
        expect("SUMMARY:Made here" in server.contents(path), "the server does not have it")
    with checks.check("a change made here is on the server"):
        changed = component("made-here", "Changed here")
        calendar.client.modify_object_sync(changed, ECal.ObjModType.ALL, ECal.OperationFlags.NONE, None)
        contents = server.contents(path)
        expect("SUMMARY:Changed here" in contents and "SUMMARY:Made here" not in contents, "the server has the old one")
    with checks.check("an event of the server arrives"):
        server.put_event(path + "made-there.ics", "made-there", "Made there")
        calendar.look_for(lambda: "Made there" in calendar.texts().get("made-there", ""), "it does not arrive")
    with checks.check("a change on the server arrives"):
        server.put_event(path + "made-there.ics", "made-there", "Changed there")
        calendar.look_for(lambda: "Changed there" in calendar.texts()["made-there"], "it does not arrive")
    with checks.check("an event deleted on the server disappears"):
        expect(server.request("DELETE", path + "made-there.ics").status < 300, "DELETE is refused")
        calendar.look_for(lambda: "made-there" not in calendar.texts(), "it is still there")
    with checks.check("an event deleted here is gone from the server"):
        calendar.client.remove_object_sync("made-here", None, ECal.ObjModType.ALL, ECal.OperationFlags.NONE, None)
        expect("UID:made-here" not in server.contents(path), "the server still has it")


def discover(calendar: Calendar, server: Server) -> None:
    _, _, _, found, addresses = EDataServer.webdav_discover_sources_sync(
        calendar.source, server.url, EDataServer.WebDAVDiscoverSupports.EVENTS, calendar.credentials(), None
    )
    hrefs = [source.href for source in found]
    expect(any(href.endswith(server.default_calendar) for href in hrefs), f"the default calendar is not among {hrefs}")
    # The account assistant writes it into the source; the engine takes it for the user's own from there.
    own = f"{server.people[0].username}@televent.internal"
    expect(any(own in address for address in addresses), f"{own} is not among {addresses}")


def main() -> None:
    described = json.load(sys.stdin)
    server = Server(described["url"], tuple(Person(**person) for person in described["people"]))
    # The engine asks for credentials by signals, which somebody has to deliver while we wait.
    threading.Thread(target=GLib.MainLoop().run, daemon=True).start()
    checks = Checks()
    run(checks, server)
    for outcome in checks.outcomes:
        passed = outcome.verdict is Verdict.PASSED
        print(json.dumps({"name": outcome.name, "passed": passed, "detail": outcome.detail}))


if __name__ == "__main__":
    main()
