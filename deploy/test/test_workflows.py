"""GitHub Actions: valid, pinned, with no more rights than they need, and nothing but what a laptop has, too."""

import os
import re
import subprocess
import tempfile
import unittest

import yaml

from programs import ROOT

FILES = sorted((ROOT / ".github/workflows").glob("*.yml"))
PINNED = re.compile(r"^\s*(?:- )?uses: [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$")


class Workflows(unittest.TestCase):
    def jobs(self):
        for path in FILES:
            for name, job in yaml.safe_load(path.read_text())["jobs"].items():
                with self.subTest(path.name, job=name):
                    yield path, job

    def run_tool(self, *command):
        # What a person has configured must not decide.
        with tempfile.TemporaryDirectory() as home:
            environment = {"PATH": os.environ["PATH"], "HOME": home, "XDG_CACHE_HOME": home}
            result = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)

    def test_there_are_two(self):
        self.assertEqual([path.name for path in FILES], ["ci.yml", "release.yml"])

    def test_they_follow_the_schema(self):
        self.run_tool("check-jsonschema", "--builtin-schema", "vendor.github-workflows", *map(str, FILES))

    def test_they_can_be_read_by_a_runner(self):
        for path in FILES:
            self.run_tool("act", "--validate", "--strict", "--workflows", str(path))

    def test_they_have_no_known_weakness(self):
        self.run_tool("zizmor", "--offline", "--no-progress", *map(str, FILES))

    def test_actions_are_pinned_to_a_commit_with_their_version_beside(self):
        for path in FILES:
            lines = [line for line in path.read_text().splitlines() if "uses:" in line]
            self.assertTrue(lines)
            for line in lines:
                self.assertRegex(line, PINNED)

    def test_rights_are_those_of_a_reader_unless_a_job_says_why(self):
        for path in FILES:
            self.assertEqual(yaml.safe_load(path.read_text())["permissions"], {"contents": "read"})
            for line in path.read_text().splitlines():
                if re.search(r": write\b", line):
                    self.assertRegex(line, r": write # \w")

    def test_jobs_end_and_do_not_keep_the_token(self):
        for path, job in self.jobs():
            self.assertIn("timeout-minutes", job)
            for step in job["steps"]:
                if step.get("uses", "").startswith("actions/checkout@"):
                    self.assertIs(step["with"]["persist-credentials"], False)

    def test_targets_and_scripts_exist(self):
        targets = set(re.findall(r"(?m)^([a-z-]+):", (ROOT / "Makefile").read_text()))
        asked = set()
        for path, job in self.jobs():
            for step in job["steps"]:
                asked |= set(re.findall(r"make ([a-z-]+)", re.sub(r"apt-get install[^\n&]*", "", step.get("run", ""))))
                for script in re.findall(r"(?:^|\s)(scripts/[a-z-]+)", step.get("run", "")):
                    self.assertTrue(os.access(ROOT / script, os.X_OK), script)
        self.assertGreater(len(asked), 5)
        self.assertLessEqual(asked, targets)

    def test_the_build_server_of_the_project_runs_the_same_target(self):
        self.assertIn("make test", (ROOT / ".ci/run").read_text())


if __name__ == "__main__":
    unittest.main()
