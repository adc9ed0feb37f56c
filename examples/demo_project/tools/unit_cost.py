#!/usr/bin/env python3
"""What each translation unit costs to compile: the median over several runs of the processor time
and of the peak resident memory of the compiler.

    tools/unit_cost.py [--runs 3] [--cxx g++] [FILE...]

Units are compiled one at a time. The time is user + system of the compiler driver and all it starts;
the memory is the largest resident set of any one of these processes (cc1plus, in practice).
"""
import argparse
import glob
import os
import shlex
import statistics
import subprocess
import tempfile


def cost(command):
    """Runs `command`; returns (processor seconds, peak bytes)."""
    try:
        process = subprocess.Popen(command)
    except OSError as fault:
        raise SystemExit(f"unit_cost.py: {command[0]}: {fault.strerror}")
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"{shlex.join(command)} failed")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--cxx", default="g++")
    parser.add_argument("files", nargs="*", help="relative to the project; all when none is named")
    options = parser.parse_args()

    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    os.chdir(root)
    files = options.files or sorted(
        glob.glob("src/**/*.cpp", recursive=True) + glob.glob("tests/*.cpp"))
    for path in files:
        if not os.path.isfile(path):
            raise SystemExit(f"unit_cost.py: {path}: no such file in the project")
    rows = []
    with tempfile.TemporaryDirectory() as scratch:
        target = os.path.join(scratch, "unit.o")
        for path in files:
            command = shlex.split(options.cxx) + [
                "-std=c++17", "-O1", "-Wall", "-Wextra", "-Iinclude", "-c", "-o", target, path]
            runs = [cost(command) for _ in range(max(1, options.runs))]
            rows.append((statistics.median(r[0] for r in runs),
                         statistics.median(r[1] for r in runs), path))
    rows.sort(reverse=True)
    for seconds, peak, path in rows:
        print(f"{seconds:6.2f} s  {peak / 2**20:5.0f} MiB  {path}")
    print(f"{sum(r[0] for r in rows):6.2f} s  {max(r[1] for r in rows) / 2**20:5.0f} MiB  "
          f"{len(rows)} units")


if __name__ == "__main__":
    main()
