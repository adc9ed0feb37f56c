"""As much of CircleCI as a job needs to run: parameters, commands of an orb, and the steps of a job in their order."""
import copy
import re

import yaml

import jobs

ORB = jobs.INTEGRATIONS / "circleci/orb.yml"
README = jobs.INTEGRATIONS / "circleci/README.md"


def orb():
    return yaml.safe_load(ORB.read_text())


def filled(value, parameters):
    """`value` with `<< name >>` replaced. A parameter alone keeps its type; one that is unknown is an error, as it is there."""
    if isinstance(value, dict):
        return {key: filled(one, parameters) for key, one in value.items()}
    if isinstance(value, list):
        return [filled(one, parameters) for one in value]
    if not isinstance(value, str):
        return value
    alone = re.fullmatch(r"<<\s*([\w.-]+)\s*>>", value)
    if alone:
        return parameters[alone[1]]
    return re.sub(r"<<\s*([\w.-]+)\s*>>", lambda match: str(parameters[match[1]]), value)


def arguments(definition, given):
    declared = definition.get("parameters", {})
    unknown = set(given) - set(declared)
    assert not unknown, f"unexpected arguments: {unknown}"
    values = {}
    for name, parameter in declared.items():
        assert name in given or "default" in parameter, f"missing argument: {name}"
        values["parameters." + name] = given.get(name, parameter.get("default"))
        if parameter["type"] == "enum":
            assert values["parameters." + name] in parameter["enum"], values
    return values


def expanded(steps, commands, prefix=""):
    """Steps with every command of the orb replaced by what it does."""
    result = []
    for step in steps:
        name, given = next(iter(step.items())) if isinstance(step, dict) else (step, {})
        if name == "steps":
            result += expanded(given, commands, prefix)
        elif name.removeprefix(prefix) in commands or name in commands:
            definition = commands[name.removeprefix(prefix)]
            result += expanded(filled(copy.deepcopy(definition["steps"]), arguments(definition, given)), commands, prefix)
        else:
            result.append(step)
    return result


def size_job(given):
    """The job `size` with these arguments, without its reserved keys."""
    definition = orb()["jobs"]["size"]
    whole = {key: value for key, value in definition.items() if key not in ("parameters", "description")}
    result = filled(whole, arguments(definition, given))
    result["steps"] = expanded(result["steps"], orb()["commands"])
    return result


def predefined(job):
    return {
        "CI": "true", "CIRCLECI": "true", "CIRCLE_PROJECT_USERNAME": "acme", "CIRCLE_PROJECT_REPONAME": "app", "CIRCLE_JOB": job, "CIRCLE_SHA1": "c" * 40,
        "CIRCLE_BRANCH": "main", "CIRCLE_BUILD_NUM": "3", "CIRCLE_BUILD_URL": "https://circle.example/3"}


def run(steps, name, machine, **variables):
    """The `run` steps in order; after a failure only those with `when: always` or `on_fail`. The answer is what each was, and how it ended."""
    ended, failed = [], False
    for step in steps:
        if step == "checkout":
            continue
        what = step["run"] if isinstance(step["run"], dict) else {"command": step["run"]}
        when = what.get("when", "on_success")
        if when == ("on_success" if failed else "on_fail"):
            continue
        environment = {key: str(value) for key, value in what.get("environment", {}).items()}
        one = machine.script(what["command"] + "\n", shell=("bash", "-eo", "pipefail"), **{**predefined(name), **variables, **environment})
        failed = failed or one.code != 0
        ended.append(one)
    return ended
