"""Tests of the GitLab template: read by GitLab's schema, run with GitLab's variables."""
import itertools
import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import gitlab
import jobs
import servers
import tap
from tap import check, equal, rows, test

README = jobs.INTEGRATIONS / "gitlab/README.md"
BUILD = "build:\n  extends: .inframind\n  script:\n    - {}\n"
KUBERNETES = ["KUBERNETES_CPU_LIMIT", "KUBERNETES_CPU_REQUEST", "KUBERNETES_MEMORY_LIMIT", "KUBERNETES_MEMORY_REQUEST"]


def machine(url, program=False, **variables):
    return jobs.Job({"INFRAMIND_URL": url, **variables}, program)


def pipeline(text, url, shell="bash", program=False, job="build", sizer="inframind-optimize", **variables):
    configuration = gitlab.load(text)
    here = machine(url, program, **variables)
    size, _ = gitlab.run(configuration, sizer, gitlab.SHELLS[shell], here)
    equal(size.code, 0, size)
    size.report = gitlab.dotenv(here.work / "inframind.env")
    build, after = gitlab.run(configuration, job, gitlab.SHELLS[shell], here, size.report.items())
    equal(after.code, 0, after)
    return size, build, after


@rows("a pipeline is sized, measured and reported to a live server: {}", [
    (f"{shell}, through {'inframind' if program else 'curl'}", shell, program) for shell, program in itertools.product(gitlab.SHELLS, (False, True))])
def _(shell, program):
    name = f"acme/{shell}-{program}"
    size, build, after = pipeline(BUILD.format("echo jobs $IM_CONCURRENCY; cat $TMPDIR/inframind-*-$CI_JOB_ID/run-id >id"), servers.LIVE, shell, program, INFRAMIND_PIPELINE=name)
    equal(sorted(key for key in size.report if key.startswith("KUBERNETES_")), KUBERNETES, size.report)
    for key in KUBERNETES:
        check(re.fullmatch(r"\d+(\.\d{1,3})?(Gi)?", size.report[key]) and ("MEMORY" in key) == size.report[key].endswith("Gi"), size.report)
    equal(size.report["KUBERNETES_MEMORY_REQUEST"], size.report["KUBERNETES_MEMORY_LIMIT"])
    check("INFRAMIND_RUN_ID" not in size.report, "each job is a run of its own", size.report)
    equal((build.code, build.output), (0, f"jobs {size.report['IM_CONCURRENCY']}\n"), build)
    text = (build.job.work / "id").read_text()
    check(re.fullmatch(r"gitlab-5-\d+-[0-9a-f]{8}", text), text)
    run = servers.live("/runs/" + text)
    equal((run["pipeline"], run["status"], run["recommendation_id"]), (name, "success", size.report["INFRAMIND_RECOMMENDATION_ID"]), run)
    equal([(step["stage"], step["step"]) for step in run["steps"]], [("build", "build")], run)
    check(all("oom" not in line for line in after.said.splitlines()), after)


@rows("a job that fails keeps its status and is reported as failed, through {}", [("curl", False), ("inframind", True)])
def _(program):
    with servers.Receiver(servers.answering(servers.recommendation())) as receiver:
        _, build, _ = pipeline(BUILD.format("(exit 9)"), receiver.url, program=program)
        equal(build.code, 9, build)
        equal([request.json["status"] for request in receiver.asked("/builds/complete")], ["failure"])


@rows("beside a server that {} jobs keep their own sizes", [
    ("is away", lambda: None), ("refuses the token", lambda: (403, {})), ("answers rubbish", lambda: (200, "rubbish\nA=b")), ("fails", lambda: (500, ""))])
def _(kind):
    with servers.Receiver(lambda request: kind()) as receiver:
        size, build, _ = pipeline(BUILD.format("echo jobs ${IM_CONCURRENCY:-2}"), receiver.url if kind() else servers.nobody())
    equal(size.report, {"INFRAMIND_ANSWERED": "false"}, size)
    equal((build.code, build.output), (0, "jobs 2\n"), build)
    equal(len(size.said.splitlines()), 1, size)


@test("a server that never answers costs seconds")
def _():
    with servers.silent() as url:
        size, build, _ = pipeline(BUILD.format("echo built"), url)
    equal((size.report, build.output), ({"INFRAMIND_ANSWERED": "false"}, "built\n"), size, build)


