"""khal and todoman, which show and change files, and vdirsyncer, which keeps them and the server in step."""

import subprocess
from pathlib import Path

from checks import Checks, expect
from context import Context
from outcome import Outcome
from televent import Server

VDIRSYNCER = """
[general]
status_path = "{work}/status"

[pair both]
a = "here"
b = "there"
collections = ["from a", "from b"]
metadata = ["color", "displayname"]

[storage here]
type = "filesystem"
path = "{work}/calendars"
fileext = ".ics"

[storage there]
type = "caldav"
url = "{server.url}"
username = "{person.username}"
password = "{person.password}"
"""

KHAL = """
[calendars]
[[all]]
path = {work}/calendars/*
type = discover

[locale]
local_timezone = Europe/Berlin
default_timezone = Europe/Berlin
dateformat = %Y-%m-%d
longdateformat = %Y-%m-%d
timeformat = %H:%M
datetimeformat = %Y-%m-%d %H:%M
longdatetimeformat = %Y-%m-%d %H:%M
"""

TODOMAN = """
path = "{work}/calendars/*"
default_list = "default"
date_format = "%Y-%m-%d"
"""

CALENDAR_COLOR = '<calendar-color xmlns="http://apple.com/ns/ical/"/>'


class Desk:
    """A folder with the person's files, and the programs that work on them."""

    def __init__(self, context: Context, server: Server) -> None:
        self._context = context
        self._programs = context.installer.virtual_environment("khal")
        self.calendars = context.work / "calendars"
        self.calendars.mkdir()
        self._file("vdirsyncer.conf", VDIRSYNCER, server)
        self._file("khal.conf", KHAL, server)
        self._file("todoman.conf.py", TODOMAN, server)

    def _file(self, name: str, text: str, server: Server) -> None:
        filled = text.format(work=self._context.work, server=server, person=server.people[0])
        (self._context.work / name).write_text(filled)

    def _call(self, *command: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        done = self._context.call([self._programs / command[0], *command[1:]], stdin=stdin)
        said = (done.stderr.strip() or done.stdout.strip()).splitlines()
        expect(done.returncode == 0, f"{command[0]} fails: {said[-1] if said else done.returncode}")
        return done

    def vdirsyncer(self, *arguments: str) -> None:
        # It asks before it makes a collection.
        self._call("vdirsyncer", "--config", "vdirsyncer.conf", *arguments, stdin="y\n" * 20)

    def sync(self) -> None:
        self.vdirsyncer("sync")

    def khal(self, *arguments: str) -> str:
        return self._call("khal", "--config", "khal.conf", *arguments).stdout

    def todo(self, *arguments: str) -> str:
        return self._call("todo", "--config", "todoman.conf.py", *arguments).stdout

    def listed(self) -> str:
        return self.khal("list", "--format", "{start} {title}", "2030-01-07", "8d")

    def file_with(self, text: str) -> Path:
        (found,) = (file for file in self.calendars.glob("*/*.ics") if text in file.read_text())
        return found


def run(context: Context) -> list[Outcome]:
    checks = Checks()
    with context.televent() as server:
        desk = Desk(context, server)
        calendar = server.default_calendar
        with checks.check("discover the calendars from the root URL"):
            desk.vdirsyncer("discover", "both")
            desk.sync()
            expect((desk.calendars / "default").is_dir(), "the default calendar has no folder")
        events(checks, desk, server, calendar)
        tasks(checks, desk, server, calendar)
        collections(checks, desk, server)
    return checks.outcomes


def events(checks: Checks, desk: Desk, server: Server, calendar: str) -> None:
    with checks.check("an event of the server is listed by khal"):
        server.put_event(calendar + "meeting.ics", "meeting", "Meeting")
        desk.sync()
        expect("2030-01-07 10:00 Meeting" in desk.listed(), "khal does not list it, in its time zone")
    with checks.check("a change on the server arrives"):
        server.put_event(calendar + "meeting.ics", "meeting", "Moved meeting")
        desk.sync()
        expect("Moved meeting" in desk.listed(), "khal lists the old title")
    with checks.check("an event of khal is on the server"):
        desk.khal("new", "-a", "default", "2030-01-08", "14:00", "15:00", "Dentist")
        desk.sync()
        expect("SUMMARY:Dentist" in server.contents(calendar), "the server does not have it")
        expect("TZID=Europe/Berlin:20300108T140000" in server.contents(calendar), "its time is not kept")
    with checks.check("a repeating event of khal is on the server"):
        desk.khal("new", "-a", "default", "--repeat", "daily", "--until", "2030-01-12", "2030-01-09", "08:00", "Run")
        desk.sync()
        expect("RRULE:FREQ=DAILY" in server.contents(calendar), "the server does not have it")
    with checks.check("an event deleted here is deleted on the server"):
        desk.file_with("SUMMARY:Dentist").unlink()
        desk.sync()
        expect("SUMMARY:Dentist" not in server.contents(calendar), "the server still has it")
    with checks.check("an event deleted on the server is deleted here"):
        expect(server.request("DELETE", calendar + "meeting.ics").status < 300, "DELETE is refused")
        desk.sync()
        expect("meeting" not in desk.listed(), "khal still lists it")


def tasks(checks: Checks, desk: Desk, server: Server, calendar: str) -> None:
    with checks.check("a task of todoman is on the server"):
        desk.todo("new", "--list", "default", "--due", "2030-01-10", "Taxes")
        desk.sync()
        expect("SUMMARY:Taxes" in server.contents(calendar), "the server does not have it")
    with checks.check("a task that is done is done on the server"):
        desk.todo("done", "1")
        desk.sync()
        expect("STATUS:COMPLETED" in server.contents(calendar), "it is not completed there")


def collections(checks: Checks, desk: Desk, server: Server) -> None:
    with checks.check("a folder made here is a calendar on the server"):
        (desk.calendars / "work").mkdir()
        desk.vdirsyncer("discover", "both")
        desk.sync()
        made = server.request("PROPFIND", server.home + "work/", headers={"Depth": "0"})
        expect(made.status == 207, f"PROPFIND of it: {made.status}")
        expect("calendar" in made.body, "it is no calendar")
    with checks.check("a colour chosen here is on the server"):
        (desk.calendars / "work" / "color").write_text("#ff0000")
        desk.vdirsyncer("metasync")
        found = server.property(server.home + "work/", CALENDAR_COLOR)
        expect("#ff0000" in found.lower(), f"the server has {found!r}")
