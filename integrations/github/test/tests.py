"""Tests of the GitHub action: its script against servers that misbehave, and `act`, which really runs workflows on this machine."""
import json
import os
import pathlib
import re
import shutil
import subprocess

import jobs
import servers
import tap
import yaml
from tap import check, equal, rows, test

HERE = jobs.INTEGRATIONS / "github"
EXAMPLE = jobs.ROOT / "examples/github-workflow.yml"
COMMANDS = 'make -j"${IM_CONCURRENCY:-2}"'


def handed(path):
    """What the runner would read from GITHUB_OUTPUT or GITHUB_ENV."""
    values, lines = {}, iter(path.read_text().split("\n"))
    for line in lines:
        if not line:
            continue
        name, delimiter = line.split("<<", 1)
        check(re.fullmatch(r"end-[0-9a-f]{32}", delimiter), line)
        value = []
        for line in lines:
            if line == delimiter:
                break
            value.append(line)
        values[name] = "\n".join(value)
    return values


def runner(program=False, **variables):
    """A runner in the middle of the job `build` of pull request 7."""
    return jobs.Job({
        "GITHUB_ACTIONS": "true", "GITHUB_REPOSITORY": "acme/app", "GITHUB_WORKFLOW": "ci", "GITHUB_JOB": "build", "GITHUB_REF": "refs/pull/7/merge",
        "GITHUB_HEAD_REF": "topic", "GITHUB_SHA": "a" * 40, "GITHUB_RUN_ID": "9", "GITHUB_RUN_ATTEMPT": "1", "GITHUB_ACTION_PATH": str(HERE),
        **variables}, program)


def action(url, program=False, api=None, job=None, **inputs):
    job = job or runner(program)
    job.variables = {name: value for name, value in job.variables.items() if not name.startswith("INPUT_")}
    for name in ("GITHUB_OUTPUT", "GITHUB_ENV", "GITHUB_STEP_SUMMARY"):
        job.variables[name] = str(job.folder / name)
        (job.folder / name).write_text("")
    job.variables.update(RUNNER_TEMP=str(job.folder / "temp"), GITHUB_API_URL=api or servers.nobody())
    job.variables.update({"INPUT_" + name.upper(): value for name, value in {
        "url": url, "token": "dev-key-change-in-production", "status": "success", "comment": "true", "github_token": "ghs_secret", **inputs}.items()})
    ended = job.run("sh", str(HERE / "action.sh"))
    ended.outputs, ended.env = handed(job.folder / "GITHUB_OUTPUT"), handed(job.folder / "GITHUB_ENV")
    ended.summary = (job.folder / "GITHUB_STEP_SUMMARY").read_text()
    return ended


class GitHub(servers.Receiver):
    """Pull request 7, and what was written below it."""

    def __init__(self, comments=(), refuse=0):
        self.comments = list(comments)

        def answer(request):
            if refuse:
                return refuse, {"message": "Resource not accessible by integration"}
            if request.method == "GET":
                page = int(re.search(r"[?&]page=(\d+)", request.path).group(1))
                return 200, self.comments[(page - 1) * 30:page * 30]
            if request.method == "POST":
                self.comments.append({"id": 10**10 + len(self.comments), "user": {"type": "Bot"}, "body": request.json["body"]})
                return 201, self.comments[-1]
            number = int(request.path.rsplit("/", 1)[1])
            next(one for one in self.comments if one["id"] == number)["body"] = request.json["body"]
            return 200, {}

        super().__init__(answer)


def recommending(**changes):
    return servers.Receiver(servers.answering(servers.recommendation(**changes)))


@rows("run: the commands' status is the action's, {}", [
    ("with inframind", True, servers.LIVE, 0), ("with curl", False, servers.LIVE, 0), ("failing with inframind", True, servers.LIVE, 3),
    ("failing with curl", False, servers.LIVE, 3), ("failing without a server", False, None, 3), ("without a server", True, None, 0)])
def _(program, url, code):
    ended = action(url or servers.nobody(), program, run=f"echo built\n(exit {code})\ntest {code} = 0", pipeline="acme/status")
    equal((ended.code, ended.output), (code, "built\n"), ended)
    if url:
        check(int(ended.outputs["concurrency"]) >= 1 and "| jobs |" in ended.summary, ended.outputs, ended.summary, ended)
        run = servers.live("/runs/" + ended.outputs["run-id"])
        equal((run["pipeline"], run["steps"][0]["stage"], run["steps"][0]["step"]), ("acme/status", "build", "echo"), run)
        equal(run["status"], "failure" if code else "success")
    else:
        equal(ended.outputs["concurrency"], "")
        check("No recommendation" in ended.summary, ended.summary)
        equal(len([line for line in ended.said.splitlines() if line.startswith("InfraMind:")]), 1, ended)


