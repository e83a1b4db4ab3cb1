"""python-caldav's own tests against a server: 68 of CalDAV, and 8 of scheduling between users."""

import json

from context import Context
from outcome import Outcome, from_junit
from televent import Person, Server

RELEASE = "caldav==3.6.0"


def run(context: Context) -> list[Outcome]:
    programs = context.installer.virtual_environment("python-caldav")
    source = context.installer.source_archive(RELEASE)
    report = context.work / "report.xml"
    with context.televent() as server:
        configuration = context.work / "home" / ".config" / "caldav" / "test_servers.json"
        configuration.parent.mkdir(parents=True)
        configuration.write_text(json.dumps({"test-servers": {"Televent": description(server)}}))
        context.call(
            [
                programs / "python",
                *("-m", "pytest", "-p", "no:cacheprovider", "--junitxml", report),
                # Warnings are errors in this suite, and pytest-asyncio warns when nobody has chosen.
                *("-o", "asyncio_default_fixture_loop_scope=function"),
                # About calls of its own interface that it means to give up, not about servers.
                *("-W", "default::DeprecationWarning"),
                *("-k", "ServerTelevent", "tests/test_caldav.py"),
            ],
            folder=source,
        )
    return from_junit(report)


def description(server: Server) -> dict[str, object]:
    users = [account(server, person) for person in server.people]
    return {
        "type": "external",
        "enabled": True,
        **users[0],
        "scheduling_users": users,
        # Without any feature named here, most of the scheduling tests leave themselves out.
        "features": {"scheduling": {"support": "full"}},
    }


def account(server: Server, person: Person) -> dict[str, str]:
    return {"url": server.url, "username": person.username, "password": person.password}
