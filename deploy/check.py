#!/usr/bin/env python3
"""Checks deploy/ with the tools that read it for real: `./x check` installs them and calls this.

The chart is rendered by Helm's own code for each file in helm/checks/, and what comes out is held against the schemas
of Kubernetes, strictly, and against the rules below that no schema knows.
"""

import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import helm_python
import kubernetes_validate
import yaml

DEPLOY = pathlib.Path(__file__).resolve().parent
DOCS = DEPLOY.parent / "docs"
MONITORING = DEPLOY / "monitoring"
TOOLS = pathlib.Path(sys.executable).parent
CHART = DEPLOY / "helm" / "televent"
# The oldest that the chart allows, and the newest whose schemas are installed.
KUBERNETES = ("1.30", "1.37")
# Of other makers: their schemas are with their operators.
CUSTOM = {"ScaledObject", "ServiceMonitor", "HTTPRoute"}
# `systemd-analyze security` in tenths: 0 is no exposure at all, 100 all of it.
EXPOSURE = 15
HELM_WARNING = 2

problems = []


def run(*command, **options):
    done = subprocess.run(command, capture_output=True, text=True, **options)
    if done.returncode:
        problems.append(f"{' '.join(map(str, command))}:\n{done.stdout}{done.stderr}")
    return done


def check_image():
    run(TOOLS / "hadolint", DEPLOY / "Dockerfile")


def check_compose():
    run(TOOLS / "docker-compose", "--file", DEPLOY / "compose.yaml", "--env-file", DEPLOY / ".env.example", "config", "--quiet")


def check_caddy():
    environment = {
        "TELEVENT_HOST": "calendar.example.org",
        "TELEVENT_UPSTREAM": "televent:8080",
        "TELEVENT_APIS": "10.0.0.1:8080 10.0.0.2:8080",
        "TELEVENT_RSVPS": "10.0.0.1:8082 10.0.0.2:8082",
        "HOME": "/nonexistent",
    }
    for name in ("Caddyfile", "Caddyfile.cluster"):
        file = DEPLOY / name
        run(TOOLS / "caddy", "validate", "--config", file, "--adapter", "caddyfile", env=environment)
        formatted = run(TOOLS / "caddy", "fmt", file, env=environment)
        if formatted.stdout and formatted.stdout != file.read_text():
            problems.append(f"{name} is not formatted: caddy fmt --overwrite deploy/{name}")


def check_units():
    if not shutil.which("systemd-analyze"):
        print("systemd-analyze is not installed: the units are not checked", file=sys.stderr)
        return
    with tempfile.TemporaryDirectory() as root:
        units = pathlib.Path(root, "usr/lib/systemd/system")
        shutil.copytree(DEPLOY / "systemd", units)
        for name in ("televent.service", "televent@.service"):
            (units / f"{name}.d").mkdir(exist_ok=True)
            shutil.copy(DEPLOY / "systemd" / "10-common.conf", units / f"{name}.d")
        # What the units name must be there.
        for target in ("multi-user", "network-online", "sysinit", "basic", "shutdown"):
            (units / f"{target}.target").write_text("[Unit]\nDescription=-\n")
        program = pathlib.Path(root, "usr/bin/televent")
        program.parent.mkdir(parents=True)
        program.touch(mode=0o755)
        for unit in ("televent.service", "televent@api.service", "televent@notifier.service", "televent@rsvp.service"):
            done = run("systemd-analyze", "verify", f"--root={root}", unit)
            said = [line for line in done.stderr.splitlines() if "televent" in line]
            if not done.returncode and said:
                problems.append("\n".join(said))
            run("systemd-analyze", "security", "--offline=yes", f"--threshold={EXPOSURE}", f"--root={root}", unit)