@rows("run: the job's own variables and the action's do not meet, {}", [("with inframind", True), ("with curl", False)])
def _(program):
    theirs = {word: f"their {word}" for word in ("mode", "shell", "status", "directory", "commands", "script", "temp", "here", "door", "token", "page", "number")}
    ended = action(servers.LIVE, job=runner(program, **theirs), run="env", pipeline="acme/words")
    equal({word: ended.settings.get(word) for word in theirs}, theirs, ended)


@rows("run: a runner whose temporary folder {} runs the commands, with their status", [
    ("is gone", True, "exit 5"), ("is emptied by them", False, 'rm -rf "$RUNNER_TEMP"/*; exit 5')])
def _(is_gone, commands):
    job = runner()
    if is_gone:
        (job.folder / "temp").rmdir()
    ended = action(servers.LIVE, job=job, run=f"echo built\n{commands}")
    equal((ended.code, ended.output), (5, "built\n"), ended)
    check(all(line.startswith(("InfraMind: ", "mktemp: ")) for line in ended.said.splitlines()), ended)


@test("optimize and report: variables for later steps, and a run with its step and end")
def _():
    ended = action(servers.LIVE, mode="optimize", pipeline="acme/between")
    equal((ended.code, ended.env["INFRAMIND_RUN_ID"]), (0, ended.outputs["run-id"]), ended)
    equal(ended.env["IM_CONCURRENCY"], ended.outputs["concurrency"], ended)
    check("IM_MEM_LIMIT_GB" in ended.env and "INFRAMIND_RECOMMENDATION_ID" in ended.env, ended.env)
    reported = action(servers.LIVE, mode="report", pipeline="acme/between", status="failure", job=ended.job)
    equal(reported.code, 0, reported)
    run = servers.live("/runs/" + ended.outputs["run-id"])
    equal((run["status"], len(run["steps"]), run["recommendation_id"]), ("failure", 1, ended.outputs["recommendation-id"]), run)


@rows("optimize: {} leaves the job as it is", [
    ("a server that is away", lambda: None, "cannot be reached"), ("a refused token", lambda: (403, {}), "INFRAMIND_TOKEN"),
    ("rubbish", lambda: (200, "<html>"), "no InfraMind"), ("a failure", lambda: (500, "\x00\xff"), "answered 500")])
def _(answer, words):
    with servers.Receiver(lambda request: answer()) as receiver:
        ended = action(receiver.url if answer() else servers.nobody(), mode="optimize", classes="small 1 2\nlarge 4 8")
    equal((ended.code, list(ended.env), ended.outputs["concurrency"], ended.outputs["runner"]), (0, ["INFRAMIND_RUN_ID"], "", "large"), ended)
    check(words in ended.said, ended)


@test("INFRAMIND_DISABLE=1 calls nobody, writes nothing, and runs the commands")
def _():
    with recommending() as receiver, GitHub() as github:
        job = action(receiver.url, mode="optimize").job
        receiver.requests.clear()
        job.variables["INFRAMIND_DISABLE"] = "1"
        ended = action(receiver.url, job=job, api=github.url, run="echo built; exit 4")
        equal((ended.code, ended.output, ended.said, ended.summary), (4, "built\n", "", ""), ended)
        equal((receiver.requests, github.requests), ([], []))


@test("a server that never answers costs seconds")
def _():
    with servers.silent() as url:
        ended = action(url, run="echo built")
    equal((ended.code, ended.output), (0, "built\n"), ended)
    equal(ended.said.count("did not answer in time"), 1, ended)


