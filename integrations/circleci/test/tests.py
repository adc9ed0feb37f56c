"""Tests of the CircleCI orb: expanded as CircleCI does, read by its schema, run with its variables."""
import pathlib
import shutil
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import circleci
import jobs
import servers
import tap
import yaml
from tap import check, equal, rows, test

SETUP, CONTINUE = (text for _, text in jobs.examples(circleci.README, "yaml"))
CLASSES = "small 1 2\nmedium 2 4 default\nlarge 8 32\n"
KEY = "continuation-secret"


OVERVIEW = yaml.safe_load(dict(jobs.examples(jobs.OVERVIEW, "yaml"))["CircleCI"])[0]["inframind/size"]


def size(url, api, configuration=CONTINUE, **more):
    machine = jobs.Job({"INFRAMIND_URL": url, "INFRAMIND_TOKEN": "dev-key-change-in-production"}, program=False)
    (machine.work / ".circleci").mkdir()
    (machine.work / ".circleci/continue.yml").write_text(configuration)
    steps = circleci.size_job({"classes": CLASSES, **more})["steps"]
    ended = circleci.run(steps, "size", machine, CIRCLE_CONTINUATION_KEY=KEY, CIRCLE_CONTINUATION_URL=api)
    equal(len(ended), 1)
    return ended[0]


def continuing(refuse=lambda request: False):
    return servers.Receiver(lambda request: (400, {"message": "no"}) if refuse(request) else (200, {"message": "ok"}))


def continued(configuration, parameters):
    """The configuration as CircleCI would take it; parameters it does not declare are an error there."""
    whole = yaml.safe_load(configuration)
    unknown = set(parameters) - set(whole.get("parameters", {}))
    check(not unknown, "undeclared parameters", unknown)
    values = {"pipeline.parameters." + name: parameters.get(name, one["default"]) for name, one in whole.get("parameters", {}).items()}
    job = circleci.filled(whole["jobs"]["build"], values)
    job["steps"] = circleci.expanded(job["steps"], circleci.orb()["commands"], "inframind/")
    return job


@test("size: a live server's answer chooses the resource class of the pipeline that continues")
def _():
    with continuing() as api:
        ended = size(servers.LIVE, api.url)
        equal(ended.code, 0, ended)
        equal(len(api.requests), 1)
        body = api.requests[0].json
    equal((body["continuation-key"], body["configuration"]), (KEY, CONTINUE))
    job = continued(CONTINUE, body["parameters"])
    check(job["resource_class"] in ("small", "medium", "large"), job)
    check(body["parameters"]["concurrency"] >= 1 and servers.live("/recommendations/" + body["parameters"]["recommendation-id"]), body)


@test("size: asks for the job and the step that measure reports")
def _():
    with servers.Receiver(servers.answering(servers.recommendation())) as receiver, continuing() as api:
        size(receiver.url, api.url)
        parameters = api.requests[0].json["parameters"]
        equal(parameters, {"resource-class": "large", "concurrency": 6, "recommendation-id": "r-1"})
        machine = jobs.Job({"INFRAMIND_URL": receiver.url}, program=False)
        (machine.work / "Makefile").write_text("all:\n\t@echo $(MAKEFLAGS)\n")
        ended = circleci.run(continued(CONTINUE, parameters)["steps"], "build", machine)
        equal([one.code for one in ended], [0, 0, 0], *ended)
        check("-j6" in ended[1].output, ended[1])
        question, step = receiver.asked("/optimize")[0].json, receiver.asked("/builds/step")[-1].json
        equal((question["pipeline"], question["stage"], question["step"]), ("acme/app", step["stage"], step["step"]))
        equal(receiver.asked("/builds/start")[0].json["recommendation_id"], "r-1")
        equal([request.json["status"] for request in receiver.asked("/builds/complete")], ["success"])


@rows("size: beside a server that {} the pipeline continues with its own defaults", [
    ("is away", lambda: None), ("refuses the token", lambda: (403, {})), ("answers rubbish", lambda: (200, "<html>")), ("fails", lambda: (500, ""))])
