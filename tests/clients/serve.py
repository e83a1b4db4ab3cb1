"""Serves a fresh Televent for one suite, beside the private servers of `with-servers`.

Usage: with-servers -- python3 serve.py TELEVENT FOLDER [LANGUAGE…]

Migrates, makes three people with a device each, and a set-up link for somebody who reads each LANGUAGE, serves, prints one JSON
object with the URL, the people and the links, and ends when standard input does: whoever started it can be killed at any time without leaving a server behind.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable

# Every address of 127.0.0.0/8 is this machine on Linux. caldav-server-tester does not look at the well-known URL of a
# server on 127.0.0.1.
HOST = "127.0.0.2"

# No name is part of another: a search for the principal called Ann must find one.
PEOPLE = ((10_001, "Ann"), (10_002, "Kirill"), (10_003, "Bo"))

# Nobody asks Telegram for it here.
BOT_USERNAME = "televent_bot"

# Those who read the languages have the next ids.
READERS_FROM = 10_011

# How long a debug build may take until it is ready, in seconds.
READY_WITHIN = 60
# How long it may take to stop, in seconds.
STOP_WITHIN = 15
# Between two looks, in seconds.
LOOK_EVERY = 0.02


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def configuration(url: str) -> dict[str, str]:
    """The environment of `televent`: what it needs, and nothing that the person has set for a server of their own."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("TELEVENT_")}
    environment["TELEVENT_DATABASE_URL"] = os.environ["TELEVENT_TEST_DATABASE_URL"]
    environment["TELEVENT_NATS_URL"] = os.environ["TELEVENT_TEST_NATS_URL"]
    environment["TELEVENT_HTTP_LISTEN"] = url.removeprefix("http://").removesuffix("/")
    environment["TELEVENT_PUBLIC_URL"] = url
    environment["TELEVENT_TELEGRAM_BOT_USERNAME"] = BOT_USERNAME
    return environment


def add_person(run: Callable[..., str], telegram_id: int, name: str) -> dict[str, object]:
    run("user", "add", "--telegram-id", str(telegram_id), "--name", name)
    device = json.loads(run("device", "add", "--telegram-id", str(telegram_id), "--label", "client", "--json"))
    return {"telegram_id": telegram_id, "name": name, **device}


def add_link(run: Callable[..., str], telegram_id: int, language: str) -> str:
    person = ("--telegram-id", str(telegram_id))
    run("user", "add", *person, "--name", f"Reader of {language}", "--language", language)
    return run("device", "link", *person, "--label", "iPhone", "--app", "iphone").strip()


def wait_until_ready(url: str, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + READY_WITHIN
    while True:
        try:
            with urllib.request.urlopen(url + "readyz", timeout=READY_WITHIN):
                return
        except (urllib.error.URLError, ConnectionError) as error:
            if server.poll() is not None:
                sys.exit(f"televent ended with status {server.returncode} instead of serving")
            if time.monotonic() > deadline:
                sys.exit(f"televent is not ready after {READY_WITHIN} s: {error}")
        time.sleep(LOOK_EVERY)


def main() -> None:
    televent, folder, *languages = sys.argv[1:]
    # The person's own televent.toml is elsewhere.
    os.chdir(folder)
    # Ctrl-C reaches the whole process group; the end of standard input tells when it is time.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    url = f"http://{HOST}:{free_port()}/"
    environment = configuration(url)

    def run(*arguments: str) -> str:
        return subprocess.run([televent, *arguments], env=environment, stdout=subprocess.PIPE, text=True, check=True).stdout

    run("migrate")
    people = [add_person(run, *person) for person in PEOPLE]
    links = {language: add_link(run, READERS_FROM + at, language) for at, language in enumerate(languages)}
    server = subprocess.Popen([televent, "serve", "--roles", "api"], env=environment, stdout=sys.stderr)
    try:
        wait_until_ready(url, server)
        print(json.dumps({"url": url, "people": people, "links": links}), flush=True)
        sys.stdin.read()
    finally:
        server.terminate()
        server.wait(STOP_WITHIN)


if __name__ == "__main__":
    main()
