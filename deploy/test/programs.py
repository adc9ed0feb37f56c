"""What the three programs know: commands, flags, environment variables, metrics. Asked of the programs themselves."""

import functools
import os
import pathlib
import re
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]


def folder() -> pathlib.Path:
    """Where the programs are: INFRAMIND_BIN_DIR, else the newest of the two builds."""
    if named := os.environ.get("INFRAMIND_BIN_DIR"):
        return pathlib.Path(named)
    built = [ROOT / ".build" / kind for kind in ("debug", "release")]
    built = [place for place in built if (place / "inframind-server").exists()]
    if not built:
        raise SystemExit("test-deploy: the programs are not built; run: swift build")
    return max(built, key=lambda place: (place / "inframind-server").stat().st_mtime)


def run(program: str, *arguments: str, **options) -> subprocess.CompletedProcess:
    return subprocess.run(
        [folder() / program, *arguments], capture_output=True, text=True, timeout=60,
        stdin=subprocess.DEVNULL, **options)


@functools.cache
def help_of(program: str) -> str:
    result = run(program, "--help")
    assert result.returncode == 0, result.stderr
    return result.stdout


def flags_of(program: str) -> set[str]:
    return set(re.findall(r"--[a-z][a-z-]*", help_of(program)))


def server_commands() -> set[str]:
    """The words that may come first: the lines of the help between 'Usage' and the flags."""
    return set(re.findall(r"^  ([a-z][a-z-]+)  ", help_of("inframind-server").split("\n  --")[0], re.MULTILINE))


def server_variables() -> set[str]:
    """INFRAMIND_PORT for --port, as the help says of every flag that is a key."""
    keys = re.findall(r"^  --([a-z-]+) [A-Z]+", help_of("inframind-server"), re.MULTILINE)
    return {"INFRAMIND_" + key.upper().replace("-", "_") for key in keys if key != "config"}


def source_text(*folders: str) -> str:
    return "\n".join(
        path.read_text() for name in folders for path in sorted((ROOT / "Sources" / name).rglob("*.swift")))


@functools.cache
def other_variables() -> frozenset[str]:
    """Those that the command line, the agent and what both share read."""
    return frozenset(re.findall(r'"(INFRAMIND_[A-Z_]*[A-Z])"', source_text("CLI", "Client", "Agent", "Telemetry", "Optimizer")))


@functools.cache
def metrics() -> frozenset[str]:
    """Every metric that is shown, with the series of histograms. The agent's list is held to its sources by its own tests."""
    shown = set(re.findall(r'"((?:inframind|process)_[a-z_0-9]+)"', source_text(".")))
    shown |= set(re.findall(r"`(inframind_[a-z_0-9]+)`", (ROOT / "docs/reference/agent-metrics.md").read_text()))
    for histogram in re.findall(r'histogram\(\s*"([a-z_]+)"', source_text(".")):
        shown |= {histogram + suffix for suffix in ("_bucket", "_sum", "_count")}
    return frozenset(shown)


def version() -> str:
    return run("inframind-server", "--version").stdout.split()[-1]