@test("hostile names and words become neither commands, outputs nor variables")
def _():
    text = "x\nPATH=/tmp\nEOF\n::set-output name=concurrency::99\n##[error]a"
    with servers.Receiver(servers.answering(servers.recommendation(rationale=text, reasons=[{"text": text}]))) as receiver, GitHub() as github:
        job = action(receiver.url, mode="optimize").job
        job.variables.update(GITHUB_WORKFLOW=jobs.HOSTILE, GITHUB_JOB=jobs.HOSTILE, GITHUB_HEAD_REF=jobs.HOSTILE)
        for inputs in ({"mode": "optimize"}, {"mode": "report"}, {"run": "true"}):
            ended = action(receiver.url, job=job, api=github.url, pipeline=jobs.HOSTILE, step=jobs.HOSTILE, tool=jobs.HOSTILE,
                           classes=jobs.HOSTILE, **inputs)
            equal(ended.code, 0, ended)
            check(set(ended.env) <= {"INFRAMIND_RUN_ID", "INFRAMIND_RECOMMENDATION_ID"} | {name for name in ended.env if name.startswith("IM_")}, ended.env)
            check(set(ended.outputs) <= {"concurrency", "cpu", "memory-gb", "runner", "run-id", "recommendation-id", "rationale"}, ended.outputs)
            check("\n" not in "".join(ended.outputs.values()), ended.outputs)
            for line in ended.said.splitlines():
                check(not line.lstrip().startswith("::") and "##[" not in line, ended)
        check(not job.pwned.exists(), "a name was read as a command")
        for comment in github.comments:
            check("@" not in comment["body"].replace("@everyone", "") and comment["body"].count("```") == 2, comment["body"])


@test("tokens are in no command line, no output, and not in the commands' environment")
def _():
    with recommending() as receiver, GitHub() as github:
        job = jobs.Job({"GITHUB_ACTIONS": "true", "GITHUB_REPOSITORY": "acme/app", "GITHUB_REF": "refs/pull/7/merge", "GITHUB_RUN_ID": "9",
                        "GITHUB_ACTION_PATH": str(HERE)}, program=False)
        (job.folder / "shims").mkdir()
        for name in ("curl", "awk", "sed", "sh", "head"):
            (job.folder / "shims" / name).write_text(f'#!/bin/dash\nprintf "%s\\n" "$*" >>"{job.folder}/calls"\nexec {shutil.which(name)} "$@"\n')
            (job.folder / "shims" / name).chmod(0o755)
        job.variables["PATH"] = f"{job.folder}/shims:{job.variables['PATH']}"
        ended = action(receiver.url, job=job, api=github.url, token="im_secret", run="env")
        equal(receiver.requests[0].headers["X-IM-Token"], "im_secret")
        equal(github.requests[0].headers["Authorization"], "Bearer ghs_secret")
    for secret in ("im_secret", "ghs_secret"):
        check(secret not in ended.output + ended.said + ended.summary, ended)
        check(secret not in (job.folder / "calls").read_text(errors="replace"), "in a command line")
    check("INPUT_" not in ended.output, ended)


@test("comment: written once when a size differs from the job's own, then edited in place")
def _():
    with recommending() as receiver, GitHub([{"id": 1, "user": {"type": "User"}, "body": "hello"}] * 31) as github:
        first = action(receiver.url, api=github.url, run="true")
        second = action(receiver.url, api=github.url, run="true")
        equal(len(github.comments), 32, first, second, [(request.method, request.path) for request in github.requests])
        equal([request.method for request in github.requests], ["GET", "GET", "POST", "GET", "GET", "PATCH"])
        check("six jobs fit" in github.comments[-1]["body"] and "| memory | 7.25 GiB | 16 GiB |" in github.comments[-1]["body"], github.comments[-1])


@test("comment: nothing is written when the size is the job's own, and what stands there is kept true")
def _():
    same = {"concurrency": 6, "cpu_req": 6, "mem_req_gb": 8}
    with recommending(baseline=same) as quiet, recommending() as loud, GitHub() as github:
        action(quiet.url, api=github.url, run="true")
        equal(github.comments, [])
        action(loud.url, api=github.url, run="true")
        action(quiet.url, api=github.url, run="true")
        equal(len(github.comments), 1)
        check("| memory | 7.25 GiB | 8 GiB |" in github.comments[0]["body"], github.comments)


@test("comment: an OOM kill is told, whatever the size")
def _():
    same = {"concurrency": 6, "cpu_req": 6, "mem_req_gb": 8}
    with recommending(baseline=same) as receiver, GitHub() as github:
        job = action(receiver.url, mode="optimize").job
        (job.folder / "memory.events").write_text("oom_kill 0\n")
        job.variables["INFRAMIND_CGROUP"] = str(job.folder)
        ended = action(receiver.url, api=github.url, job=job, run=f"echo oom_kill 1 >{job.folder}/memory.events; exit 137")
        equal(ended.code, 137, ended)
        equal(len(github.comments), 1, ended)
        check("killed a process" in github.comments[0]["body"] and "killed a process" in ended.summary, github.comments, ended.summary)


@test("comment: one that a person wrote with our mark is not touched")
def _():
    with recommending() as receiver, GitHub() as github:
        action(receiver.url, api=github.url, run="true")
        github.comments[0]["user"]["type"] = "User"
        action(receiver.url, api=github.url, run="true")
        equal([request.method for request in github.requests], ["GET", "POST", "GET", "POST"])


