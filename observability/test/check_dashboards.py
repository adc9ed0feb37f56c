"""Reads every dashboard with Grafana's own model and back: a field the model does not know is a typing error.

Also: unique ids and titles, panels that do not overlap, queries that name the data source by its variable.
Prints one line for each thing that does not fit and exits 1 if there is any.
"""

import json
import pathlib
import sys

from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import Dashboard

FOLDER = pathlib.Path(__file__).resolve().parents[1] / "grafana/dashboards"


def lost(given, kept, path=""):
    """Paths in `given` that `kept` lacks."""
    if isinstance(given, dict):
        for key, value in given.items():
            if not isinstance(kept, dict) or key not in kept:
                yield f"{path}/{key}"
            else:
                yield from lost(value, kept[key], f"{path}/{key}")
    elif isinstance(given, list) and isinstance(kept, list):
        for index, (one, other) in enumerate(zip(given, kept)):
            yield from lost(one, other, f"{path}/{index}")


def overlaps(one, other):
    return (one["x"] < other["x"] + other["w"] and other["x"] < one["x"] + one["w"]
            and one["y"] < other["y"] + other["h"] and other["y"] < one["y"] + one["h"])


def problems_of(dashboard):
    kept = json.loads(JSONEncoder().encode(Dashboard.from_json(dashboard)))
    for path in lost(dashboard, kept):
        yield f"Grafana's model does not know {path}"
    panels = dashboard["panels"]
    if len({panel["id"] for panel in panels}) < len(panels):
        yield "two panels have one id"
    for index, panel in enumerate(panels):
        if panel["gridPos"]["x"] + panel["gridPos"]["w"] > 24:
            yield f"'{panel['title']}' is wider than the page"
        for other in panels[index + 1:]:
            if overlaps(panel["gridPos"], other["gridPos"]):
                yield f"'{panel['title']}' lies over '{other['title']}'"
        for target in panel.get("targets", []):
            if target["datasource"] != {"type": "prometheus", "uid": "${datasource}"}:
                yield f"'{panel['title']}' names another data source"


def main():
    found, panels, uids = [], 0, {}
    for file in sorted(FOLDER.glob("*.json")):
        dashboard = json.loads(file.read_text())
        panels += len(dashboard["panels"])
        found += [f"{file.name}: {problem}" for problem in problems_of(dashboard)]
        for key in (dashboard["uid"], dashboard["title"]):
            if key in uids:
                found.append(f"{file.name}: {uids[key]} is called {key}, too")
            uids[key] = file.name
    for problem in found:
        print(f"observability: {problem}", file=sys.stderr)
    print(f"{len(uids) // 2} dashboards, {panels} panels, {len(found)} problems")
    return 1 if found else 0


sys.exit(main())
