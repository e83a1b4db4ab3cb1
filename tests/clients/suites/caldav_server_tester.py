"""caldav-server-tester: what a server does of CalDAV, as 109 features, probed with three users.

A feature is met when its support level is "full". One entry is an observation and has a value instead: met when true.
"""

import ast
import json

from context import Context
from outcome import Outcome, Verdict
from televent import Person, Server


def run(context: Context) -> list[Outcome]:
    programs = context.installer.virtual_environment("caldav-server-tester")
    with context.televent() as server:
        configuration = context.work / "home" / ".config" / "caldav" / "calendar.conf"
        configuration.parent.mkdir(parents=True)
        configuration.write_text(json.dumps({person.username: section(server, person) for person in server.people}))
        sections = [word for person in server.people for word in ("--config-section", person.username)]
        # The other formats leave out features that their parents imply.
        done = context.call([programs / "caldav-server-tester", *sections, "--format", "hints"])
    if "{" not in done.stdout:
        said = done.stderr.strip().splitlines()
        raise RuntimeError(f"it reports nothing; its last words: {said[-1] if said else ''}")
    features = ast.literal_eval(done.stdout[done.stdout.index("{") :])
    return [outcome(feature, found) for feature, found in sorted(features.items())]


def section(server: Server, person: Person) -> dict[str, str]:
    return {"caldav_url": server.url, "caldav_username": person.username, "caldav_password": person.password}


def outcome(feature: str, found: dict[str, object]) -> Outcome:
    level = found.get("support", found.get("value"))
    verdict = Verdict.PASSED if level in ("full", True) else Verdict.FAILED
    return Outcome(feature, verdict, f"{level}: {found.get('behaviour', '')}".rstrip(": "))
