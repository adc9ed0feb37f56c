"""Tests of the script that all doors but Jenkins share: every shell and awk at hand, with and without `inframind`."""
import json
import os
import re
import shutil
import subprocess
import sys

import jobs
import servers
import tap
from tap import check, equal, rows, test

DOOR = jobs.INTEGRATIONS / "shell/door.sh"
SHELLS = [("dash", ["dash"]), ("bash", ["bash"]), ("BusyBox", ["busybox", "sh"])]
SETTINGS = ["IM_CONCURRENCY", "IM_CPU_REQUEST", "IM_MEM_REQUEST_GB", "IM_MEM_LIMIT_GB", "IM_CACHE_ENABLED", "IM_CACHE_SIZE_GB",
            "INFRAMIND_RECOMMENDATION_ID", "INFRAMIND_RUN_ID"]


def door(url, *call, program=False, shell=("dash",), job=None, **variables):
    job = job or jobs.Job({"INFRAMIND_URL": url}, program=program)
    return job.run(*shell, str(DOOR), *call, **variables)


def only_line(ended):
    lines = ended.said.splitlines()
    equal(len(lines), 1, ended)
    check(lines[0].startswith("InfraMind: "), ended)
    return lines[0]


@rows("ask: a live server answers {}", [
    *[(f"{name} through curl", shell, False) for name, shell in SHELLS], ("dash through inframind", ["dash"], True)])
def _(shell, program):
    tap.tool(shell[0])
    ended = door(servers.LIVE, "ask", program=program, shell=shell, INFRAMIND_PIPELINE="shells", INFRAMIND_TOOL="make")
    equal(ended.code, 0, ended)
    equal(sorted(ended.settings), sorted(SETTINGS), ended)
    check(int(ended.settings["IM_CONCURRENCY"]) >= 1, ended)
    kept = servers.live("/recommendations/" + ended.settings["INFRAMIND_RECOMMENDATION_ID"])
    check(kept, ended)
    only_line(ended)


@test("an image with BusyBox and curl, and nothing else, has all it takes")
def _():
    tap.tool("busybox")
    job = jobs.Job({"INFRAMIND_URL": servers.LIVE, "INFRAMIND_PIPELINE": "busybox", "INFRAMIND_CLASSES": "small 512 4096", "INFRAMIND_RUN_ID": "busybox-1"}, program=False)
    bare = job.folder / "bare"
    bare.mkdir()
    subprocess.run(["busybox", "--install", "-s", str(bare)], check=True)
    (bare / "curl").symlink_to(shutil.which("curl"))
    job.variables["PATH"] = str(bare)
    ended = {call: job.run("sh", str(DOOR), *call.split()) for call in ("ask", "class", "card", "kubernetes", "begin", "end 2", "complete failure")}
    for call, one in ended.items():
        equal((one.code, [line for line in one.said.splitlines() if not line.startswith("InfraMind: ")]), (0, []), call, one)
    equal((sorted(ended["ask"].settings), ended["class"].output), (sorted(SETTINGS), "small\n"), ended["ask"])
    equal(servers.live("/runs/busybox-1")["steps"][0]["counters"]["exit_code"], 2)


CI = [
    ("GitHub", {"GITHUB_ACTIONS": "true", "GITHUB_REPOSITORY": "acme/app", "GITHUB_WORKFLOW": "ci", "GITHUB_JOB": "build", "GITHUB_SHA": "a" * 40,
                "GITHUB_HEAD_REF": "topic", "GITHUB_REF_NAME": "1/merge", "GITHUB_RUN_ID": "9", "GITHUB_RUN_ATTEMPT": "1",
                "GITHUB_SERVER_URL": "https://github.example"}),
    ("GitLab", {"GITLAB_CI": "true", "CI_PROJECT_PATH": "acme/app", "CI_JOB_NAME": "build: [a]", "CI_JOB_STAGE": "build", "CI_COMMIT_SHA": "b" * 40,
                "CI_COMMIT_BRANCH": "main", "CI_COMMIT_REF_NAME": "main", "CI_PIPELINE_ID": "5", "CI_JOB_ID": "6",
                "CI_JOB_URL": "https://gitlab.example/1", "CI_JOB_IMAGE": "gcc:13"}),
    ("CircleCI", {"CIRCLECI": "true", "CIRCLE_PROJECT_USERNAME": "acme", "CIRCLE_PROJECT_REPONAME": "app", "CIRCLE_JOB": "build",
                  "CIRCLE_SHA1": "c" * 40, "CIRCLE_BRANCH": "main", "CIRCLE_BUILD_NUM": "3", "CIRCLE_BUILD_URL": "https://circle.example/3"}),
]


