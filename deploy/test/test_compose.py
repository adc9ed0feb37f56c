"""compose.yaml: it is valid, fits the programs, and opens nothing beyond this machine."""

import os
import pathlib
import re
import subprocess
import tempfile
import unittest

import yaml

import manifests
import programs
from programs import ROOT

FILES = ("compose.yaml", "compose.override.yaml")


def read(name: str) -> dict:
    return yaml.safe_load((ROOT / name).read_text())


def seconds(text: str) -> float:
    return sum(float(number) * {"m": 60, "s": 1, "h": 3600}[unit] for number, unit in re.findall(r"(\d+)([hms])", text))


def default(text: str) -> str:
    """A value with its variables at their defaults."""
    return re.sub(r"\$\{[A-Z_]+:-([^}]*)\}", r"\1", str(text))


class Compose(unittest.TestCase):
    def setUp(self):
        self.compose = read("compose.yaml")
        self.services = self.compose["services"]

    def test_the_files_are_valid(self):
        result = subprocess.run(
            ["check-jsonschema", "--builtin-schema", "vendor.compose-spec", *(ROOT / name for name in FILES)],
            capture_output=True, text=True, timeout=60)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)

    def test_every_port_is_published_on_loopback_and_no_variable_can_change_that(self):
        count = 0
        for name in FILES:
            for service, settings in read(name)["services"].items():
                self.assertNotEqual(settings.get("network_mode"), "host")
                for port in settings.get("ports", []):
                    with self.subTest(name, service=service):
                        self.assertRegex(port, r"^127\.0\.0\.1:(\$\{[A-Z_]+:-)?\d+\}?:\d+$")
                        count += 1
        self.assertEqual(count, 5)

    def test_services_wait_for_what_they_need_and_what_is_waited_for_can_be_healthy(self):
        for name, service in self.services.items():
            for other, how in service.get("depends_on", {}).items():
                with self.subTest(name, needs=other):
                    needed = self.services[other]
                    if how["condition"] == "service_healthy":
                        self.assertIn("healthcheck", needed)
                    else:
                        self.assertEqual(how["condition"], "service_completed_successfully")
                        self.assertNotIn("restart", needed)
        self.assertEqual(set(self.services["server"]["depends_on"]), {"postgres", "redis"})

    def test_names_of_networks_volumes_and_files_exist(self):
        networks, volumes, used = set(self.compose["networks"]), set(self.compose["volumes"]), set()
        for name in FILES:
            for service in read(name)["services"].values():
                self.assertLessEqual(set(service.get("networks", [])), networks)
                for volume in service.get("volumes", []):
                    source = volume.split(":")[0]
                    if source.startswith("./observability/") and not (ROOT / "observability").exists() and "CI" not in os.environ:
                        self.skipTest("observability/ is not part of this tree yet")
                    if source.startswith("./"):
                        self.assertTrue((ROOT / source).exists(), source)
                        self.assertTrue(volume.endswith(":ro"), volume)
                    elif not source.startswith("/"):
                        used.add(source)
        self.assertEqual(used, volumes)

    def test_services_are_hardened(self):
        for name, service in self.services.items():
            with self.subTest(name):
                self.assertIs(service["read_only"], True)
                self.assertEqual(service["cap_drop"], ["ALL"])
                self.assertIn("no-new-privileges:true", service["security_opt"])
                self.assertFalse(service.get("privileged"))
        # What nobody has to reach from outside has no way out, either.
        for inner in ("storage", "metrics"):
            self.assertIs(self.compose["networks"][inner]["internal"], True)
        for name in ("postgres", "redis"):
            self.assertEqual(self.services[name]["networks"], ["storage"])

    def test_no_secret_stands_in_the_files(self):
        for name in FILES:
            for service, settings in read(name)["services"].items():
                for key, value in settings.get("environment", {}).items():
                    if re.search(r"PASSWORD|TOKEN|SECRET|SESSION_KEY|DATABASE_URL|REDIS_URL", key):
                        with self.subTest(name, service=service, key=key):
                            self.assertTrue(key.endswith("_FILE") or key.endswith("__FILE"))
                            self.assertTrue(value.startswith("/run/secrets/inframind/"))

    def test_the_programs_know_what_they_are_given(self):
        for service, program, variables in (
            ("server", "inframind-server", programs.server_variables()),
            ("agent", "inframind-agent", programs.other_variables()),
        ):
            settings = self.services[service]
            self.assertIn(f"/{program}:", settings["image"])
            for key in settings.get("environment", {}):
                self.assertIn(key, variables)
            words = settings["command"] + settings["healthcheck"]["test"][1:]
            self.assertEqual(settings["healthcheck"]["test"][:2], ["CMD", program])
            for word in words:
                if word.startswith("--"):
                    self.assertIn(word, programs.flags_of(program))
        for word in (self.services["server"]["command"][0], self.services["server"]["healthcheck"]["test"][2]):
            self.assertIn(word, programs.server_commands())

    def test_the_server_takes_the_values(self):
        # `healthcheck` reads the whole configuration, and then finds nobody at that port.
        given = {key: default(value) for key, value in self.services["server"]["environment"].items()}
        with tempfile.TemporaryDirectory() as folder:
            self.make_secrets(folder)
            given = {key: value.replace("/run/secrets/inframind", folder) for key, value in given.items()}
            given |= {"INFRAMIND_HOST": "127.0.0.1", "INFRAMIND_PORT": "1", "PATH": os.environ["PATH"]}
            result = programs.run("inframind-server", "healthcheck", env=given, cwd=folder)
            self.assertEqual(result.returncode, 1, result.stderr)
            self.assertIn("does not answer", result.stderr)
            broken = programs.run("inframind-server", "healthcheck", env=given | {"INFRAMIND_OOM_RISK": "7"}, cwd=folder)
            self.assertEqual(broken.returncode, 2, "or this test could not fail")

    def test_the_server_is_asked_to_stop_and_has_the_time_to(self):
        self.assertGreaterEqual(seconds(self.services["server"]["stop_grace_period"]), 5 + 10 + 10)

    def test_prometheus_looks_where_the_programs_are(self):
        for path in sorted((ROOT / "deploy/compose/targets").glob("*.yml")):
            for group in yaml.safe_load(path.read_text()):
                for target in group["targets"]:
                    service, port = target.split(":")
                    settings = self.services[service]
                    told = settings.get("environment", {}).get("INFRAMIND_PORT") or settings["command"][1].lstrip(":")
                    self.assertEqual(port, told)
                    self.assertTrue(set(settings["networks"]) & set(self.services["prometheus"]["networks"]))

    def test_images_have_the_versions_that_the_manifests_have(self):
        elsewhere = {container["image"] for _, pod in manifests.pods(manifests.ALL) for container in manifests.containers(pod)}
        for name, service in self.services.items():
            image = default(service["image"])
            self.assertNotIn(image.rpartition(":")[2], ("", "latest"))
            if name in ("postgres", "redis", "secrets", "server"):
                self.assertIn(image, elsewhere)

    def test_the_example_of_an_environment_explains_every_variable(self):
        used = {variable for name in FILES for variable in re.findall(r"\$\{([A-Z_]+)", (ROOT / name).read_text())}
        example = (ROOT / ".env.example").read_text()
        for variable in used:
            with self.subTest(variable):
                self.assertRegex(example, rf"(?m)^#?{variable}=")
        ours = set(re.findall(r"(?m)^#?([A-Z_]+)=", example.split("`docker compose`")[1]))
        self.assertLessEqual(ours, used, "explained, but not used")
        # A value that is set in the file must not differ from the default that stands in compose.yaml.
        for variable, value in re.findall(r"\$\{([A-Z_]+):-([^}]*)\}", (ROOT / "compose.yaml").read_text()):
            if (shown := re.search(rf"(?m)^#?{variable}=(.*)$", example)) and variable != "INFRAMIND_LOG_FORMAT":
                self.assertEqual(shown.group(1), value, variable)

    def make_secrets(self, folder: str) -> dict[str, str]:
        """Runs what the service `secrets` runs; returns the files."""
        environment = dict(os.environ)
        if os.geteuid() != 0:
            # Giving files away is for root alone.
            tools = pathlib.Path(folder, "tools")
            tools.mkdir(exist_ok=True)
            (tools / "chown").write_text("#!/bin/sh\n")
            (tools / "chown").chmod(0o755)
            environment["PATH"] = f"{tools}:{environment['PATH']}"
        result = subprocess.run(
            ["sh", ROOT / "deploy/compose/make-secrets", folder], capture_output=True, text=True, env=environment,
            timeout=30)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.said = result.stdout
        return {path.name: path.read_text() for path in pathlib.Path(folder).iterdir() if path.is_file()}

    def test_secrets_are_random_made_once_and_fit_each_other(self):
        with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
            first = self.make_secrets(one)
            for text in first.values():
                self.assertNotIn(text.strip(), self.said)
            self.assertEqual(self.make_secrets(one), first)
            second = self.make_secrets(other)
            for name, text in first.items():
                self.assertNotEqual(text, second[name], name)
                self.assertEqual(pathlib.Path(one, name).stat().st_mode & 0o777, 0o400)
            self.assertIn(first["postgres-password"].strip(), first["database-url"])
            self.assertIn(first["redis-url"].split(":")[2].split("@")[0], first["users.acl"])
            mounted = {value.rpartition("/")[2] for service in self.services.values()
                       for value in service.get("environment", {}).values() if str(value).startswith("/run/secrets")}
            mounted |= {word.rpartition("/")[2] for service in self.services.values()
                        for word in service.get("command", []) if word.startswith("/run/secrets")}
            self.assertEqual(mounted, set(first))


if __name__ == "__main__":
    unittest.main()