@rows("comment: {} costs one line", [("a job that may not", 403, "pull-requests: write"), ("a GitHub that fails", 502, "502")])
def _(status, words):
    with recommending() as receiver, GitHub(refuse=status) as github:
        ended = action(receiver.url, api=github.url, run="echo built")
    equal((ended.code, ended.output), (0, "built\n"), ended)
    equal([words in line for line in ended.said.splitlines()].count(True), 1, ended)


@rows("comment: not {}", [("where it is switched off", {"comment": "false"}, {}), ("outside of a pull request", {}, {"GITHUB_REF": "refs/heads/main"})])
def _(inputs, variables):
    with recommending() as receiver, GitHub() as github:
        job = action(receiver.url, comment="false", mode="optimize").job
        job.variables.update(variables)
        action(receiver.url, api=github.url, job=job, run="true", **inputs)
        equal(github.requests, [])


# Workflows that are really run.

def checkout(workflow):
    """The repository with this workflow, as a runner would have it."""
    job = jobs.Job({"XDG_CACHE_HOME": "", "ACT_DISABLE_WARNINGS": "1"})
    job.variables["XDG_CACHE_HOME"] = str(job.folder / "home")
    shutil.copytree(jobs.INTEGRATIONS, job.work / "integrations", ignore=shutil.ignore_patterns("test", "testbed"))
    if "demo_project" in workflow:
        shutil.copytree(jobs.ROOT / "examples/demo_project", job.work / "examples/demo_project")
    (job.work / "Makefile").write_text("all:\n\t@echo made with $${IM_CONCURRENCY:-none}\n")
    (job.work / ".github/workflows").mkdir(parents=True)
    (job.work / ".github/workflows/test.yml").write_text(workflow)
    for command in (["init", "-q", "-b", "main"], ["add", "-A"], ["remote", "add", "origin", "https://github.com/acme/app.git"],
                    ["-c", "user.name=x", "-c", "user.email=x@example.org", "commit", "-q", "-m", "x"]):
        ended = job.run("git", *command)
        equal(ended.code, 0, ended)
    return job


def act(workflow, url, *more, event="push"):
    tap.tool("act")
    job = checkout(workflow)
    (job.folder / "secrets").write_text("INFRAMIND_TOKEN=dev-key-change-in-production\n")
    ended = job.run("act", event, "-W", ".github/workflows/test.yml", "-P", "ubuntu-latest=-self-hosted", "-P", "arc-medium=-self-hosted",
                    "-P", "arc-small=-self-hosted", "-P", "arc-large=-self-hosted", "--pull=false", "--no-cache-server",
                    "--secret-file", str(job.folder / "secrets"), "--var", "INFRAMIND_URL=" + url, *more)
    ended.log = ended.output + ended.said
    # act keeps a copy of the repository for each job.
    job.remove()
    return ended


def local(text):
    return text.replace("inframind/inframind/integrations/github@v1", "./integrations/github")


def workflow_of(heading, page=HERE / "README.md"):
    """The example below a heading of a page, made whole the way a reader would."""
    part = yaml.safe_load(local(dict(jobs.examples(page, "yaml"))[heading]))
    fetch = {"uses": "actions/checkout@v4"}
    if isinstance(part, list):
        part = {"build": {"runs-on": "ubuntu-latest", "steps": part}}
    for one in part.values():
        one["steps"].insert(0, fetch)
    return yaml.safe_dump({"name": "ci", "on": "push", "jobs": part}, sort_keys=False)


README = HERE / "README.md"
EXAMPLES = [("One step", README, [("build", "make")]), ("Settings for the steps that follow", README, [("build", "build")]),
            ("A runner of the right size", README, [("build", "make")]), ("GitHub Actions", jobs.OVERVIEW, [("build", "make")])]


@rows("act runs the example under “{}”", [(heading, heading, *row) for heading, *row in EXAMPLES])
def _(heading, page, steps):
    with servers.Receiver(servers.answering(servers.recommendation(suggestions={"concurrency": 1, "cpu_req": 1, "mem_req_gb": 1, "cache": {"ccache": False, "size_gb": 1}}, limits={"cpu": 1, "mem_gb": 1}))) as receiver:
        ended = act(workflow_of(heading, page), receiver.url)
        equal(ended.code, 0, ended.log)
        check("made with 1" in ended.log, ended.log)
        stops = [request.json for request in receiver.asked("/builds/step") if request.json["event"] == "stop"]
        equal([(stop["stage"], stop["step"]) for stop in stops], steps, ended.log)
        equal([request.json["status"] for request in receiver.asked("/builds/complete")], ["success"], ended.log)
        if "size" in heading:
            asked = [(request.json.get("stage"), request.json.get("step")) for request in receiver.asked("/optimize")]
            equal(set(asked), {("build", "make")}, "the two jobs ask for different things")
            check("runner" in ended.log and "arc-small" in ended.log, ended.log)