@rows("names: {} builds have the same ones through curl and through inframind", CI)
def _(variables):
    told = []
    for program in (False, True):
        with servers.Receiver(servers.answering(servers.recommendation())) as receiver:
            job = jobs.Job({"INFRAMIND_URL": receiver.url, "INFRAMIND_SPOOL": "/dev/null/spool", **variables}, program=program)
            job.run("dash", str(DOOR), "ask")
            job.run("dash", str(DOOR), "begin")
            job.run("dash", str(DOOR), "end", "0")
            started = receiver.asked("/builds/start")[0].json
            stops = [request.json for request in receiver.asked("/builds/step") if request.json["event"] == "stop"]
            told.append([receiver.asked("/optimize")[0].json["pipeline"], *(started[key] for key in ("pipeline", "branch", "commit", "image")),
                         started["ci"]["system"], started["ci"]["url"], started["recommendation_id"], stops[0]["stage"], stops[0]["step"]])
    equal(told[0], told[1])


def refusing(status, body):
    return lambda request: (status, body)


ODD = servers.recommendation
ANSWERS = [
    ("is HTML", refusing(200, "<html>login</html>"), "no InfraMind"),
    ("is empty", refusing(200, ""), "no InfraMind"),
    ("is JSON of something else", refusing(200, {"ok": True}), "no InfraMind"),
    ("is half an answer", refusing(200, json.dumps(ODD())[:-20]), "no InfraMind"),
    ("has more behind it", refusing(200, json.dumps(ODD()) + "{}"), "no InfraMind"),
    ("is nested without end", refusing(200, "[" * 50000), "no InfraMind"),
    ("wants a million jobs", refusing(200, ODD(suggestions={"concurrency": 1000000, "cpu_req": 1, "mem_req_gb": 1})), "no InfraMind"),
    ("wants half a job", refusing(200, ODD(suggestions={"concurrency": 1.5, "cpu_req": 1, "mem_req_gb": 1})), "no InfraMind"),
    ("wants less than nothing", refusing(200, ODD(limits={"cpu": -1, "mem_gb": 1})), "no InfraMind"),
    ("has text for a number", refusing(200, ODD(limits={"cpu": "4; touch /tmp/x", "mem_gb": 1})), "no InfraMind"),
    ("has a number beyond all numbers", refusing(200, json.dumps(ODD()).replace("7.25", "1e999")), "no InfraMind"),
    ("has an identifier that is a command", refusing(200, ODD(recommendation_id="$(touch x)")), "no InfraMind"),
    ("has an identifier of two lines", refusing(200, ODD(recommendation_id="a\nPATH=/tmp")), "no InfraMind"),
    ("is larger than any answer", refusing(200, b"[" + b"1," * 600000 + b"1]"), "InfraMind:"),
    ("is a refusal", refusing(403, {"detail": "token expired"}), "renew the secret INFRAMIND_TOKEN"),
    ("is a failure", refusing(500, {"detail": "out of disk"}), "answered 500: out of disk"),
    ("is a redirection", refusing(302, ""), "redirection"),
]


@rows("ask: an answer that {} sizes nothing", ANSWERS)
def _(answer, words):
    with servers.Receiver(answer) as receiver:
        ended = door(receiver.url, "ask")
    equal((ended.code, list(ended.settings)), (0, ["INFRAMIND_RUN_ID"]), ended)
    check(words in only_line(ended), ended)


