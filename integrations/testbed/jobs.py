"""What a CI job is to a script: an environment, a folder, and programs that are there or not."""
import os
import pathlib
import shutil
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
INTEGRATIONS = ROOT / "integrations"
OVERVIEW = ROOT / "docs/integrations.md"
SCRATCH = pathlib.Path(os.environ["SCRATCH"])
BIN = os.environ["INFRAMIND_BIN_DIR"]

# Many times what our limits add up to, and enough for a compiler on a busy machine; a job that takes longer hangs.
LIMIT_SECONDS = 600

HOSTILE = 'a"b\'c$(touch "$PWNED")`touch "$PWNED"`\\${IFS};touch "$PWNED"\n::error::injected\n##[error]injected ü'


class Ended:
    def __init__(self, process):
        self.code = process.returncode
        self.output = process.stdout.decode(errors="replace")
        self.said = process.stderr.decode(errors="replace")

    def __str__(self):
        return f"exit {self.code}\n-- stdout\n{self.output}\n-- stderr\n{self.said}"

    @property
    def settings(self):
        return dict(line.split("=", 1) for line in self.output.splitlines() if "=" in line)


class Job:
    """A fresh folder, and only the variables that are said."""

    def __init__(self, variables, program=True):
        self.folder = pathlib.Path(tempfile.mkdtemp(dir=SCRATCH))
        for name in ("home", "temp", "work"):
            (self.folder / name).mkdir()
        self.work = self.folder / "work"
        self.pwned = self.folder / "pwned"
        path = os.environ["PATH"]
        self.variables = {
            "PATH": (BIN + ":" if program else "") + path, "HOME": str(self.folder / "home"), "TMPDIR": str(self.folder / "temp"),
            # A program that was built to measure coverage writes a file where it runs, unless told otherwise.
            "PWNED": str(self.pwned), "INFRAMIND_KEY": "job", "LLVM_PROFILE_FILE": "/dev/null", **variables,
        }

    def run(self, *command, **more):
        process = subprocess.run(
            command, cwd=self.work, env={**self.variables, **more}, capture_output=True, stdin=subprocess.DEVNULL, timeout=LIMIT_SECONDS)
        ended = Ended(process)
        ended.job = self
        return ended

    def script(self, text, shell=("bash", "-eo", "pipefail"), **more):
        """As CI systems do: the text in a file, run by a shell that stops at the first failure."""
        path = self.folder / "script"
        path.write_text(text)
        return self.run(*shell, str(path), **more)

    def remove(self):
        shutil.rmtree(self.folder, ignore_errors=True)


def examples(page, language):
    """The fenced blocks of a Markdown page, with the heading above each."""
    found, heading, block = [], "", None
    for line in page.read_text().splitlines():
        if block is not None:
            if line.strip() == "```":
                found.append((heading, "\n".join(block) + "\n"))
                block = None
            else:
                block.append(line)
        elif line.startswith("#"):
            heading = line.lstrip("# ")
        elif line.strip() == "```" + language:
            block = []
    return found
