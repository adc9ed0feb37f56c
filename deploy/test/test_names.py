"""Every name of ours that stands in what installs and watches InfraMind exists in the programs."""

import re
import unittest

import programs
from programs import ROOT

# What is read by people and machines when they install: not the history, and not the programs themselves.
PLACES = ("deploy", "observability", "docs", "compose.yaml", "compose.override.yaml", "Dockerfile", ".env.example", "README.md",
          "SECURITY.md", "Makefile")
READ = {".yaml", ".yml", ".md", ".json", ".service", ".timer", ".sh", ".sql", ""}
# Words that look like a metric and are none: databases, folders, targets of the build.
OTHER_WORDS = {"inframind_data", "inframind_test"}


def texts():
    for place in PLACES:
        path = ROOT / place
        for file in ([path] if path.is_file() else sorted(path.rglob("*"))):
            if file.is_file() and file.suffix in READ and "decisions" not in file.parts:
                yield file, file.read_text(errors="replace")


class Names(unittest.TestCase):
    def test_variables_exist(self):
        known = programs.server_variables() | programs.other_variables() | set(
            re.findall(r"INFRAMIND_[A-Z_]*[A-Z]", "\n".join(
                file.read_text(errors="replace") for file in [*(ROOT / "scripts").iterdir(), *(ROOT / "integrations").rglob("*"), *(ROOT / "Tests").rglob("*.swift")]
                if file.is_file())))
        seen = set()
        for file, text in texts():
            for name in set(re.findall(r"\bINFRAMIND_[A-Z_]*[A-Z]\b", text)):
                with self.subTest(file.relative_to(ROOT), name=name):
                    seen.add(name)
                    self.assertTrue(name in known, f"the programs do not know {name}")
        self.assertGreater(len(seen), 25)

    def test_metrics_exist(self):
        known = programs.metrics()
        seen = set()
        for file, text in texts():
            # Names that rules make, with colons, and names of ours in the rules that make them.
            made = set(re.findall(r"record:\s*(\S+)", text))
            for name in set(re.findall(r"(?<![\w:.-])inframind_[a-z_0-9]+[a-z0-9](?![\w:]|\.[a-z])", text)) - made:
                if name in OTHER_WORDS or name.endswith("_per_second"):
                    continue
                with self.subTest(file.relative_to(ROOT), name=name):
                    seen.add(name)
                    self.assertTrue(name in known, f"the programs do not know {name}")
        self.assertGreater(len(seen), 10)

    def test_flags_of_commands_in_documents_exist(self):
        count = 0
        for file, text in texts():
            for program in ("inframind-server", "inframind-agent"):
                known = programs.flags_of(program)
                # A line, and those it goes on with; up to what ends a command in a shell or in a table.
                for command in re.findall(rf"(?<![\w/.-])(?<!generic )(?:/usr/bin/)?{program} ((?:[^\n|`#;&)]|\\\n)*)", text):
                    for flag in re.findall(r"(?<![\w-])--[a-z][a-z-]*", command):
                        with self.subTest(file.relative_to(ROOT), flag=flag):
                            count += 1
                            self.assertIn(flag, known)
        self.assertGreater(count, 20)

    def test_links_between_documents_lead_somewhere(self):
        for file, text in texts():
            if file.suffix != ".md":
                continue
            for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text):
                if "://" not in target and not target.startswith("mailto:"):
                    with self.subTest(file.relative_to(ROOT), target=target):
                        self.assertTrue((file.parent / target).exists())


if __name__ == "__main__":
    unittest.main()