@rows("ask: {} is said in one line, and the build goes on", [
    ("a server that is away", servers.nobody, "cannot be reached"),
    ("a name that is none", lambda: "http://inframind.invalid", "cannot be resolved"),
    ("an address without a scheme", lambda: "inframind.example", "http://"),
    ("an address with a password", lambda: "http://me:secret@inframind.example", "use a token"),
    ("an address with a quote and a newline", lambda: 'http://x"\nurl = "file:///etc/passwd', "no address"),
    ("a remote server without a token", lambda: "http://192.0.2.1", "INFRAMIND_TOKEN"),
])
def _(url, words):
    ended = door(url(), "ask", **({"INFRAMIND_TOKEN": "im_1"} if "invalid" in url() else {}))
    equal((ended.code, list(ended.settings)), (0, ["INFRAMIND_RUN_ID"]), ended)
    check(words in only_line(ended), ended)
    check("secret" not in ended.said.replace("as a secret", "").replace("the secret", ""), ended)


@test("a server that never answers is waited for once in a job")
def _():
    with servers.silent() as url:
        job = jobs.Job({"INFRAMIND_URL": url}, program=False)
        said = [job.run("dash", str(DOOR), *call).said for call in (["ask"], ["begin"], ["end", "0"], ["complete"])]
    check("did not answer in time" in said[0], said)
    equal(said[1:], ["", "", ""])


@rows("names: quotes, newlines and $() reach the server as text, {}", [("through curl", False), ("through inframind", True)])
def _(program):
    ended = []
    with servers.Receiver(servers.answering(servers.recommendation())) as receiver:
        job = jobs.Job({"INFRAMIND_URL": receiver.url, "INFRAMIND_PIPELINE": jobs.HOSTILE, "INFRAMIND_STAGE": jobs.HOSTILE,
                        "INFRAMIND_STEP": jobs.HOSTILE, "INFRAMIND_BRANCH": jobs.HOSTILE, "INFRAMIND_TOOL": "make"}, program=program)
        for call in (["ask"], ["begin"], ["end", "1"], ["complete", "failure"], ["step-specs", jobs.HOSTILE], ["run", "true"]):
            ended.append(job.run("dash", str(DOOR), *call))
            equal(ended[-1].code, 0, ended[-1])
        check(not job.pwned.exists(), "a name was read as a command")
        names = {request.json["pipeline"] for request in receiver.asked("/optimize")}
    # Control characters are left out or become blanks; nothing else may change.
    plain = {jobs.HOSTILE.replace("\n", " "), jobs.HOSTILE.replace("\n", "")}
    check(names and names <= plain, names)
    json.loads(ended[4].output)
    no_orders(ended[:4] + ended[5:])


def no_orders(all_ended):
    for ended in all_ended:
        for line in (ended.said + "\n" + ended.output).splitlines():
            check(not line.lstrip().startswith("::") and "##[" not in line, "a log would be given orders", ended)
            check(all(character >= " " for character in line), "control characters", ended)


@rows("log: what a server says gives no orders and drives no terminal: {}", [
    ("in an answer", lambda text: refusing(200, ODD(rationale=text, reasons=[{"text": text}], guardrails=[{"name": text}]))),
    ("in a problem", lambda text: refusing(422, {"detail": text})),
])
def _(answer):
    text = "::error::x\r\n::set-output name=a::b\n##[command]rm\x1b[31m\u202e\u2028\x9b31m `````\n```\n@everyone <img src=x> | ü"
    with servers.Receiver(answer(text)) as receiver:
        job = jobs.Job({"INFRAMIND_URL": receiver.url}, program=False)
        all_ended = [job.run("dash", str(DOOR), call) for call in ("ask", "rationale")]
        check("[command]rm" in all_ended[0].said, "the words got lost", all_ended[0])
        card = job.run("dash", str(DOOR), "card")
    no_orders(all_ended)
    for ended in [*all_ended, card]:
        for character in "\u202e\u2028\x9b\x1b\r":
            check(character not in ended.output + ended.said, repr(character), ended)
    if card.output:
        check("ü" in card.output, card)
        equal(card.output.count("```"), 2, "text of a server left its fence", card)


