"""Tests of the Tekton Tasks: read by a strict schema, run with Tekton's variables, and the patch applied by kubectl."""
import json
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import jobs
import servers
import tap
import tekton
import yaml
from tap import check, equal, rows, test

README = tekton.FOLDER / "README.md"
TASK_RUN = jobs.examples(README, "yaml")[0][1]
SCHEMA = tekton.FOLDER / "test/tekton.schema.json"
SHELLS = [("BusyBox", ("busybox", "sh")), ("dash", ("dash",))]


def optimize(url, machine=None, program=False, shell=SHELLS[0][1], **params):
    return tekton.run("task-optimize", {"url": url, "pipeline": "app", **params}, machine or jobs.Job({}, program), shell)


def build(url, *command, machine=None, program=False, shell=SHELLS[0][1], **params):
    return tekton.run("task-run", {"url": url, "pipeline": "app", "image": "gcc:13", "command": list(command), **params}, machine or jobs.Job({}, program), shell)


def verdict(document):
    path = jobs.SCRATCH / "tekton.yaml"
    path.write_text(document if isinstance(document, str) else yaml.safe_dump(document))
    return subprocess.run([tap.tool("check-jsonschema"), "--schemafile", str(SCHEMA), str(path)], capture_output=True, text=True)


@rows("optimize: a live server's answer becomes the results, under {}", SHELLS)
def _(shell):
    ended = optimize(servers.LIVE, shell=shell)
    equal(ended.code, 0, ended)
    check(int(ended.results["concurrency"]) >= 1 and servers.live("/recommendations/" + ended.results["recommendation-id"]), ended.results)
    (step,) = json.loads(ended.results["step-specs"])["spec"]["stepSpecs"]
    equal((step["name"], step["computeResources"]["requests"]), ("build", step["computeResources"]["limits"]), ended.results)


@rows("optimize: beside a server that {} the results are the defaults", [
    ("is away", lambda: None), ("refuses the token", lambda: (403, {})), ("answers rubbish", lambda: (200, "rubbish")), ("fails", lambda: (500, ""))])
def _(kind):
    with servers.Receiver(lambda request: kind()) as receiver:
        ended = optimize(receiver.url if kind() else servers.nobody(), **{"default-concurrency": "3"})
    equal((ended.code, ended.results), (0, {"concurrency": "3", "recommendation-id": "", "step-specs": "{}"}), ended)
    equal(len(ended.said.splitlines()), 1, ended)


@test("optimize: a server that never answers costs seconds")
def _():
    with servers.silent() as url:
        ended = optimize(url)
    equal((ended.code, ended.results["step-specs"]), (0, "{}"), ended)


@rows("run: status, output and arguments are the command's own, {}", [
    ("through curl", servers.LIVE, False), ("through inframind", servers.LIVE, True), ("without a server", None, False)])
def _(url, program):
    ended = build(url or servers.nobody(), "sh", "-c", 'printf "[%s]" "$@"; echo "${INFRAMIND_TOKEN-none}"; exit 6', "sh", "a  b", "$(touch x)", "", program=program)
    equal((ended.code, ended.output), (6, "[a  b][$(touch x)][]none\n"), ended)


@test("run: the step that is measured is the one that was asked for, with its recommendation")
def _():
    with servers.Receiver(servers.answering(servers.recommendation())) as receiver:
        optimize(receiver.url)
        ended = build(receiver.url, "sh", "-c", 'echo "jobs $IM_CONCURRENCY"')
        equal((ended.code, ended.output), (0, "jobs 6\n"), ended)
        asked = {(request.json["pipeline"], request.json["stage"], request.json["step"]) for request in receiver.asked("/optimize")}
        equal(asked, {("app", "build", "build")})
        steps = {(request.json["stage"], request.json["step"]) for request in receiver.asked("/builds/step")}
        equal(steps, {("build", "build")})
        equal((receiver.asked("/builds/start")[0].json["recommendation_id"], receiver.asked("/builds/complete")[0].json["status"]), ("r-1", "success"))
    equal(tekton.TASKS["task-run"]["spec"]["steps"][0]["name"], "build")


@test("parameters are never read as commands")
def _():
    with servers.Receiver(servers.answering(servers.recommendation(rationale=jobs.HOSTILE))) as receiver:
        hostile = {"pipeline": jobs.HOSTILE, "stage": jobs.HOSTILE, "tool": jobs.HOSTILE}
        machine = jobs.Job({}, program=False)
        for ended in (optimize(receiver.url, machine, step=jobs.HOSTILE, **hostile), build(receiver.url, "true", machine=machine, **hostile)):
            equal(ended.code, 0, ended)
            check(not machine.pwned.exists(), "a parameter was read as a command", ended)
            check(not any(line.lstrip().startswith("::") for line in ended.said.splitlines()), ended)
    json.loads((machine.folder / "step-specs").read_text())


@test("the token comes from the Secret, and is in no output and no result")
def _():
    with servers.Receiver(servers.answering(servers.recommendation())) as receiver:
        machine = jobs.Job({}, program=False)
        ended = tekton.run("task-optimize", {"url": receiver.url, "pipeline": "app"}, machine, token="im_secret")
        equal({request.headers["X-IM-Token"] for request in receiver.requests}, {"im_secret"})
    check("im_secret" not in ended.output + ended.said + json.dumps(ended.results), ended)


@test("the address may stand in the Secret, and a parameter goes before it")
def _():
    with servers.Receiver(servers.answering(servers.recommendation())) as receiver:
        for given, url in (({}, receiver.url), ({"url": receiver.url}, servers.nobody())):
            ended = tekton.run("task-optimize", {"pipeline": "app", **given}, jobs.Job({}, program=False), token="im_secret", url=url)
            equal(ended.results["concurrency"], "6", ended)
            ended = tekton.run("task-run", {"pipeline": "app", "image": "gcc:13", "command": ["true"], **given}, jobs.Job({}, program=False), token="im_secret", url=url)
            check("cannot be reached" not in ended.said, ended)


