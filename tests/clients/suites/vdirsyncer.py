"""vdirsyncer's CalDAV tests: the storage that reads and writes single objects, with odd names, wrong ETags and metadata."""

from pathlib import Path

from context import Context
from outcome import Outcome, from_junit

RELEASE = "vdirsyncer==0.21.0"

# What the tests ask of a server: the arguments of a storage, in a new collection if one is named.
SERVER_MIXIN = """
import os

import pytest


class ServerMixin:
    @pytest.fixture
    def get_storage_args(self, slow_create_collection, aio_connector):
        async def inner(collection="test"):
            args = {
                "url": os.environ["CALDAV_URL"],
                "username": os.environ["CALDAV_USERNAME"],
                "password": os.environ["CALDAV_PASSWORD"],
                "connector": aio_connector,
            }
            if collection is None:
                return args
            return await slow_create_collection(self.storage_class, args, collection)

        return inner
"""


def run(context: Context) -> list[Outcome]:
    programs = context.installer.virtual_environment("vdirsyncer")
    source = context.installer.source_archive(RELEASE)
    describe_server(source / "tests" / "storage" / "servers" / "external")
    report = context.work / "report.xml"
    with context.televent() as server:
        person = server.people[0]
        context.call(
            [
                programs / "python",
                *("-m", "pytest", "-p", "no:cacheprovider", "--no-cov", "--junitxml", report),
                "tests/storage/dav/test_caldav.py",
            ],
            {
                "DAV_SERVER": "external",
                "CALDAV_URL": server.url,
                "CALDAV_USERNAME": person.username,
                "CALDAV_PASSWORD": person.password,
            },
            folder=source,
        )
    return from_junit(report)


def describe_server(folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    (folder / "__init__.py").write_text(SERVER_MIXIN)
