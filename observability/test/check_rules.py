"""Holds alert rules, their tests, their runbooks and the references of metrics to each other.

Prints one line for each thing that does not fit and exits 1 if there is any.
"""

import pathlib
import re
import sys

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROMETHEUS = ROOT / "observability/prometheus"
RUNBOOKS = ROOT / "docs/operations/runbooks"
# What Prometheus itself has to say of a target.
GIVEN = {"up"}


def rules():
    """All rules, by kind: records by name, alerts by name."""
    records, alerts = {}, {}
    for file in sorted((PROMETHEUS / "rules").glob("*.yml")):
        for group in yaml.safe_load(file.read_text())["groups"]:
            for rule in group["rules"]:
                (alerts if "alert" in rule else records)[rule.get("alert") or rule["record"]] = rule
    return records, alerts


def known_metrics():
    """Every series that servers and agents can show, by their references."""
    names = set()
    for name in ("metrics", "agent-metrics"):
        for line in (ROOT / f"docs/reference/{name}.md").read_text().splitlines():
            row = re.match(r"\| `([a-z0-9_]+)` \| (\w+) \|", line)
            if not row:
                continue
            suffixes = ("_bucket", "_sum", "_count") if row[2] == "histogram" else ("",)
            names.update(row[1] + suffix for suffix in suffixes)
    return names


def metrics_in(expression):
    """Names of series in an expression: what looks like ours, and is no label's value."""
    bare = re.sub(r'"[^"]*"', '""', expression)
    return set(re.findall(r"\b(?:[a-z]+:)?(?:inframind|process)[a-z0-9_:]*\b|\bup\b", bare))


def main():
    problems = []
    records, alerts = rules()
    known = known_metrics() | set(records) | GIVEN
    for name, rule in {**records, **alerts}.items():
        for metric in sorted(metrics_in(rule["expr"]) - known):
            problems.append(f"{name} asks for {metric}, which no reference has")

    fires, silent = set(), set()
    for file in sorted((PROMETHEUS / "tests").glob("*.yml")):
        for test in yaml.safe_load(file.read_text())["tests"]:
            for case in test.get("alert_rule_test", []):
                (fires if case["exp_alerts"] else silent).add(case["alertname"])

    for name, rule in alerts.items():
        annotations = rule.get("annotations", {})
        if rule.get("labels", {}).get("severity") not in ("critical", "warning"):
            problems.append(f"{name} has no severity")
        for key in ("summary", "description", "runbook_url"):
            if not annotations.get(key):
                problems.append(f"{name} has no {key}")
        if not annotations.get("runbook_url", "").endswith(f"/docs/operations/runbooks/{name}.md"):
            problems.append(f"{name} does not link to its runbook")
        runbook = RUNBOOKS / f"{name}.md"
        text = runbook.read_text() if runbook.exists() else ""
        for heading in ("Meaning", "Impact", "What to look at", "What to do"):
            if f"## {heading}\n" not in text:
                problems.append(f"the runbook of {name} has no section '{heading}'")
        if name not in fires:
            problems.append(f"no test has {name} fire")
        if name not in silent:
            problems.append(f"no test has {name} not fire")
    listed = set(re.findall(r"\[(\w+)\]\(\w+\.md\)", (RUNBOOKS / "README.md").read_text()))
    for name in sorted({file.stem for file in RUNBOOKS.glob("Inframind*.md")} ^ set(alerts)):
        problems.append(f"{name} is an alert without runbook, or a runbook without alert")
    for name in sorted(listed ^ set(alerts)):
        problems.append(f"docs/operations/runbooks/README.md and the alerts differ by {name}")

    for problem in problems:
        print(f"observability: {problem}", file=sys.stderr)
    print(f"{len(records)} recording rules, {len(alerts)} alerts, {len(known)} series known, {len(problems)} problems")
    return 1 if problems else 0


sys.exit(main())