@test("log: what inframind says gives no orders and drives no terminal")
def _():
    job = jobs.Job({"INFRAMIND_URL": servers.LIVE}, program=False)
    shim = job.folder / "shims/inframind"
    shim.parent.mkdir()
    shim.write_text("""#!/bin/sh
[ "$1" = --version ] || { printf '::error::x\\r::set-output name=a::b ##[command]rm\\033[31m\\302\\233\\342\\200\\256' >&2; exit 1; }
""")
    shim.chmod(0o755)
    job.variables["PATH"] = f"{shim.parent}:{job.variables['PATH']}"
    for call in (["ask"], ["begin"]):
        ended = job.run("dash", str(DOOR), *call)
        no_orders([ended])
        check("[command]rm" in ended.said and not {"\u202e", "\x9b"} & set(ended.said), ended)


@test("the token is in no command line and no output")
def _():
    secret = "im_0123456789abcdef"
    with servers.Receiver(servers.answering(servers.recommendation())) as receiver:
        job = jobs.Job({"INFRAMIND_URL": receiver.url, "INFRAMIND_TOKEN": secret}, program=False)
        shims = job.folder / "shims"
        shims.mkdir()
        for name in ("curl", "awk", "sed", "head", "tail", "tr", "od", "cat", "printf"):
            real = shutil.which(name)
            (shims / name).write_text(f'#!/bin/sh\nprintf "%s\\n" "{name} $*" >>"{job.folder}/calls"\nexec {real} "$@"\n')
            (shims / name).chmod(0o755)
        job.variables["PATH"] = f"{shims}:{job.variables['PATH']}"
        ended = [job.run("dash", "-x", str(DOOR), *call) for call in (["ask"], ["begin"], ["end", "0"], ["complete"], ["run", "env"])]
        equal({request.headers["X-IM-Token"] for request in receiver.requests}, {secret})
    calls = (job.folder / "calls").read_text(errors="replace")
    check("curl" in calls and secret not in calls, calls)
    for one in ended:
        check(secret not in one.output + one.said, one)


@test("a token that expires in the middle of a build costs one line for each call, and nothing else")
def _():
    with servers.Receiver(lambda request: (200, ODD()) if request.path == "/optimize" else (403, {"detail": "expired"})) as receiver:
        ended = door(receiver.url, "run", "sh", "-c", "echo built; exit 3")
    equal((ended.code, ended.output), (3, "built\n"), ended)
    check("renew the secret" in ended.said, ended)


@rows("run: status, output, locale and permissions are the command's own: {}", [
    ("through inframind", True, servers.LIVE), ("through curl", False, servers.LIVE), ("without a server", False, None),
    ("through inframind without a server", True, None)])
def _(program, url):
    ended = door(url or servers.nobody(), "run", "sh", "-c", 'umask; echo "[$1]" "${LC_ALL-none}" "${INFRAMIND_TOKEN-none}"; echo err >&2; exit 42', "sh", "a  b",
                 program=program, INFRAMIND_TOKEN="", INFRAMIND_PIPELINE="run")
    equal((ended.code, ended.output), (42, "0022\n[a  b] none none\n"), ended)
    check("err\n" in ended.said, ended)


@rows("run: the command gets the recommended jobs {}", [("through inframind", True), ("through curl", False)])
def _(program):
    with servers.Receiver(servers.answering(servers.recommendation(suggestions={"concurrency": 1, "cpu_req": 1, "mem_req_gb": 1, "cache": {"ccache": False, "size_gb": 1}}, limits={"cpu": 1, "mem_gb": 1}))) as receiver:
        ended = door(receiver.url, "run", "sh", "-c", 'echo "$IM_CONCURRENCY"', program=program)
    equal((ended.code, ended.output), (0, "1\n"), ended)


# What a job may well call a variable of its own, and a script might, too.
WORDS = ["token", "url", "state", "name", "stage", "step", "branch", "commit", "link", "key", "file", "line", "code", "status", "size", "call", "works",
         "door", "here", "temp", "mode", "shell", "commands", "directory", "script", "number", "page", "mark", "path", "value", "root", "cpu", "memory"]


