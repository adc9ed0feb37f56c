"""Builds as CI systems report them, through the public API: a fleet with a past."""

import datetime
import json
import math
import random
import time
import urllib.request

GIB = 1 << 30


class Reporter:
    def __init__(self, url, token):
        self.url, self.token = url, token

    def post(self, path, body, content_type="application/json"):
        data = body.encode() if isinstance(body, str) else json.dumps(body).encode()
        request = urllib.request.Request(
            self.url + path, data, {"X-IM-Token": self.token, "Content-Type": content_type})
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    def get(self, path):
        request = urllib.request.Request(self.url + path, headers={"X-IM-Token": self.token})
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)


def stamp(moment):
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


class Step:
    """A step whose truth is known: what it takes with any settings."""

    def __init__(self, stage, name, work, serial, peak, cache=0.0):
        self.stage, self.name, self.work, self.serial, self.peak, self.cache = stage, name, work, serial, peak, cache

    def run(self, chance, jobs, cores, limit):
        peak = self.peak * (jobs / 4) ** 0.35 * math.exp(0.06 * chance.gauss(0, 1))
        work = self.work * math.exp(0.05 * chance.gauss(0, 1))
        seconds = self.serial + work / min(cores, 0.92 * jobs)
        killed = peak > limit
        hits = int(200 * self.cache * chance.uniform(0.8, 1.1))
        counters = {
            "cpu_time_s": round(work * (0.6 if killed else 1), 2),
            "peak_memory_bytes": int(min(peak, limit) * GIB),
            "rss_max_bytes": int(min(peak, limit) * GIB / 2),
            "oom_kills": 1 if killed else 0, "exit_code": 137 if killed else 0,
            "settings": {"concurrency": jobs, "cpu_req": cores, "mem_req_gb": limit},
            "cache_hits": hits, "cache_misses": 200 - min(200, hits),
        }
        return killed, seconds * (0.6 if killed else 1), counters


class Pipeline:
    def __init__(self, name, steps, jobs, cores, memory, tool="cmake"):
        self.name, self.steps, self.tool = name, steps, tool
        self.baseline = {"concurrency": jobs, "cpu_req": cores, "mem_req_gb": memory}

    def report(self, reporter, chance, number, began, follow=False, memory=None):
        """One run, event by event; returns its id and whether it was killed."""
        run = f"{self.name.replace('/', '-')}-{number}"
        jobs, cores, limit = (self.baseline[key] for key in ("concurrency", "cpu_req", "mem_req_gb"))
        named = {}
        if follow:
            answer = reporter.post(
                "/optimize",
                {"pipeline": self.name, "run_id": run, "context": {"tool": self.tool, "baseline": self.baseline}})
            jobs, cores = answer["suggestions"]["concurrency"], answer["limits"]["cpu"]
            limit = answer["limits"]["mem_gb"]
            named = {"recommendation_id": answer["recommendation_id"]}
        limit = memory or limit
        lines = [{"start": {
            "pipeline": self.name, "run_id": run, "branch": "main", "commit": f"{number:07x}", "image": "gcc:14",
            "tools": [self.tool], "requested_resources": {"cpu": cores, "mem_gb": limit, "concurrency": jobs},
            "context": {"tool": self.tool, "baseline": self.baseline}, "started_at": stamp(began), **named}}]
        at, killed = began, False
        for place, step in enumerate(self.steps):
            event = {"run_id": run, "stage": step.stage, "step": step.name, "span_id": str(place)}
            lines.append({"step": {**event, "event": "start", "timestamp": stamp(at)}})
            killed, seconds, counters = step.run(chance, jobs, cores, limit)
            at += datetime.timedelta(seconds=math.ceil(seconds))
            lines.append({"step": {**event, "event": "stop", "timestamp": stamp(at), "counters": counters}})
            if killed:
                break
        lines.append({"complete": {
            "run_id": run, "status": "oom_killed" if killed else "success",
            "duration_s": (at - began).total_seconds()}})
        answer = reporter.post("/batch", "\n".join(json.dumps(line) for line in lines), "application/x-ndjson")
        assert not answer.get("errors"), answer
        return run, killed


FLEET = [
    Pipeline("shop/cart", [
        Step("build", "compile", 900, 20, 2.6, cache=0.7), Step("build", "link", 60, 25, 4.4),
        Step("test", "unit", 400, 15, 1.8)], jobs=4, cores=4, memory=16),
    Pipeline("shop/search", [Step("build", "compile", 1500, 30, 3.2, cache=0.4), Step("test", "unit", 500, 20, 2.0)],
             jobs=4, cores=4, memory=12),
    Pipeline("payments/ledger", [Step("build", "compile", 600, 12, 1.4, cache=0.8)], jobs=2, cores=2, memory=8),
    Pipeline("docs/site", [Step("build", "render", 90, 30, 0.5)], jobs=2, cores=2, memory=4, tool="npm"),
]

KILLED_RUN = "shop-cart-999"


def report_everything(reporter, weeks=5):
    """Weeks of runs up to now: at first with what was declared, then following what is recommended; the newest of shop/cart is
    killed in its link, which was given too little by hand."""
    chance = random.Random(7)
    now = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
    number = 0
    for week in range(weeks):
        for pipeline in FLEET:
            for day in (1, 3, 5):
                number += 1
                began = now - datetime.timedelta(days=7 * (weeks - 1 - week) + 6 - day, minutes=number)
                pipeline.report(reporter, chance, number, began, follow=week >= 2)
    run, killed = FLEET[0].report(reporter, chance, 999, now - datetime.timedelta(minutes=12), memory=3.5)
    assert killed and run == KILLED_RUN
    wait_until_learned(reporter, run)


def wait_until_learned(reporter, run, seconds=120):
    deadline = time.monotonic() + seconds
    after = 0
    while time.monotonic() < deadline:
        page = reporter.get(f"/history?after={after}&limit=1000")
        if any(build["run_id"] == run for build in page["builds"]):
            return
        time.sleep(0.1)
    raise AssertionError(f"run {run} was not learned within {seconds} s")
