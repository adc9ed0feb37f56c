"""As much of Tekton and Kubernetes as a step needs to run: variables filled in, results and Secrets as files, a script started with its
arguments."""
import re

import yaml

import jobs

FOLDER = jobs.INTEGRATIONS / "tekton"
TASKS = {path.stem: yaml.safe_load(path.read_text()) for path in sorted(FOLDER.glob("task-*.yaml"))}
VARIABLE = re.compile(r"\$\(((?:params|results|workspaces|context)[\w.-]*)\)")


def variables(task, given, machine):
    """Everything Tekton would fill in. A parameter that is not declared, or has no value, is an error, as it is there."""
    declared = {one["name"]: one for one in task["spec"]["params"]}
    assert set(given) <= set(declared), f"undeclared parameters: {set(given) - set(declared)}"
    values = {"context.taskRun.uid": "0b5e3f9a-uid"}
    for name, one in declared.items():
        assert name in given or "default" in one, f"{name} has no value"
        values["params." + name] = given.get(name, one.get("default"))
    for one in task["spec"].get("results", []):
        values[f"results.{one['name']}.path"] = str(machine.folder / one["name"])
    for one in task["spec"].get("workspaces", []):
        values[f"workspaces.{one['name']}.path"] = str(machine.work)
    return values


REFERENCE = re.compile(r"\$\$|\$\(([A-Za-z_][A-Za-z0-9_]*)\)")


def dereferenced(text, environment):
    """What Kubernetes makes of a container's `env` and `args`: `$(NAME)` becomes the value of that variable, whoever wrote it there."""
    return REFERENCE.sub(lambda match: environment.get(match[1], match[0]) if match[1] else "$", text)


def filled(text, values):
    return VARIABLE.sub(lambda match: values[match[1]], text)


def mounted(task, step, machine, **secret):
    """The Secret `inframind` where the step mounts it; an optional one that is missing is an empty folder."""
    folders = {}
    for one in step.get("volumeMounts", []):
        (volume,) = (volume for volume in task["spec"]["volumes"] if volume["name"] == one["name"])
        assert volume["secret"] == {"secretName": "inframind", "optional": True}, volume
        folders[one["mountPath"]] = machine.folder / ("volume-" + one["name"])
        folders[one["mountPath"]].mkdir(exist_ok=True)
        for key, value in secret.items():
            if value is not None:
                (folders[one["mountPath"]] / key).write_text(value + "\n")
    return folders


def run(name, given, machine, shell=("busybox", "sh"), token=None, url=None):
    """The one step of a Task; the results it left are in `.results`."""
    task = TASKS[name]
    values = variables(task, given, machine)
    (step,) = task["spec"]["steps"]
    folders = mounted(task, step, machine, token=token, url=url)
    environment = {}
    for one in step["env"]:
        if "value" in one:
            environment[one["name"]] = dereferenced(filled(one["value"], values), environment)
        elif token is not None:
            environment[one["name"]] = token
    for path, folder in folders.items():
        environment = {key: str(folder) + value.removeprefix(path) if value.startswith(path + "/") else value for key, value in environment.items()}
    environment.pop("HOME", None)
    arguments = []
    for one in step.get("args", []):
        whole = re.fullmatch(r"\$\(params\.([\w-]+)\[\*\]\)", one)
        arguments += values["params." + whole[1]] if whole else [filled(one, values)]
    arguments = [dereferenced(one, environment) for one in arguments]
    # Tekton fills in what it knows in scripts, too.
    script = machine.folder / "step.sh"
    script.write_text(filled(step["script"], values))
    ended = machine.run(*shell, str(script), *arguments, **environment)
    ended.results = {one["name"]: (machine.folder / one["name"]).read_text() for one in task["spec"].get("results", [])}
    return ended
