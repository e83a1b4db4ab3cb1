#!/usr/bin/env python3
"""Evaluates the dashboard and the alert rules for real: `./x check monitoring` calls this.

Starts `televent up` and the real Prometheus with the scrape configuration and the rules of deploy/monitoring/ on loopback, lets people
invite, answer and sync, and asks for every query of every panel. Each must have a result, but for those that need what does not happen
here; and each metric that a rule names must be there.
"""

import argparse
import base64
import json
import pathlib
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
MONITORING = REPOSITORY / "deploy" / "monitoring"
SCRAPE_EVERY = "2s"
RATE_INTERVAL = "1m"
# For how long there is traffic: some scrapes, so that there are rates.
TRAFFIC_SECONDS = 40
PATIENCE_SECONDS = 90
# Of what nobody here does: ask for feeds and set-up pages.
MAY_BE_EMPTY = {"televent_feed_requests_total", "televent_setup_requests_total"}
METRIC = re.compile(r"\b(?:televent|process)_[a-z_0-9]+\b")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def until(what, ask):
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        try:
            if found := ask():
                return found
        except OSError:
            pass
        time.sleep(0.3)
    sys.exit(f"waited in vain for {what}")


def call(url, method="GET", body=None, headers=()):
    request = urllib.request.Request(url, method=method, data=body, headers=dict(headers))
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


class Person:
    """Somebody with a calendar app."""

    def __init__(self, server, username, password):
        credentials = base64.b64encode(f"{username}:{password}".encode()).decode()
        self.home = f"{server}/dav/calendars/{username.removeprefix('tg_')}/default/"
        self.headers = {"Authorization": f"Basic {credentials}", "User-Agent": "iOS/17.5 (21F79) dataaccessd/1.0"}

    def ask(self, method, name="", body=None, **headers):
        status, answer = call(self.home + name, method, body and body.encode(), {**self.headers, **headers})
        return status, answer.decode(errors="replace")


def traffic(output, server, chats, round_):
    """One round of what people do: invite, answer, sync, and mistype a password."""
    organizer, friend = (Person(server, *found) for found in re.findall(r"username (\S+)\s+password (\S+)", output)[:2])
    friend_id = re.search(r"#(\d+)", output)[1]
    lunch = pathlib.Path(re.search(r"-T (\S+)", output)[1]).read_text()
    name = f"lunch-{round_}.ics"
    event = lunch.replace("lunch@televent.example", f"lunch-{round_}@televent.example")
    if "lunch-" not in event:
        sys.exit("the sample has another UID")
    status, answer = organizer.ask("PUT", name, event, **{"Content-Type": "text/calendar"})
    if status != 201:
        sys.exit(f"PUT: {status} {answer}")
    organizer.ask("GET", name)
    organizer.ask("PROPFIND", body="<propfind xmlns='DAV:'><prop><sync-token/></prop></propfind>", Depth="0")
    for report in (
        "<sync-collection xmlns='DAV:'><sync-token/><sync-level>1</sync-level><prop><getetag/></prop></sync-collection>",
        "<c:calendar-query xmlns:c='urn:ietf:params:xml:ns:caldav' xmlns='DAV:'><prop><getetag/></prop>"
        "<c:filter><c:comp-filter name='VCALENDAR'/></c:filter></c:calendar-query>",
    ):
        status, answer = friend.ask("REPORT", body=report, Depth="1", **{"Content-Type": "application/xml"})
        if status != 207:
            sys.exit(f"REPORT: {status} {answer}")
    Person(server, "tg_1", "wrong").ask("GET")
    return press(chats, friend_id)


def press(chats, chat):
    """Presses the first button of the newest card that still has one to accept."""
    _, answer = call(f"{chats}/_sim/chats/{chat}/messages")
    answer = json.loads(answer)
    messages = answer if isinstance(answer, list) else answer["messages"]
    for message in reversed(messages):
        for row in (message.get("reply_markup") or {}).get("inline_keyboard", []):
            for button in row:
                if "Accept" in button.get("text", "") and "callback_data" in button:
                    body = json.dumps({"data": button["callback_data"]}).encode()
                    status, answer = call(
                        f"{chats}/_sim/chats/{chat}/messages/{message['message_id']}/press",
                        "POST",
                        body,
                        {"Content-Type": "application/json"},
                    )
                    return status == 200
    return False


def panels():
    dashboard = json.loads((MONITORING / "dashboard.json").read_text())
    for panel in dashboard["panels"]:
        for target in panel.get("targets", []):
            expression = target["expr"].replace("$__rate_interval", RATE_INTERVAL).replace("$job", "televent")
            yield panel["title"], expression


class Prometheus:
    def __init__(self, url):
        self.url = url

    def get(self, path, **parameters):
        query = urllib.parse.urlencode(parameters)
        status, answer = call(f"{self.url}{path}?{query}")
        answer = json.loads(answer)
        if status != 200 or answer["status"] != "success":
            raise ValueError(answer.get("error", status))
        return answer["data"]

    def ask(self, expression):
        return self.get("/api/v1/query", query=expression)["result"]