def _(kind):
    with servers.Receiver(lambda request: kind()) as receiver, continuing() as api:
        ended = size(receiver.url if kind() else servers.nobody(), api.url)
        equal((ended.code, api.requests[0].json["parameters"]), (0, {"resource-class": "medium"}), ended)
        equal(len(ended.said.splitlines()), 1, ended)


@test("the example of docs/integrations.md runs, and the README's table is the same")
def _():
    with servers.Receiver(servers.answering(servers.recommendation(limits={"cpu": 2, "mem_gb": 3.5}))) as receiver, continuing() as api:
        ended = size(receiver.url, api.url, **OVERVIEW)
        equal((ended.code, api.requests[0].json["parameters"]["resource-class"]), (0, "medium"), ended)
    equal(OVERVIEW["classes"], yaml.safe_load(SETUP)["workflows"]["size"]["jobs"][0]["inframind/size"]["classes"])


@test("size: a server that never answers costs seconds")
def _():
    with servers.silent() as url, continuing() as api:
        ended = size(url, api.url)
        equal((ended.code, api.requests[0].json["parameters"]), (0, {"resource-class": "medium"}), ended)


@test("size: only parameters that the configuration declares are passed")
def _():
    own = "version: 2.1\nparameters:\n  concurrency: {type: integer, default: 1}\njobs: {}\n"
    with servers.Receiver(servers.answering(servers.recommendation())) as receiver, continuing() as api:
        ended = size(receiver.url, api.url, own)
        equal((ended.code, api.requests[0].json["parameters"]), (0, {"concurrency": 6}), ended)


@test("size: parameters that CircleCI refuses are left out, and the pipeline continues")
def _():
    with servers.Receiver(servers.answering(servers.recommendation())) as receiver, continuing(lambda request: request.json["parameters"]) as api:
        ended = size(receiver.url, api.url)
        equal((ended.code, [request.json["parameters"] for request in api.requests][-1]), (0, {}), ended)
        check("did not take the parameters (400)" in ended.said, ended)


@test("size: a pipeline that cannot continue is an error, and says what to look at")
def _():
    with servers.Receiver(servers.answering(servers.recommendation())) as receiver, continuing(lambda request: True) as api:
        ended = size(receiver.url, api.url)
        equal(ended.code, 1, ended)
        check("setup workflows" in ended.said, ended)


@test("size: any configuration arrives as it is")
def _():
    odd = CONTINUE + '# "quotes" \\ back\\nslash, a\ttab, $(touch "$PWNED") `touch "$PWNED"` ü\n'
    with servers.Receiver(servers.answering(servers.recommendation())) as receiver, continuing() as api:
        ended = size(receiver.url, api.url, odd)
        equal(api.requests[0].json["configuration"], odd, ended)
        check(not ended.job.pwned.exists(), "read as a command")


@test("size: key and token are in no output and no command line")
def _():
    machine = jobs.Job({}, program=False)
    with servers.Receiver(servers.answering(servers.recommendation())) as receiver, continuing() as api:
        (machine.work / ".circleci").mkdir()
        (machine.work / ".circleci/continue.yml").write_text(CONTINUE)
        (machine.folder / "shims").mkdir()
        for name in ("curl", "awk"):
            real = shutil.which(name)
            (machine.folder / "shims" / name).write_text(f'#!/bin/sh\nprintf "%s\\n" "$*" >>"{machine.folder}/calls"\nexec {real} "$@"\n')
            (machine.folder / "shims" / name).chmod(0o755)
        machine.variables["PATH"] = f"{machine.folder}/shims:{machine.variables['PATH']}"
        ended = circleci.run(circleci.size_job({"classes": CLASSES})["steps"], "size", machine, CIRCLE_CONTINUATION_KEY=KEY,
                             CIRCLE_CONTINUATION_URL=api.url, INFRAMIND_URL=receiver.url, INFRAMIND_TOKEN="im_secret")[0]
        equal(api.requests[0].json["continuation-key"], KEY, ended)
    calls = (machine.folder / "calls").read_text(errors="replace")
    for secret in (KEY, "im_secret"):
        check(secret not in calls + ended.output + ended.said, secret, ended)
    equal(list((machine.folder / "temp").glob("tmp.*")), [], "the key was left in a file")


