"""The objects that kustomize makes of deploy/k8s."""

import functools
import pathlib
import subprocess
import tempfile

import yaml

from programs import ROOT

K8S = ROOT / "deploy/k8s"
OVERLAYS = sorted(path.parent.name for path in (K8S / "overlays").glob("*/kustomization.yaml"))
COMPONENTS = sorted(path.parent.name for path in (K8S / "components").glob("*/kustomization.yaml"))
# Everything that goes together, so that each component is looked at. sqlite is in the overlay dev.
ALL = "all components"
# `mtls` changes what the others bring, and `release` names all their images.
LAST = ("mtls", "release")
TOGETHER = sorted(set(COMPONENTS) - {"sqlite", *LAST}) + list(LAST)


def kustomize(folder: pathlib.Path) -> str:
    result = subprocess.run(["kubectl", "kustomize", folder], capture_output=True, text=True, timeout=60)
    assert result.returncode == 0, result.stderr
    return result.stdout


@functools.cache
def text(name: str) -> str:
    if name != ALL:
        return kustomize(K8S / "overlays" / name)
    with tempfile.TemporaryDirectory(dir=K8S, prefix=".test-") as scratch:
        kustomization = {
            "apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization", "namespace": "inframind",
            "resources": ["../base"],
            "components": [f"../components/{component}" for component in TOGETHER],
        }
        (pathlib.Path(scratch) / "kustomization.yaml").write_text(yaml.safe_dump(kustomization))
        return kustomize(pathlib.Path(scratch))


@functools.cache
def objects(name: str) -> tuple[dict, ...]:
    return tuple(document for document in yaml.safe_load_all(text(name)) if document)


def title(thing: dict) -> str:
    return f"{thing['kind']}/{thing['metadata']['name']}"


def pod_template(thing: dict) -> dict | None:
    """The pod that an object makes, with `metadata` and `spec`; None for one that makes none."""
    match thing["kind"]:
        case "Deployment" | "StatefulSet" | "DaemonSet" | "Job":
            return thing["spec"]["template"]
        case "CronJob":
            return thing["spec"]["jobTemplate"]["spec"]["template"]
    return None


def pods(name: str) -> list[tuple[str, dict]]:
    return [(title(thing), pod) for thing in objects(name) if (pod := pod_template(thing))]


def containers(pod: dict) -> list[dict]:
    return pod["spec"].get("initContainers", []) + pod["spec"]["containers"]


def matches(selector: dict, labels: dict) -> bool:
    assert not selector.get("matchExpressions"), "the checks read matchLabels only"
    return all(labels.get(key) == value for key, value in selector.get("matchLabels", {}).items())


def of_kind(name: str, *kinds: str) -> list[dict]:
    return [thing for thing in objects(name) if thing["kind"] in kinds]