@rows("run: variables of the job reach the command as they are, {}", [
    ("through inframind", True, servers.LIVE), ("through curl", False, servers.LIVE), ("without a server", False, None)])
def _(program, url):
    theirs = {word: f"their {word}" for word in WORDS}
    job = jobs.Job({"INFRAMIND_URL": url or servers.nobody(), "INFRAMIND_TOKEN": "" if url else "im_secret", **theirs}, program)
    ended = job.run("dash", str(DOOR), "run", "env")
    equal({word: ended.settings.get(word) for word in WORDS}, theirs, ended)
    check("im_secret" not in ended.output, ended)
    equal([line for line in ended.output.splitlines() if line.startswith("im_")], [])


@test("variables of the scripts have names that no job uses")
def _():
    for path in (DOOR, jobs.INTEGRATIONS / "github/action.sh"):
        # What awk calls its own stands between quotes, with blanks around the sign.
        names = set(re.findall(r"(?:^|[\s;{(|])([a-z]\w*)=(?![=~ ])", re.sub(r"^\s*#.*$", "", path.read_text(), flags=re.MULTILINE), re.MULTILINE))
        equal({name for name in names if not name.startswith("im_")}, set(), path.name)
        check(len(names) > 15, "the search for names finds none", names)


BROKEN = [
    ("does not know an option", "exit 64"), ("does something else", "exit 0"), ("crashes", "kill -s ILL $$"),
    ("cannot find its libraries", "exit 127"), ("hangs", "[ $1 != --version ] || exec sleep 600"),
]


@rows("run: with an inframind that {} the command runs all the same, once", BROKEN)
def _(what):
    job = jobs.Job({"INFRAMIND_URL": servers.LIVE, "INFRAMIND_PIPELINE": "broken"}, program=False)
    shim = job.folder / "shims/inframind"
    shim.parent.mkdir()
    shim.write_text(f"#!/bin/sh\ncase $1 in --version) [ 'hangs' = '{'hangs' if 'sleep' in what else ''}' ] || exit 0 ;; esac\n{what}\n")
    shim.chmod(0o755)
    job.variables["PATH"] = f"{shim.parent}:{job.variables['PATH']}"
    ended = job.run("dash", str(DOOR), "run", "sh", "-c", 'echo "built with ${IM_CONCURRENCY:-none}"; exit 3')
    check(ended.code == 3 and re.fullmatch(r"built with \d+\n", ended.output), ended)
    equal(len([line for line in ended.said.splitlines() if "had not started the command" in line]), 0 if "sleep" in what else 1, ended)


@rows("run: a command that ends with {} is run once, through inframind", [(str(code), code) for code in (0, 1, 64, 127, 137)])
def _(code):
    ended = door(servers.nobody(), "run", "sh", "-c", f"echo built; exit {code}", program=True)
    equal((ended.code, ended.output), (code, "built\n"), ended)


@rows("run: the command's status is the door's, though {}", [
    (f"it {name}, {'through inframind' if program else 'through curl'}{'' if url else ', without a server'}", command, program, url)
    for name, command in (("takes its temporary files away", 'rm -rf "$TMPDIR"/*'), ("empties its temporary files", 'for one in "$TMPDIR"/*/*; do : >"$one"; done'))
    for program in (True, False) for url in (servers.LIVE, None)])
def _(command, program, url):
    ended = door(url or servers.nobody(), "run", "sh", "-c", f"{command}; echo built; exit 7", program=program)
    equal((ended.code, ended.output), (7, "built\n"), ended)
    check(all(line.startswith("InfraMind: ") for line in ended.said.splitlines() if "inframind: " not in line), ended)


@test("run: without inframind the run is reported with its step, recommendation and end")
def _():
    ended = door(servers.LIVE, "run", "false", INFRAMIND_PIPELINE="reported", INFRAMIND_STEP="compile", INFRAMIND_RUN_ID="reported-1")
    equal(ended.code, 1, ended)
    run = servers.live("/runs/reported-1")
    equal((run["pipeline"], run["status"], run["steps"][0]["step"], run["steps"][0]["counters"]["exit_code"]), ("reported", "failure", "compile", 1), run)
    check(run["recommendation_id"], run)


