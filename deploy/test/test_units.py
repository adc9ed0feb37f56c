"""systemd units and what Debian installs beside them: names are those of the programs and of each other."""

import os
import pathlib
import re
import tempfile
import unittest

import programs
from programs import ROOT

UNITS = sorted((ROOT / "deploy/systemd").glob("*.service"))


def settings(path: pathlib.Path) -> list[tuple[str, str]]:
    """Keys and values of a unit, in their order; a key may stand there more than once."""
    pairs = []
    for line in path.read_text().splitlines():
        if line and not line.startswith(("#", "[")):
            key, separator, value = line.partition("=")
            assert separator, line
            pairs.append((key, value))
    return pairs


def values(path: pathlib.Path, key: str) -> list[str]:
    return [value for name, value in settings(path) if name == key]


class Units(unittest.TestCase):
    def each(self):
        for path in UNITS:
            with self.subTest(path.name):
                yield path

    def test_commands_and_flags_exist(self):
        self.assertGreaterEqual(len(UNITS), 2)
        for path in self.each():
            for key, line in settings(path):
                if not key.startswith("Exec"):
                    continue
                program, *words = line.lstrip("-+!@").split()
                # Below /usr/local what `make` built; packages put their own path there.
                if not re.match(r"/usr/(local/)?bin/inframind", program):
                    self.assertIn(program, ("/bin/kill",), line)
                    continue
                name = program.rpartition("/")[2]
                if name == "inframind-server":
                    self.assertIn(words[0], programs.server_commands())
                for word in words:
                    if word.startswith("--"):
                        self.assertIn(word.split("=")[0], programs.flags_of(name) | {"--config"})

    def test_variables_exist(self):
        known = programs.server_variables() | programs.other_variables()
        for path in self.each():
            for line in values(path, "Environment"):
                self.assertIn(line.split("=")[0], known)

    def test_credentials_are_loaded_under_the_names_that_are_read(self):
        path = ROOT / "deploy/systemd/inframind-server.service"
        loaded = {line.split(":")[0] for line in values(path, "LoadCredential")}
        read = {line.partition("=")[2].removeprefix("%d/") for line in values(path, "Environment") if "%d/" in line}
        self.assertEqual(loaded, read)
        made = re.search(r"first-token --to (\S+)", (ROOT / "deploy/debian/server.configure").read_text()).group(1)
        self.assertIn(f"tokens:{made}", values(path, "LoadCredential"))

    def test_no_secret_stands_in_a_unit(self):
        for path in self.each():
            for line in values(path, "Environment"):
                name, _, value = line.partition("=")
                if re.search("TOKEN|URL|SECRET|PASSWORD", name) and name != "INFRAMIND_URL":
                    self.assertTrue(value.startswith(("%d/", "/")), line)

    def test_services_end_in_the_time_that_a_server_takes(self):
        limit = values(ROOT / "deploy/systemd/inframind-server.service", "TimeoutStopSec")[0]
        self.assertGreaterEqual(int(limit.removesuffix("s")), 5 + 10 + 10)

    def test_users_of_services_are_made(self):
        made = set(re.findall(r"(?m)^u\s+(\S+)", (ROOT / "deploy/systemd/inframind.sysusers").read_text()))
        for path in self.each():
            if "yes" not in values(path, "DynamicUser"):
                self.assertLessEqual(set(values(path, "User")), made)

    def test_the_server_takes_the_file_that_is_installed(self):
        with tempfile.TemporaryDirectory() as folder:
            tokens = os.path.join(folder, "tokens")
            self.assertEqual(programs.run("inframind-server", "first-token", "--to", tokens).returncode, 0)
            # `healthcheck` reads all of the configuration, and then finds nobody at that port.
            result = programs.run(
                "inframind-server", "healthcheck", "--config", ROOT / "deploy/debian/server.yaml", "--port", "1",
                "--tokens-file", tokens, cwd=folder)
            self.assertEqual(result.returncode, 1, result.stderr)
            known = {name.removeprefix("INFRAMIND_").lower().replace("_", "-") for name in programs.server_variables()}
            keys = re.findall(r"(?m)^#?([a-z-]+):", (ROOT / "deploy/debian/server.yaml").read_text())
            self.assertLessEqual(set(keys), known)

    def test_the_agent_takes_the_file_that_is_installed(self):
        result = programs.run("inframind-agent", "--config", ROOT / "deploy/agent/agent.yaml", "--check")
        self.assertEqual(result.returncode, 0, result.stderr)


if __name__ == "__main__":
    unittest.main()