def judge(prometheus):
    problems, evaluated, empty = [], 0, []
    for title, expression in panels():
        evaluated += 1
        try:
            result = prometheus.ask(expression)
        except ValueError as error:
            problems.append(f"{title}: {expression}: {error}")
            continue
        values = [sample["value"][1] for sample in result]
        if any(value != "NaN" for value in values):
            continue
        names = set(METRIC.findall(expression))
        if names <= MAY_BE_EMPTY:
            empty.append(title)
        else:
            problems.append(f"{title}: {expression}: {values or 'nothing'}")
    rules = [rule for group in prometheus.get("/api/v1/rules")["groups"] for rule in group["rules"]]
    for rule in rules:
        if rule["health"] != "ok":
            problems.append(f"{rule['name']}: {rule.get('lastError') or rule['health']}")
        for name in set(METRIC.findall(rule["query"])):
            if not prometheus.ask(f"count({name})"):
                problems.append(f"{rule['name']}: there is no {name}")
    firing = sorted({alert["labels"]["alertname"] for alert in prometheus.get("/api/v1/alerts")["alerts"]})
    print(f"monitoring: {evaluated} queries of the dashboard, {len(rules)} rules, {len(problems)} problems")
    print(f"legitimately without a result: {', '.join(sorted(set(empty))) or 'none'}; alerts pending or firing: {', '.join(firing) or 'none'}")
    for problem in problems:
        print(problem, file=sys.stderr)
    return problems


def check_metrics(server, promtool):
    """Every family has its HELP and TYPE, and promtool finds nothing to object to."""
    _, text = call(f"{server}/metrics")
    linted = subprocess.run([promtool, "check", "metrics"], input=text, capture_output=True)
    lines = text.decode().splitlines()
    typed = {line.split()[2] for line in lines if line.startswith("# TYPE ")}
    helped = {line.split()[2] for line in lines if line.startswith("# HELP ")}
    problems = [f"{name} has no HELP" for name in sorted(typed - helped)]
    if linted.returncode:
        problems.append(f"promtool check metrics: {linted.stdout.decode()}{linted.stderr.decode()}")
    print(f"/metrics: {len(typed)} families, {len(lines) - len(typed) - len(helped)} series, {len(text)} bytes")
    for problem in problems:
        print(problem, file=sys.stderr)
    return problems


def run(arguments, folder):
    port, prometheus_port = free_port(), free_port()
    server = f"http://127.0.0.1:{port}"
    log = folder / "televent.log"
    with log.open("w") as out:
        televent = subprocess.Popen(
            [arguments.televent, "up", "--data-dir", folder / "data", "--http-listen", f"127.0.0.1:{port}"],
            stdout=out,
            stderr=subprocess.STDOUT,
            cwd=REPOSITORY,
        )
    config = (MONITORING / "prometheus.yml").read_text()
    for default, here in (("15s", SCRAPE_EVERY), ("127.0.0.1:8080", f"127.0.0.1:{port}")):
        config = config.replace(default, here)
    (folder / "prometheus.yml").write_text(config)
    (folder / "alerts.yaml").write_text((MONITORING / "alerts.yaml").read_text())
    watcher = None
    try:
        output = until("televent up", lambda: "Ctrl-C" in (text := log.read_text()) and text)
        chats = re.search(r"Telegram chats\s+(\S+)", output)[1].rstrip("/")
        with (folder / "prometheus.log").open("w") as out:
            watcher = subprocess.Popen(
                [
                    arguments.prometheus,
                    f"--config.file={folder / 'prometheus.yml'}",
                    f"--storage.tsdb.path={folder / 'tsdb'}",
                    f"--web.listen-address=127.0.0.1:{prometheus_port}",
                ],
                stdout=out,
                stderr=subprocess.STDOUT,
            )
        prometheus = Prometheus(f"http://127.0.0.1:{prometheus_port}")
        until("the first scrape", lambda: call(f"{prometheus.url}/-/ready")[0] == 200 and prometheus.ask("up == 1"))
        began, rounds, presses = time.monotonic(), 0, 0
        while time.monotonic() - began < TRAFFIC_SECONDS:
            presses += traffic(output, server, chats, rounds)
            rounds += 1
            time.sleep(2)
        print(f"traffic: {rounds} invitations, {presses} presses")
        if not presses:
            print("no card could be pressed", file=sys.stderr)
        problems = judge(prometheus) + check_metrics(server, arguments.promtool)
        return 1 if problems or not presses else 0
    finally:
        for process in (watcher, televent):
            if process:
                process.send_signal(signal.SIGINT)
                process.wait(timeout=60)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--televent", required=True)
    parser.add_argument("--prometheus", required=True)
    parser.add_argument("--promtool", required=True)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="televent-monitoring-") as folder:
        sys.exit(run(arguments, pathlib.Path(folder)))


if __name__ == "__main__":
    main()
