"""As much of GitLab as a job needs to run: `extends`, `!reference`, dotenv reports, and scripts put together for a shell."""
import copy
import re
import zlib

import yaml

import jobs

TEMPLATE = jobs.INTEGRATIONS / "gitlab/inframind.gitlab-ci.yml"
SHELLS = {"bash": ["bash"], "BusyBox": ["busybox", "sh"]}


class Reference(list):
    pass


class Loader(yaml.SafeLoader):
    pass


Loader.add_constructor("!reference", lambda loader, node: Reference(loader.construct_sequence(node)))


def load(text):
    """A configuration with the template included."""
    own = yaml.load(text, Loader)
    own.pop("include", None)
    return {**yaml.load(TEMPLATE.read_text(), Loader), **own}


def merged(below, above):
    result = copy.deepcopy(below)
    for key, value in above.items():
        result[key] = merged(result[key], value) if isinstance(value, dict) and isinstance(result.get(key), dict) else value
    return result


def job(configuration, name):
    own = configuration[name]
    return merged(job(configuration, own["extends"]), own) if "extends" in own else own


def lines(configuration, script):
    found = []
    for line in [script] if isinstance(script, str) else script or []:
        if isinstance(line, Reference):
            found += lines(configuration, job(configuration, line[0]).get(line[1]))
        elif isinstance(line, list):
            found += lines(configuration, line)
        else:
            found.append(line)
    return found


def predefined(name, status=""):
    return {
        "CI": "true", "GITLAB_CI": "true", "CI_PROJECT_PATH": "acme/app", "CI_JOB_NAME": name, "CI_JOB_STAGE": "build", "CI_COMMIT_SHA": "b" * 40,
        "CI_COMMIT_BRANCH": "main", "CI_COMMIT_REF_NAME": "main", "CI_PIPELINE_ID": "5", "CI_JOB_ID": str(zlib.crc32(name.encode())),
        "CI_JOB_URL": "https://gitlab.example/1", "CI_JOB_IMAGE": "gcc:13", "CI_JOB_STATUS": status}


def run(configuration, name, shell, machine, dotenv=()):
    """Script and after-script of a job in one folder; the answer is those two."""
    wanted = job(configuration, name)
    variables = {**wanted.get("variables", {}), **dict(dotenv), **predefined(name)}
    variables = {key: str(value) for key, value in variables.items()}
    first = "\n".join(["set -eo pipefail", *lines(configuration, wanted.get("before_script")), *lines(configuration, wanted["script"])])
    ended = machine.script(first + "\n", shell=shell, **variables)
    variables["CI_JOB_STATUS"] = "success" if ended.code == 0 else "failed"
    after = machine.script("\n".join(lines(configuration, wanted.get("after_script"))) + "\n", shell=shell, **variables)
    return ended, after


def dotenv(path):
    """What GitLab reads from a report; it refuses the whole of one that it cannot read."""
    values = {}
    text = path.read_text()
    assert len(text) <= 5120 and text, "GitLab takes reports of 1 to 5120 bytes"
    for line in text.splitlines():
        match = re.fullmatch(r"([A-Za-z_][A-Za-z0-9_]*)=(.*)", line)
        assert match, f"GitLab cannot read {line!r}"
        values[match[1]] = match[2]
    assert len(values) <= 20, "GitLab Free takes 20 variables"
    return values