@rows("OOM kills are counted by the kernel's own count: {}", [
    ("cgroup v2", "memory.events", "low 0\noom 1\noom_kill {}\n"), ("cgroup v1", "memory/memory.oom_control", "oom_kill_disable 0\noom_kill {}\n")])
def _(name, text):
    job = jobs.Job({"INFRAMIND_URL": servers.LIVE, "INFRAMIND_PIPELINE": "kills", "INFRAMIND_RUN_ID": "kills-" + name.replace("/", "-")}, program=False)
    counts = job.folder / "cgroup" / name
    counts.parent.mkdir(parents=True)
    counts.write_text(text.format(2))
    job.variables["INFRAMIND_CGROUP"] = str(job.folder / "cgroup")
    ended = job.run("dash", str(DOOR), "run", "sh", "-c", f"printf '{text.format(3)}' >'{counts}'; exit 137".replace("\n", "\\n"))
    equal(ended.code, 137, ended)
    check("killed 1 of its processes" in ended.said, ended)
    run = servers.live("/runs/" + job.variables["INFRAMIND_RUN_ID"])
    equal((run["status"], run["steps"][0]["counters"]["oom_kills"]), ("oom_killed", 1), run)


@test("exit status 137 alone is no OOM kill")
def _():
    ended = door(servers.LIVE, "run", "sh", "-c", "exit 137", INFRAMIND_PIPELINE="kills", INFRAMIND_RUN_ID="no-kill", INFRAMIND_CGROUP="/nonexistent")
    equal((ended.code, servers.live("/runs/no-kill")["status"]), (137, "failure"), ended)


TABLE = "# what we pay for\nsmall 2 4\nmedium 4 8 default\r\nlarge 8 32\n"


@rows("class: {}", [
    ("the smallest that holds both is taken", TABLE, {"cpu": 3, "mem_gb": 7.25}, "medium"),
    ("memory counts as well", TABLE, {"cpu": 1, "mem_gb": 8.5}, "large"),
    ("an exact fit is a fit", TABLE, {"cpu": 2, "mem_gb": 4}, "small"),
    ("more than can be had gets the largest", TABLE, {"cpu": 64, "mem_gb": 1}, "large"),
    ("without an answer the default", TABLE, None, "medium"),
    ("without an answer and a default the largest", TABLE.replace(" default", ""), None, "large"),
    ("a line that is no row is left out", "a$(touch x) 1 1\nb one 1\nsmall 2 4", {"cpu": 1, "mem_gb": 1}, "small"),
])
def _(table, limits, expected):
    with servers.Receiver(servers.answering(servers.recommendation(limits=limits)) if limits else refusing(503, {})) as receiver:
        job = jobs.Job({"INFRAMIND_URL": receiver.url, "INFRAMIND_CLASSES": table}, program=False)
        job.run("dash", str(DOOR), "ask")
        ended = job.run("dash", str(DOOR), "class")
    equal(ended.output, expected + "\n", ended)
    equal("left out" in ended.said, "one" in table, ended)


@test("a limit is rounded up, never down")
def _():
    with servers.Receiver(servers.answering(servers.recommendation(limits={"cpu": 0.3331, "mem_gb": 2.00001}))) as receiver:
        ended = door(receiver.url, "ask")
    equal((ended.settings["IM_CPU_REQUEST"], ended.settings["IM_MEM_LIMIT_GB"]), ("0.334", "2.001"), ended)


@test("a folder for state that somebody else laid out is not used")
def _():
    job = jobs.Job({"INFRAMIND_URL": servers.LIVE, "INFRAMIND_STATE": ""}, program=False)
    (job.folder / "theirs").mkdir()
    (job.folder / "link").symlink_to(job.folder / "theirs")
    ended = job.run("dash", str(DOOR), "run", "echo", "built", INFRAMIND_STATE=str(job.folder / "link"))
    equal((ended.code, ended.output), (0, "built\n"), ended)
    check("INFRAMIND_STATE" in only_line(ended), ended)
    equal(list((job.folder / "theirs").iterdir()), [])


