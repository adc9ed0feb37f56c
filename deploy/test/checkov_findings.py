"""checkov over the manifests and the Dockerfile: every finding is either mended or listed here with its reason."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

import manifests
from programs import ROOT

# What checkov asks for and we do not do, and why. A line that is no longer needed is an error, too.
ACCEPTED = {
    "CKV_K8S_11": "no limit on CPU: a throttled server answers late, and the node's other pods have their requests",
    "CKV_K8S_43": "a digest is set with `kustomize edit set image` when a release is installed; the tree names its version",
    "CKV_DOCKER_7": "the base images are arguments, whose defaults name a version; checkov does not read them",
    "CKV_K8S_40": "the images of PostgreSQL and Redis know their users as 999; ours runs as 65532",
    "CKV_K8S_15": "the tag of a release does not move, and a registry that is away must not keep a pod from starting",
}
# The agent sees its node, which is what these forbid; its component agent-attribution says what each is for.
ACCEPTED_FOR_AGENT = {
    "CKV_K8S_17": "process IDs of the node: the end of a build is told by them",
    "CKV_K8S_23": "root, with two capabilities, to read environments of other users' processes",
    "CKV_K8S_25": "these two capabilities",
    "CKV_K8S_37": "these two capabilities",
    "CKV_K8S_39": "SYS_ADMIN is not among them; checkov asks of any",
}


def scan(framework: str, *what: str) -> list[dict]:
    result = subprocess.run(
        [os.environ["CHECKOV"], *what, "--framework", framework, "--skip-download", "--quiet",
         "--compact", "--output", "json"], capture_output=True, text=True, timeout=900)
    report = json.loads(result.stdout)
    reports = report if isinstance(report, list) else [report]
    passed = sum(one["summary"]["passed"] for one in reports)
    if not passed:
        sys.exit(f"checkov looked at nothing: {result.stderr[-500:]}")
    print(f"checkov: {framework}: {passed} checks passed")
    return [finding for one in reports for finding in one["results"]["failed_checks"]]


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        for name in (*manifests.OVERLAYS, manifests.ALL):
            (pathlib.Path(folder) / f"{name.replace(' ', '-')}.yaml").write_text(manifests.text(name))
        findings = scan("kubernetes", "--directory", folder)
    findings += scan("dockerfile", "--file", str(ROOT / "Dockerfile"))

    def accepted(one: dict) -> bool:
        return one["check_id"] in ACCEPTED or "inframind-agent" in one["resource"] and one["check_id"] in ACCEPTED_FOR_AGENT

    unknown = {(one["check_id"], one["check_name"], one["resource"]) for one in findings if not accepted(one)}
    for finding in sorted(unknown):
        print("checkov: %s %s: %s" % finding, file=sys.stderr)
    stale = set(ACCEPTED) - {one["check_id"] for one in findings}
    for check in sorted(stale):
        print(f"checkov: {check} is accepted, but nothing is found", file=sys.stderr)
    if unknown or stale:
        sys.exit(1)
    print(f"checkov: {len(findings)} findings, all of {len(ACCEPTED)} accepted kinds")


if __name__ == "__main__":
    main()
