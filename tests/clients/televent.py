"""A running Televent as a suite sees it: its URL, its people, and requests to it."""

import base64
import http.client
import json
import subprocess
import sys
import urllib.parse
import xml.etree.ElementTree
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

SERVE = Path(__file__).with_name("serve.py")
PROJECT = Path(__file__).resolve().parents[2]

# What any single answer may take, in seconds.
ANSWER_WITHIN = 30
# How long the servers may take to stop, in seconds.
STOP_WITHIN = 30

EVENT = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Televent//tests//EN
BEGIN:VEVENT
UID:{uid}
DTSTAMP:20300101T000000Z
DTSTART:20300107T090000Z
DTEND:20300107T100000Z
SUMMARY:{summary}
END:VEVENT
END:VCALENDAR
"""

QUERY = """<C:calendar-query xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav">
<prop><C:calendar-data/></prop><C:filter><C:comp-filter name="VCALENDAR"/></C:filter></C:calendar-query>"""


@dataclass(frozen=True)
class Person:
    """Somebody with an account and the password of one device."""

    telegram_id: int
    name: str
    username: str
    password: str


@dataclass(frozen=True)
class Answer:
    """What a request was answered with; the names of headers are in lower case."""

    status: int
    headers: dict[str, str]
    body: str


@dataclass(frozen=True)
class Server:
    """A server with an empty database."""

    url: str
    people: tuple[Person, ...]
    # Set-up links, by the languages of the people whom they are for.
    links: dict[str, str] = field(default_factory=dict)

    def request(
        self,
        method: str,
        path: str,
        body: str | bytes = "",
        headers: dict[str, str] | None = None,
        person: Person | None = None,
    ) -> Answer:
        """Sends one request as `person`, the first one if nobody is named; `path` is a path or a URL of this server."""
        person = person or self.people[0]
        credentials = base64.b64encode(f"{person.username}:{person.password}".encode()).decode()
        connection = http.client.HTTPConnection(urllib.parse.urlsplit(self.url).netloc, timeout=ANSWER_WITHIN)
        try:
            connection.request(
                method,
                urllib.parse.urlsplit(urllib.parse.urljoin(self.url, path)).path,
                body.encode() if isinstance(body, str) else body,
                {"Authorization": f"Basic {credentials}", **(headers or {})},
            )
            answer = connection.getresponse()
            return Answer(
                answer.status,
                {name.lower(): value for name, value in answer.getheaders()},
                answer.read().decode(),
            )
        finally:
            connection.close()

    @property
    def home(self) -> str:
        """The path of the first person's calendar home."""
        return f"/dav/calendars/{self.people[0].telegram_id}/"

    @property
    def default_calendar(self) -> str:
        """The path of the first person's first calendar."""
        return self.home + "default/"

    def put_event(self, path: str, uid: str, summary: str) -> None:
        """Stores an hour of 2030-01-07 from 09:00 UTC on, whatever is there already."""
        event = EVENT.format(uid=uid, summary=summary).replace("\n", "\r\n")
        answer = self.request("PUT", path, event, {"Content-Type": "text/calendar"})
        if answer.status not in (201, 204):
            raise AssertionError(f"PUT {path}: {answer.status}")

    def contents(self, calendar: str) -> str:
        """Everything that is stored in a calendar, in one text."""
        answer = self.request("REPORT", calendar, QUERY, {"Content-Type": "application/xml", "Depth": "1"})
        if answer.status != 207:
            raise AssertionError(f"REPORT {calendar}: {answer.status}")
        found = xml.etree.ElementTree.fromstring(answer.body).iter("{urn:ietf:params:xml:ns:caldav}calendar-data")
        return "\n".join(data.text or "" for data in found).replace("\r\n ", "").replace("\n ", "")

    def property(self, path: str, element: str) -> str:
        """The text of a property, which is named by an empty XML element; empty if there is none."""
        body = f'<propfind xmlns="DAV:"><prop>{element}</prop></propfind>'
        answer = self.request("PROPFIND", path, body, {"Content-Type": "application/xml", "Depth": "0"})
        if answer.status != 207:
            raise AssertionError(f"PROPFIND {path}: {answer.status}")
        name = xml.etree.ElementTree.fromstring(element).tag
        found = xml.etree.ElementTree.fromstring(answer.body).find(f".//{name}")
        return "" if found is None else "".join(found.itertext())


class Televent:
    """Starts a server with a database of its own; a context manager whose value is the `Server`."""

    def __init__(self, binaries: Path, work: Path, log: Path, languages: Sequence[str] = ()) -> None:
        """`binaries` has `televent` and `with-servers`; the server runs in the folder `work` and writes to `log`.

        There is a set-up link for somebody who reads each of the `languages`.
        """
        program = [sys.executable, SERVE, binaries / "televent", work, *languages]
        self._command: list[str | Path] = [binaries / "with-servers", "--", *program]
        self._log = log

    def __enter__(self) -> Server:
        with self._log.open("wb") as log:
            # In the folder of this project, where `with-servers` looks for what it starts.
            self._process = subprocess.Popen(
                self._command, cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True
            )
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            self.__exit__()
            raise RuntimeError(f"the server does not start; it says why in {self._log}")
        described = json.loads(line)
        return Server(described["url"], tuple(Person(**person) for person in described["people"]), described["links"])

    def __exit__(self, *_: object) -> None:
        self._process.communicate(timeout=STOP_WITHIN)