@test("names of branches and jobs are never read as commands, and a report has no more lines than its variables")
def _():
    text = "x\nKUBERNETES_CPU_LIMIT=900\n::error::"
    with servers.Receiver(servers.answering(servers.recommendation(rationale=text))) as receiver:
        configuration = gitlab.load(BUILD.format('"true"'))
        here = machine(receiver.url)
        hostile = {"CI_PROJECT_PATH": jobs.HOSTILE, "CI_COMMIT_BRANCH": jobs.HOSTILE, "CI_JOB_IMAGE": jobs.HOSTILE, "CI_JOB_URL": jobs.HOSTILE}
        original = gitlab.predefined
        gitlab.predefined = lambda name, status="": {**original(name, status), **hostile}
        try:
            size, _ = gitlab.run(configuration, "inframind-optimize", ["bash"], here)
            report = gitlab.dotenv(here.work / "inframind.env")
            build, after = gitlab.run(configuration, "build", ["bash"], here, report.items())
        finally:
            gitlab.predefined = original
        check(not here.pwned.exists(), "a name was read as a command")
        equal(report["KUBERNETES_CPU_LIMIT"], "6", report)
        equal({request.json["branch"] for request in receiver.asked("/builds/start")}, {jobs.HOSTILE.replace("\n", " ")})
        for ended in (size, build, after):
            check(not any(line.lstrip().startswith("::") for line in ended.said.splitlines()), ended)


@test("the token is in no output")
def _():
    with servers.Receiver(servers.answering(servers.recommendation())) as receiver:
        all_ended = pipeline(BUILD.format("echo built"), receiver.url, INFRAMIND_TOKEN="im_secret")
        equal({request.headers["X-IM-Token"] for request in receiver.requests}, {"im_secret"})
    for ended in all_ended:
        check("im_secret" not in ended.output + ended.said, ended)


@rows("the example under “{}” runs", [
    *jobs.examples(README, "yaml"), ("GitLab CI", dict(jobs.examples(jobs.OVERVIEW, "yaml"))["GitLab CI"])])
def _(text):
    configuration = gitlab.load(text)
    own = [name for name in gitlab.yaml.load(text, gitlab.Loader) if name != "include"]
    sizer = next((name for name in own if configuration[name].get("extends") == "inframind-optimize"), "inframind-optimize")
    with servers.Receiver(servers.answering(servers.recommendation(suggestions={"concurrency": 1, "cpu_req": 1, "mem_req_gb": 1, "cache": {"ccache": False, "size_gb": 1}}))) as receiver:
        here = machine(receiver.url)
        (here.work / "Makefile").write_text("all:\n\t@echo made with $${IM_CONCURRENCY:-none}\n")
        size, _ = gitlab.run(configuration, sizer, ["bash"], here)
        report = gitlab.dotenv(here.work / "inframind.env")
        build, after = gitlab.run(configuration, own[-1], ["bash"], here, report.items())
        equal(build.code, 0, build)
        check("made with 1" in build.output, build, size)
        check("success" in [request.json["status"] for request in receiver.asked("/builds/complete")], after)
        question, start = receiver.asked("/optimize")[0].json, receiver.asked("/builds/step")[0].json
        if "stage" in question:
            equal((question["stage"], question["step"]), (start["stage"], start["step"]), "what is asked for is not what is measured")


@test("GitLab's schema accepts the template and the README's examples, and would refuse others")
def _():
    def verdict(path):
        return subprocess.run([tap.tool("check-jsonschema"), "--builtin-schema", "vendor.gitlab-ci", "--data-transform", "gitlab-ci", str(path)],
                              capture_output=True, text=True)

    found = verdict(gitlab.TEMPLATE)
    equal(found.returncode, 0, found.stdout)
    for number, (_, text) in enumerate(jobs.examples(README, "yaml")):
        path = jobs.SCRATCH / f"example-{number}.yml"
        path.write_text(text)
        equal(verdict(path).returncode, 0, text)
    path.write_text("build:\n  script: 5\n")
    check(verdict(path).returncode != 0, "the schema takes anything")


@test("shellcheck finds nothing in the template's scripts")
def _():
    configuration = gitlab.load("{}")
    for name, part in (("inframind-optimize", "script"), (".inframind", "before_script"), (".inframind", "after_script")):
        text = "#!/bin/sh\n" + "\n".join(gitlab.lines(configuration, configuration[name][part])) + "\n"
        # SC3044: `complete` as a word is no builtin here. The program in awk is no shell.
        found = subprocess.run([tap.tool("shellcheck"), "--shell=sh", "-"], input=text, capture_output=True, text=True)
        equal(found.returncode, 0, found.stdout[:2000])


tap.run()
