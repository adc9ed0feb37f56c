#!/usr/bin/env python3
"""What a whole build costs: wall time, processor time, and the peak of the memory of all its
processes together.

    tools/tree_peak.py make -j2 BUILD_DIR=/tmp/out

The memory is the sum of the resident sets of the command and its descendants, read from /proc every
20 ms. Pages that processes share (the compiler's code) are counted once for each. What the command
prints on standard output is discarded.
"""
import os
import subprocess
import sys
import time

PERIOD_SECONDS = 0.02
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


def tree_bytes(root, strangers):
    """Resident memory of `root` and its descendants; `strangers` were there before it."""
    parent_of = {}
    resident_pages = {}
    for name in os.listdir("/proc"):
        if not name.isdigit() or name in strangers:
            continue
        try:
            with open(f"/proc/{name}/stat", errors="replace") as stat:
                # the name of the program, in parentheses, may hold blanks
                fields = stat.read().rpartition(")")[2].split()
        except OSError:
            continue  # it ended meanwhile
        parent_of[int(name)] = int(fields[1])
        resident_pages[int(name)] = int(fields[21])
    total = 0
    for process, pages in resident_pages.items():
        while process != root and process in parent_of:
            process = parent_of[process]
        if process == root:
            total += pages * PAGE_BYTES
    return total


def main():
    if sys.argv[1:2] in (["-h"], ["--help"]):
        print(__doc__.strip())
        return 0
    if len(sys.argv) < 2:
        raise SystemExit("usage: tree_peak.py COMMAND [ARGUMENT...]")
    strangers = set(os.listdir("/proc"))  # spares most of the reading, and so the time of it
    started = time.monotonic()
    try:
        process = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
    except OSError as fault:
        raise SystemExit(f"tree_peak.py: {sys.argv[1]}: {fault.strerror}")
    peak = 0
    ended = 0
    while not ended:
        peak = max(peak, tree_bytes(process.pid, strangers))
        time.sleep(PERIOD_SECONDS)
        ended, status, usage = os.wait4(process.pid, os.WNOHANG)
    process.returncode = os.waitstatus_to_exitcode(status)
    print(f"exit {process.returncode}  wall {time.monotonic() - started:.1f} s  "
          f"processor {usage.ru_utime + usage.ru_stime:.1f} s  peak {peak / 2**20:.0f} MiB")
    return process.returncode


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("tree_peak.py: interrupted")