@rows("act runs the one-step example beside a server that {}", [
    ("is away", servers.nobody), ("refuses", lambda: (403, {})), ("answers rubbish", lambda: (200, "rubbish")), ("never answers", None)])
def _(kind):
    with servers.silent() as slow, servers.Receiver(lambda request: kind()) as odd:
        url = slow if kind is None else servers.nobody() if kind is servers.nobody else odd.url
        ended = act(workflow_of("One step"), url)
    equal(ended.code, 0, ended.log)
    check("made with " in ended.log and "InfraMind:" in ended.log, ended.log)


@test("act ends a job whose commands fail, and reports it")
def _():
    with servers.Receiver(servers.answering(servers.recommendation())) as receiver:
        ended = act(workflow_of("One step").replace(COMMANDS, "exit 3"), receiver.url)
        check(ended.code != 0, ended.log)
        equal([request.json["status"] for request in receiver.asked("/builds/complete")], ["failure"], ended.log)


@test("act runs examples/github-workflow.yml against a live server, and it builds the demo project")
def _():
    # The suite of the Jenkins library compiles the same project: half a minute of work that need not be done twice.
    cache = ["--env", "CXX=ccache g++", "--env", f"CCACHE_DIR={jobs.ROOT}/.build/integration-ccache"] if shutil.which("ccache") else []
    ended = act(re.sub(r"actions/checkout@\w+", "actions/checkout@v4", EXAMPLE.read_text()), servers.LIVE, *cache)
    equal(ended.code, 0, ended.log)
    check("GiB" in ended.log and "service" in ended.log, ended.log)
    ids = re.findall(r"run-id=(github-\S+)", ended.log)
    check(ids, "no run was named", ended.log)
    run = servers.live("/runs/" + ids[-1])
    equal((run["status"], run["steps"][0]["stage"], run["steps"][0]["step"]), ("success", "build", "make"), run)


# What reads the files.

def passes(*command):
    found = subprocess.run([tap.tool(command[0]), *map(str, command[1:])], capture_output=True, text=True, env={**os.environ, "HOME": str(jobs.SCRATCH)})
    equal(found.returncode, 0, found.stdout + found.stderr)


@test("check-jsonschema accepts the action and the example workflow")
def _():
    passes("check-jsonschema", "--builtin-schema", "vendor.github-actions", HERE / "action.yml")
    passes("check-jsonschema", "--builtin-schema", "vendor.github-workflows", EXAMPLE)


@test("zizmor finds nothing in the action and the example workflow")
def _():
    folder = jobs.SCRATCH / "zizmor/.github/workflows"
    folder.mkdir(parents=True)
    shutil.copy(EXAMPLE, folder / "example.yml")
    shutil.copytree(HERE, jobs.SCRATCH / "zizmor/integrations/github")
    # `./` is what every runner, and act, understands.
    (jobs.SCRATCH / "zizmor.yml").write_text("rules:\n  self-repository:\n    disable: true\n")
    passes("zizmor", "--offline", "--no-progress", "--config", jobs.SCRATCH / "zizmor.yml", jobs.SCRATCH / "zizmor")


@test("act validates the example and the README's workflows strictly")
def _():
    tap.tool("act")
    for text in [EXAMPLE.read_text(), *(workflow_of(heading, page) for heading, page, _ in EXAMPLES)]:
        job = checkout(text)
        ended = job.run("act", "--validate", "--strict", "-W", ".github/workflows/test.yml")
        equal(ended.code, 0, ended)
        job.remove()


@test("no example of the README is left out")
def _():
    equal([heading for heading, _ in jobs.examples(README, "yaml")], [heading for heading, page, _ in EXAMPLES if page is README])


@test("no input is put into a script: each goes through the environment")
def _():
    steps = yaml.safe_load((HERE / "action.yml").read_text())["runs"]["steps"]
    inputs = yaml.safe_load((HERE / "action.yml").read_text())["inputs"]
    check(all("${{" not in step["run"] for step in steps), steps)
    equal(sorted("INPUT_" + name.upper().replace("-", "_") for name in inputs), sorted(steps[0]["env"]))


tap.run()
