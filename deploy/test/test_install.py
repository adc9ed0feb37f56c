"""The overlay for trying out, started as its pod would be: the same arguments, the same variables, the same order."""

import os
import pathlib
import subprocess
import tempfile
import unittest
import urllib.error
import urllib.request

import manifests
import programs
from test_kubernetes import environment


class DevelopmentOverlay(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)
        self.pod = dict(manifests.pods("dev"))["Deployment/inframind-server"]["spec"]

    def variables(self, container):
        """Of the manifest, with the volume in a folder of ours, and a free port on this machine."""
        wanted = environment("dev", container) | {"INFRAMIND_HOST": "127.0.0.1", "INFRAMIND_PORT": "0"}
        return {"PATH": os.environ["PATH"], "HOME": str(self.folder)} | {
            key: self.placed(value) for key, value in wanted.items()}

    def placed(self, text):
        return text.replace("/var/lib/inframind", str(self.folder / "data"))

    def start(self, container):
        process = subprocess.Popen(
            [programs.folder() / "inframind-server", *map(self.placed, container["args"])],
            env=self.variables(container), cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True)
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        return process

    def get(self, path, token=None):
        request = urllib.request.Request(self.url + path, headers={"X-IM-Token": token} if token else {})
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def test_it_starts_is_probed_scraped_and_lets_in_who_has_the_token(self):
        (self.folder / "data").mkdir()
        # The pod starts again and again; the token stays.
        for _ in range(2):
            for container in self.pod["initContainers"]:
                first = self.start(container)
                _, complaint = first.communicate(timeout=30)
                self.assertEqual(first.returncode, 0, complaint)
        container = self.pod["containers"][0]
        server = self.start(container)
        line = server.stdout.readline()
        self.assertIn("listening on http://", line, server.stderr.read() if not line else "")
        self.url = line.split()[-1]
        for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
            status, body = self.get(container[probe]["httpGet"]["path"])
            self.assertEqual(status, 200, body)

        tokens = self.variables(container)["INFRAMIND_TOKENS_FILE"]
        shown = programs.run("inframind-server", "first-token", "--from", tokens)
        self.assertEqual(shown.returncode, 0, shown.stderr)
        self.assertEqual(self.get("/models", shown.stdout.strip())[0], 200)
        self.assertEqual(self.get("/models", "dev-key-change-in-production")[0], 403)

        status, page = self.get("/metrics")
        self.assertEqual(status, 200)
        live = {line.split()[2] for line in page.splitlines() if line.startswith("# HELP ")}
        self.assertGreater(len(live), 15)
        self.assertLessEqual(live, programs.metrics())

        server.terminate()
        server.communicate(timeout=60)
        self.assertEqual(server.returncode, 0)


if __name__ == "__main__":
    unittest.main()