@test("a parameter that names a variable of the container gets no token from it")
def _():
    name = "$(INFRAMIND_TOKEN) $(INFRAMIND_TOKEN_FILE)"
    with servers.Receiver(servers.answering(servers.recommendation())) as receiver:
        machine = jobs.Job({}, program=False)
        given = {"url": receiver.url, "pipeline": name, "stage": name, "tool": name}
        ended = [tekton.run("task-optimize", {**given, "step": name, "default-concurrency": name}, machine, token="im_secret"),
                 tekton.run("task-run", {**given, "image": "gcc:13", "command": ["printf", "%s\n", name]}, machine, token="im_secret")]
        equal({request.headers["X-IM-Token"] for request in receiver.requests}, {"im_secret"})
        bodies = [request.body for request in receiver.requests]
    check(all(b"im_secret" not in body for body in bodies), bodies)
    for one in ended:
        check(one.code == 0 and "im_secret" not in one.output + one.said + json.dumps(one.results), one)


@test("kubectl puts the patch into the README's TaskRun, and the strict schema accepts what comes of it")
def _():
    tap.tool("kubectl")
    commands = jobs.examples(README, "sh")[1][1]
    with servers.Receiver(servers.answering(servers.recommendation())) as receiver:
        machine = jobs.Job({"INFRAMIND_URL": receiver.url}, program=False)
        (machine.work / "taskrun.yaml").write_text(TASK_RUN)
        (machine.work / "integrations").symlink_to(jobs.INTEGRATIONS)
        check("| kubectl create -f -" in commands, commands)
        ended = machine.script(commands.replace("| kubectl create -f -", "> sized.yaml"), shell=("dash", "-e"))
        equal(ended.code, 0, ended)
        sized = yaml.safe_load((machine.work / "sized.yaml").read_text())
    (example,) = (json.loads(text) for _, text in jobs.examples(README, "json"))
    equal(sized["spec"]["stepSpecs"], example["spec"]["stepSpecs"])
    equal({**sized, "spec": {**sized["spec"], "stepSpecs": None}}, {**yaml.safe_load(TASK_RUN), "spec": {**yaml.safe_load(TASK_RUN)["spec"], "stepSpecs": None}})
    equal(verdict(sized).returncode, 0, verdict(sized).stdout)


@test("without an answer the patch changes nothing")
def _():
    tap.tool("kubectl")
    machine = jobs.Job({}, program=False)
    (machine.work / "taskrun.yaml").write_text(TASK_RUN)
    ended = machine.run("kubectl", "patch", "--local", "--type=merge", "-f", "taskrun.yaml", "-p", optimize(servers.nobody()).results["step-specs"], "-o", "yaml")
    equal(yaml.safe_load(ended.output), yaml.safe_load(TASK_RUN), ended)


OVERVIEW = {"spec": {"workspaces": [{"name": "source", "emptyDir": {}}], **yaml.safe_load(dict(jobs.examples(jobs.OVERVIEW, "yaml"))["Tekton"])}}


@rows("the TaskRun of {} runs, and fits the Task it names", [("the README", yaml.safe_load(TASK_RUN)), ("docs/integrations.md", OVERVIEW)])
def _(run):
    equal(run["spec"]["taskRef"]["name"], tekton.TASKS["task-run"]["metadata"]["name"])
    params = {one["name"]: one["value"] for one in run["spec"]["params"]}
    equal({one["name"] for one in run["spec"]["workspaces"]}, {one["name"] for one in tekton.TASKS["task-run"]["spec"]["workspaces"]})
    with servers.Receiver(servers.answering(servers.recommendation())) as receiver:
        machine = jobs.Job({}, program=False)
        (machine.work / "Makefile").write_text("all:\n\t@echo made $(MAKEFLAGS)\n")
        ended = tekton.run("task-run", {**params, "url": receiver.url}, machine)
    check(ended.code == 0 and "-j6" in ended.output, ended)


@test("a strict schema accepts Tasks and TaskRun, and refuses a slip of the pen")
def _():
    for document in [*tekton.TASKS.values(), TASK_RUN]:
        equal(verdict(document).returncode, 0, verdict(document).stdout[-1500:])
    for wrong in ({"stepSpec": []}, {"stepSpecs": [{"name": "build", "resources": {}}]}, {"stepSpecs": [{"name": "build", "computeResources": {"requests": {"memory": "7 GB"}}}]}):
        run = yaml.safe_load(TASK_RUN)
        run["spec"].update(wrong)
        check(verdict(run).returncode != 0, wrong)


@test("what a Task names it declares, what it declares it uses, and scripts hold no parameter")
def _():
    for name, task in tekton.TASKS.items():
        text = yaml.safe_dump(task)
        used = {match.removesuffix(".path") for match in tekton.VARIABLE.findall(text)} | {f"params.{one}" for one in ("command",) if f"params.{one}[*]" in text}
        spec = task["spec"]
        declared = {f"{kind}.{one['name']}" for kind in ("params", "results", "workspaces") for one in spec.get(kind, [])}
        equal(used - {"context.taskRun.uid"}, declared, name)
        for step in spec["steps"]:
            check(not tekton.VARIABLE.search(step["script"]), name)


@test("shellcheck finds nothing in the scripts")
def _():
    for task in tekton.TASKS.values():
        found = subprocess.run([tap.tool("shellcheck"), "--shell=sh", "-"], input=task["spec"]["steps"][0]["script"], capture_output=True, text=True)
        equal(found.returncode, 0, found.stdout[:2000])


tap.run()