@rows("a full disk costs one line: {}", [("through inframind", True), ("through curl", False)])
def _(program):
    job = jobs.Job({"INFRAMIND_URL": servers.LIVE, "INFRAMIND_RUN_ID": "full-1"}, program)
    state = job.folder / "state"
    state.mkdir()
    (state / "run-id").symlink_to("/dev/full")
    for call, code, output in ((["ask"], 0, ""), (["begin"], 0, ""), (["end", "1"], 0, ""), (["run", "sh", "-c", "echo built; exit 6"], 6, "built\n")):
        ended = job.run("dash", str(DOOR), *call, INFRAMIND_STATE=str(state))
        equal((ended.code, ended.output), (code, output), ended)
        check("is the disk full" in only_line(ended), ended)


@test("a shell outside of CI shares nothing with the next one, and leaves nothing behind")
def _():
    job = jobs.Job({"INFRAMIND_URL": servers.LIVE, "INFRAMIND_KEY": ""}, program=False)
    runs = {job.run("dash", str(DOOR), "ask").settings["INFRAMIND_RUN_ID"] for _ in range(2)}
    equal(len(runs), 2)
    check("INFRAMIND_STATE" in only_line(job.run("dash", str(DOOR), "begin")))
    equal(job.run("dash", str(DOOR), "run", "sh", "-c", "exit 3").code, 3)
    equal(list((job.folder / "temp").iterdir()), [])


@test("a command that is run inside a measured job is a run of its own, and nothing is left behind")
def _():
    with servers.Receiver(servers.answering(servers.recommendation())) as receiver:
        job = jobs.Job({"INFRAMIND_URL": receiver.url}, program=False)
        for call in (["begin"], ["run", "true"], ["end", "1"], ["complete", "failure"]):
            equal(job.run("dash", str(DOOR), *call).said.count("cannot"), 0)
        ends = [(request.json["run_id"], request.json["status"]) for request in receiver.asked("/builds/complete")]
        starts = [request.json["run_id"] for request in receiver.asked("/builds/start")]
        equal((sorted(run for run, _ in ends), [status for _, status in ends], len(set(starts))), (sorted(starts), ["success", "failure"], 2))
        equal(list((job.folder / "temp").iterdir()), [])


@test("the example of docs/integrations.md runs")
def _():
    (text,) = (text for heading, text in jobs.examples(jobs.OVERVIEW, "sh") if heading == "Any shell")
    with servers.Receiver(servers.answering(servers.recommendation())) as receiver:
        job = jobs.Job({"INFRAMIND_URL": receiver.url, "INFRAMIND_KEY": ""}, program=False)
        (job.work / "integrations").symlink_to(jobs.INTEGRATIONS)
        (job.work / "Makefile").write_text("all:\n\t@echo made $(MAKEFLAGS)\n")
        ended = job.script(text, shell=("dash", "-e"))
        check(ended.code == 0 and "-j6" in ended.output, ended)
        equal([request.json["step"] for request in receiver.asked("/builds/step")], ["compile", "compile"])


@test("the token that docs/integrations.md has made may ask and report, and nothing else")
def _():
    (text,) = (text for heading, text in jobs.examples(jobs.OVERVIEW, "sh") if heading == "Five minutes")
    job = jobs.Job({"INFRAMIND_URL": servers.LIVE}, program=True)
    made = job.script(text, shell=("dash", "-e"))
    check(made.code == 0 and re.fullmatch(r"im_\S+\n", made.output), made)
    token = {"INFRAMIND_TOKEN": made.output.strip(), "INFRAMIND_PIPELINE": "five-minutes", "INFRAMIND_RUN_ID": "five-minutes-1"}
    curl = jobs.Job({"INFRAMIND_URL": servers.LIVE, **token}, program=False)
    equal(curl.run("dash", str(DOOR), "run", "true").said.count("InfraMind: "), 1)
    equal(servers.live("/runs/five-minutes-1")["status"], "success")
    refused = job.run("inframind", "token", "list", **token)
    check(refused.code != 0, refused)