def check_monitoring():
    """The rules and their tests by promtool; that each alert has its runbook, and each query names a metric that there is."""
    rules = yaml.safe_load((MONITORING / "alerts.yaml").read_text())
    alerts = [rule for group in rules["groups"] for rule in group["rules"]]
    runbooks = {line.removeprefix("## ") for line in (DOCS / "runbooks.md").read_text().splitlines() if line.startswith("## ")}
    names = {alert["alert"] for alert in alerts}
    problems.extend(f"docs/runbooks.md has no section {name}" for name in sorted(names - runbooks))
    problems.extend(f"docs/runbooks.md: there is no alert {name}" for name in sorted(runbooks - names))
    for alert in alerts:
        if alert["annotations"]["runbook_url"] != f"docs/runbooks.md#{alert['alert'].lower()}":
            problems.append(f"{alert['alert']}: the runbook's URL is another one's")
    dashboard = json.loads((MONITORING / "dashboard.json").read_text())
    queries = [target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", [])]
    known = set(re.findall(r"\| `(televent_\w+)` \|", (DOCS / "metrics.md").read_text()))
    for query in queries + [alert["expr"] for alert in alerts]:
        for name in re.findall(r"\btelevent_\w+", query):
            if not {name, re.sub("_(bucket|count|sum)$", "", name)} & known:
                problems.append(f"there is no metric {name}, which is asked for by {query}")
    promtool = shutil.which("promtool")
    if not promtool:
        print("promtool is not installed: the alert rules are not checked (Debian's package prometheus has it)", file=sys.stderr)
        return
    run(promtool, "check", "config", MONITORING / "prometheus.yml")
    run(promtool, "check", "rules", MONITORING / "alerts.yaml")
    run(promtool, "test", "rules", MONITORING / "tests" / "alerts.yaml")


def documents(rendered):
    for path, text in rendered.items():
        if path.endswith(".yaml"):
            for document in yaml.safe_load_all(text):
                if document:
                    yield path, document


def pod_of(document):
    if document["kind"] == "Pod":
        return document["spec"]
    return document.get("spec", {}).get("template", {}).get("spec") if document["kind"] in {"Deployment", "Job"} else None


def check_pod(where, pod):
    """The restricted Pod Security Standard, and what we want beyond it."""
    security = pod.get("securityContext", {})
    wanted = [
        ("runAsNonRoot", security.get("runAsNonRoot") is True),
        ("a numeric user", security.get("runAsUser", 0) > 0),
        ("seccomp", security.get("seccompProfile") == {"type": "RuntimeDefault"}),
        ("no token", pod.get("automountServiceAccountToken") is False),
        ("no service links", pod.get("enableServiceLinks") is False),
    ]
    for container in pod["containers"]:
        inner = container.get("securityContext", {})
        wanted += [
            ("no escalation", inner.get("allowPrivilegeEscalation") is False),
            ("no capabilities", inner.get("capabilities") == {"drop": ["ALL"]}),
            ("a read-only root", inner.get("readOnlyRootFilesystem") is True),
            ("resources", {"requests", "limits"} <= container.get("resources", {}).keys()),
        ]
    problems.extend(f"{where}: {name} is missing" for name, met in wanted if not met)


def check_chart(values_file):
    values = yaml.safe_load(values_file.read_text())
    report = helm_python.lint(CHART, values, strict=True)
    for message in report["messages"]:
        if message["severity"] >= HELM_WARNING:
            problems.append(f"helm lint, {values_file.name}: {message['path']}: {message['error']}")
    with helm_python.Chart.load(CHART) as chart:
        found = list(documents(chart.render(values, name="televent", namespace="default")))
    seen = set()
    for path, document in found:
        kind, name = document["kind"], document["metadata"]["name"]
        where = f"{values_file.name}: {path}: {kind} {name}"
        if (kind, name) in seen:
            problems.append(f"{where} is there twice")
        seen.add((kind, name))
        for version in KUBERNETES if kind not in CUSTOM else ():
            try:
                kubernetes_validate.validate(document, version, strict=True)
            except (kubernetes_validate.ValidationError, kubernetes_validate.SchemaNotFoundError) as error:
                problems.append(f"{where}, Kubernetes {version}: {str(error).splitlines()[0]}")
        if pod := pod_of(document):
            check_pod(where, pod)
    return len(found)


def check_refusals():
    """The schema of the values refuses what would fail only later."""
    for wrong in (
        {},
        {"publicUrl": "http://calendar.example.org"},
        {"publicUrl": "https://calendar.example.org", "telegram": {"updates": "carrier pigeon"}},
        {"publicUrl": "https://calendar.example.org", "settings": {"telegram_token": "123456:ABC"}},
        {"publicUrl": "https://calendar.example.org", "replicas": 3},
    ):
        with helm_python.Chart.load(CHART) as chart:
            try:
                chart.validate_schema(chart.merge_values(wrong))
            except helm_python.HelmError:
                continue
        problems.append(f"the chart's schema takes {wrong}")


def main():
    check_image()
    check_compose()
    check_caddy()
    check_units()
    check_monitoring()
    count = sum(check_chart(file) for file in sorted((DEPLOY / "helm" / "checks").glob("*.yaml")))
    check_refusals()
    for problem in problems:
        print(problem, file=sys.stderr)
    print(f"deploy/: {count} manifests, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
