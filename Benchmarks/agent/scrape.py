"""Scrapes exporters over kept connections and prints what each scrape cost them, as a table.

Arguments: NAME PID ADDRESS, three for each; the first is what the others are compared with.
"""
import glob
import re
import socket
import sys
import time

SCRAPES = 100
PACE_SECONDS = 0.5
WARM_UP = 10
SHARE_SCRAPES = 20
REQUEST = (
    b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nAccept: text/plain;version=0.0.4;q=0.5,*/*;q=0.1\r\n"
    b"Connection: keep-alive\r\n\r\n"
)


class Exporter:
    def __init__(self, name, pid, address):
        self.name, self.pid = name, int(pid)
        host, port = address.rsplit(":", 1)
        self.socket = socket.create_connection((host, int(port)))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.rows = {}

    def scrape(self):
        """One page and the seconds it took; chunked answers and those of a stated length."""
        began = time.perf_counter()
        self.socket.sendall(REQUEST)
        data = b""
        while b"\r\n\r\n" not in data:
            data += self.more()
        head, _, body = data.partition(b"\r\n\r\n")
        assert b" 200 " in head.split(b"\r\n")[0], head
        length = re.search(rb"(?i)content-length: *(\d+)", head)
        if length:
            while len(body) < int(length[1]):
                body += self.more()
        else:
            while not body.endswith(b"0\r\n\r\n"):
                body += self.more()
        return body, time.perf_counter() - began

    def more(self):
        data = self.socket.recv(1 << 20)
        if not data:
            raise SystemExit(f"{self.name} hung up")
        return data

    def cpu_seconds(self):
        total = 0
        for path in glob.glob(f"/proc/{self.pid}/task/*/schedstat"):
            with open(path) as file:
                total += int(file.read().split()[0])
        return total / 1e9

    def memory(self):
        """Resident and proportional set size in bytes."""
        with open(f"/proc/{self.pid}/smaps_rollup") as file:
            found = dict(re.findall(r"^(Rss|Pss): +(\d+) kB", file.read(), re.M))
        return int(found["Rss"]) * 1024, int(found["Pss"]) * 1024

    def share(self, pace):
        """Percent of a core, everything it does between the scrapes included."""
        began, before = time.perf_counter(), self.cpu_seconds()
        for _ in range(SHARE_SCRAPES):
            due = time.perf_counter() + pace
            self.scrape()
            time.sleep(max(0, due - time.perf_counter()))
        return 100 * (self.cpu_seconds() - before) / (time.perf_counter() - began)

    def measure(self, kind, pace):
        times = []
        before = self.cpu_seconds()
        for _ in range(SCRAPES):
            began = time.perf_counter()
            page, seconds = self.scrape()
            times.append(seconds)
            if pace:
                time.sleep(max(0, pace - (time.perf_counter() - began)))
        cpu = (self.cpu_seconds() - before) / SCRAPES
        times.sort()
        self.rows[f"CPU per scrape, {kind} (ms)"] = cpu * 1e3
        self.rows[f"scrape p50, {kind} (ms)"] = times[SCRAPES // 2] * 1e3
        self.rows[f"scrape p99, {kind} (ms)"] = times[SCRAPES * 99 // 100 - 1] * 1e3
        self.series = len(re.findall(rb"(?m)^[a-z]", page))


def main():
    arguments = sys.argv[1:]
    exporters = [Exporter(*arguments[i : i + 3]) for i in range(0, len(arguments), 3)]
    for exporter in exporters:
        for _ in range(WARM_UP):
            exporter.scrape()
    for exporter in exporters:
        exporter.measure("back to back", None)
    for exporter in exporters:
        exporter.measure("one per 0.5 s", PACE_SECONDS)
    for exporter in exporters:
        resident, proportional = exporter.memory()
        exporter.rows["resident memory (MB)"] = resident / 1e6
        exporter.rows["proportional memory, PSS (MB)"] = proportional / 1e6
    for exporter in exporters:
        exporter.rows["busy, of a core, one scrape per 1 s (%)"] = exporter.share(1)
    first = exporters[0]
    print("| | " + " | ".join(f"{e.name} ({e.series} series)" for e in exporters) + " |")
    print("| --- |" + " ---: |" * len(exporters))
    for row, base in first.rows.items():
        cells = [f"{base:.3f}"] + [f"{e.rows[row]:.3f} ({e.rows[row] / base:.2f} ×)" for e in exporters[1:]]
        print(f"| {row} | " + " | ".join(cells) + " |")


main()