@test("no integration costs its user more than five lines")
def _():
    found = [example for language in ("groovy", "yaml", "sh") for example in jobs.examples(jobs.OVERVIEW, language)]
    equal({heading for heading, _ in found} - {"Five minutes"}, {"Jenkins", "GitHub Actions", "GitLab CI", "CircleCI", "Tekton", "Any shell"})
    for heading, text in found:
        lines = [line for line in text.splitlines() if heading != "Jenkins" or "inframind" in line]
        check(len(lines) <= 5, heading, text)


@test("what docs/integrations.md tells to look for in a log is what the script says")
def _():
    rows = [line.split("|")[1] for line in jobs.OVERVIEW.read_text().split("the log says `InfraMind: …`")[1].split("\n\n")[0].splitlines()[2:]]
    phrases = [phrase for row in rows for phrase in re.findall(r"`([^`]+)`", row)]
    check(len(phrases) >= 8, phrases)
    for phrase in phrases:
        check(phrase in DOOR.read_text(), phrase)


@test("INFRAMIND_DISABLE=1 calls nobody, and runs the command")
def _():
    with servers.Receiver(servers.answering(servers.recommendation())) as receiver:
        ended = door(receiver.url, "run", "sh", "-c", 'echo "built ${INFRAMIND_TOKEN-none}"; exit 5', INFRAMIND_DISABLE="1", INFRAMIND_TOKEN="im_secret", program=True)
        equal((ended.code, ended.output, ended.said, receiver.requests), (5, "built none\n", "", []), ended)


@test("a program that is of another machine is done without")
def _():
    job = jobs.Job({"INFRAMIND_URL": servers.LIVE, "INFRAMIND_PIPELINE": "broken"}, program=False)
    broken = job.folder / "broken"
    broken.mkdir()
    (broken / "inframind").write_bytes(b"\x7fELF\x02\x01\x01\x00not for this machine")
    (broken / "inframind").chmod(0o755)
    job.variables["PATH"] = f"{broken}:{job.variables['PATH']}"
    ended = job.run("dash", str(DOOR), "run", "sh", "-c", 'echo "jobs ${IM_CONCURRENCY:-none}"')
    check(ended.code == 0 and ended.output != "jobs none\n", ended)


@rows("json.awk is read by {}", [("mawk", ["mawk"]), ("gawk", ["gawk"]), ("BusyBox", ["busybox", "awk"])])
def _(awk):
    tap.tool(awk[0])
    text = json.dumps(servers.recommendation(rationale='a "b" \\ / \u00fc \n\t\x01'))
    ended = subprocess.run([*awk, "-f", str(jobs.INTEGRATIONS / "shell/json.awk")], input=text.encode(), capture_output=True,
                           env={**os.environ, "HOW": "summary", "LC_ALL": "C"}, timeout=60)
    equal(ended.stdout.decode(), '6 jobs, 6 CPU, 7.25 GiB: a "b" \\ / ü    \n', ended.stderr)


@test("shellcheck and every shell at hand find nothing")
def _():
    scripts = [str(DOOR), *map(str, (jobs.INTEGRATIONS / "github").glob("*.sh"))]
    found = subprocess.run([tap.tool("shellcheck"), "--shell=sh", *scripts], capture_output=True, text=True)
    equal(found.returncode, 0, found.stdout)
    for own in ("integrations/testbed/run", "integrations/testbed/tools", "scripts/python-tools", "integrations/jenkins/resources/io/inframind/talk.sh", "scripts/test-integrations"):
        found = subprocess.run([tap.tool("shellcheck"), str(jobs.ROOT / own)], capture_output=True, text=True)
        equal(found.returncode, 0, found.stdout)


@test("the files that come in one piece hold the script as it is")
def _():
    found = subprocess.run([sys.executable, str(jobs.INTEGRATIONS / "pack"), "--check"], capture_output=True, text=True)
    equal(found.returncode, 0, found.stderr)


tap.run()