@rows("measure: a job that {} is reported to a live server", [
    ("succeeds", "true", 0, False), ("succeeds with inframind", "true", 0, True), ("fails", "exit 4", 4, False), ("fails with inframind", "exit 4", 4, True)])
def _(command, code, program):
    machine = jobs.Job({"INFRAMIND_URL": servers.LIVE, "INFRAMIND_PIPELINE": f"circle-{code}-{program}"}, program)
    steps = circleci.expanded([{"measure": {"steps": [{"run": command}]}}], circleci.orb()["commands"])
    steps.insert(2, {"run": {"command": "cat $TMPDIR/inframind-*/run-id >id", "when": "always"}})
    ended = circleci.run(steps, "build", machine)
    check(code in [one.code for one in ended], *ended)
    run = servers.live("/runs/" + (machine.work / "id").read_text())
    equal((run["status"], [(step["stage"], step["step"]) for step in run["steps"]]), ("failure" if code else "success", [("build", "build")]), run)


@test("names are never read as commands")
def _():
    with servers.Receiver(servers.answering(servers.recommendation(rationale=jobs.HOSTILE))) as receiver, continuing() as api:
        machine = jobs.Job({"INFRAMIND_URL": receiver.url}, program=False)
        (machine.work / "c.yml").write_text(CONTINUE)
        names = {key: jobs.HOSTILE for key in ("CIRCLE_BRANCH", "CIRCLE_PROJECT_REPONAME", "CIRCLE_JOB", "CIRCLE_BUILD_URL")}
        for steps in (circleci.size_job({"classes": CLASSES, "job": jobs.HOSTILE, "step": jobs.HOSTILE, "tool": jobs.HOSTILE, "configuration": "c.yml"})["steps"],
                      circleci.expanded([{"measure": {"steps": [], "step": jobs.HOSTILE, "recommendation-id": "r-1"}}], circleci.orb()["commands"])):
            for one in circleci.run(steps, "size", machine, CIRCLE_CONTINUATION_KEY=KEY, CIRCLE_CONTINUATION_URL=api.url, **names):
                equal(one.code, 0, one)
        check(not machine.pwned.exists(), "a name was read as a command")
        equal(api.requests[0].json["parameters"]["concurrency"], 6)


@test("CircleCI's schema accepts both configurations with the orb written out, and would refuse others")
def _():
    def verdict(configuration):
        path = jobs.SCRATCH / "circleci.yml"
        path.write_text(yaml.safe_dump(configuration))
        return subprocess.run([tap.tool("check-jsonschema"), "--builtin-schema", "vendor.circle-ci", str(path)], capture_output=True, text=True)

    for text in (SETUP, CONTINUE):
        found = verdict(yaml.safe_load(text))
        equal(found.returncode, 0, found.stdout[-2000:])
    given = yaml.safe_load(SETUP)["workflows"]["size"]["jobs"][0]["inframind/size"]
    given.pop("context")
    for name, job in (("size", circleci.size_job(given)), ("build", continued(CONTINUE, {}))):
        whole = {"version": 2.1, "jobs": {name: job}, "workflows": {"all": {"jobs": [name]}}}
        found = verdict(whole)
        equal(found.returncode, 0, found.stdout[-2000:])
        job["steps"][1]["run"]["when"] = "sometimes"
        check(verdict(whole).returncode != 0, "the schema takes anything")


@test("the orb's own example is the README's, and what orbs must have is there")
def _():
    orb = circleci.orb()
    equal(set(orb), {"version", "description", "display", "commands", "jobs", "examples"})
    equal(orb["examples"]["size"]["usage"], yaml.safe_load(SETUP))
    for kind in ("commands", "jobs"):
        for name, one in orb[kind].items():
            check(one.get("description") and all(parameter.get("description") for parameter in one["parameters"].values()), name)


@test("shellcheck finds nothing in the orb's script, and no parameter is put into it")
def _():
    command = circleci.orb()["commands"]["door"]["steps"][0]["run"]["command"]
    check("<<" not in command)
    found = subprocess.run([tap.tool("shellcheck"), "--shell=bash", "-"], input=command, capture_output=True, text=True)
    equal(found.returncode, 0, found.stdout[:2000])


tap.run()
