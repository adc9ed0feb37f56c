"""What goes into images and releases: listed, and linted."""

import json
import pathlib
import re
import subprocess
import tempfile
import unittest

import yaml

import programs
from programs import ROOT


class SupplyChain(unittest.TestCase):
    def test_every_package_that_is_asked_for_was_resolved_to_a_version_that_is_asked_for(self):
        pins = {pin["location"].removesuffix(".git"): pin["state"]
                for pin in json.loads((ROOT / "Package.resolved").read_text())["pins"]}
        wanted = re.findall(r'url: "([^"]+)", from: "([\d.]+)"', (ROOT / "Package.swift").read_text())
        self.assertGreater(len(wanted), 5)
        for url, least in wanted:
            with self.subTest(url):
                pinned = pins[url.removesuffix(".git")]
                self.assertRegex(pinned["revision"], r"^[0-9a-f]{40}$")
                have, need = ([int(part) for part in text.split(".")] for text in (pinned["version"], least))
                self.assertEqual(have[0], need[0])
                self.assertGreaterEqual(have, need)

    def test_the_dockerfile_has_no_known_weakness(self):
        for path in (ROOT / "Dockerfile", *sorted((ROOT / "deploy/test/images").glob("*/Dockerfile"))):
            with self.subTest(path.relative_to(ROOT)):
                # Stand-ins are built by a test and thrown away: what Debian has on the day is what they should hold.
                ignored = ["--ignore", "DL3008", "--ignore", "DL3002"] if "test" in path.parts else []
                result = subprocess.run(["hadolint", *ignored, path], capture_output=True, text=True, timeout=60)
                self.assertEqual(result.returncode, 0, result.stdout + result.stderr)

    def test_every_image_has_labels_a_user_a_health_check_and_a_program_that_exists(self):
        stages = re.split(r"(?m)^FROM ", (ROOT / "Dockerfile").read_text())
        images = {stage.split()[2]: stage for stage in stages[1:] if stage.startswith("scratch")}
        self.assertEqual(set(images), {"server", "agent", "cli"})
        for name, stage in images.items():
            with self.subTest(name):
                self.assertIn("USER 65532:65532", stage)
                for label in ("title", "description", "licenses", "source", "version", "revision"):
                    self.assertIn(f"org.opencontainers.image.{label}=", stage)
                self.assertIn(f'ARG VERSION={programs.version()}\n', stage)
                program = json.loads(re.search(r"(?m)^ENTRYPOINT (.*)$", stage).group(1))[0].removeprefix("/usr/bin/")
                check = re.search(r"(?m)^HEALTHCHECK .*?(NONE|CMD (\[.*\]))$", stage)
                if check.group(2):
                    command = json.loads(check.group(2))
                    self.assertEqual(command[0], f"/usr/bin/{program}")
                    if program == "inframind-server":
                        self.assertIn(command[1], programs.server_commands())
                    else:
                        self.assertLessEqual({word for word in command if word.startswith("--")}, programs.flags_of(program))
                for variable in re.findall(r"INFRAMIND_[A-Z_]+(?==)", stage):
                    self.assertIn(variable, programs.server_variables())

    def test_a_bill_of_materials_lists_every_pin_and_every_package(self):
        with tempfile.TemporaryDirectory() as scratch:
            root = pathlib.Path(scratch)
            for place in ("usr/bin", "usr/share/doc/inframind", "var/lib/dpkg/status.d"):
                (root / place).mkdir(parents=True)
            (root / "usr/bin/inframind").write_text("a program")
            resolved = (ROOT / "Package.resolved").read_text()
            (root / "usr/share/doc/inframind/Package.resolved").write_text(resolved)
            (root / "var/lib/dpkg/status.d/libc6").write_text("Package: libc6\nArchitecture: amd64\nVersion: 2.36-9+deb12u14\n")
            made = subprocess.run(
                [ROOT / "deploy/docker/bill-of-materials", root], capture_output=True, text=True, timeout=60)
            self.assertEqual(made.returncode, 0, made.stderr)
            bill = json.loads(made.stdout)
            references = {component["purl"] for component in bill["components"]}
            self.assertEqual(len(bill["components"]), len(references))
            self.assertIn("pkg:deb/debian/libc6@2.36-9%2Bdeb12u14?arch=amd64&distro=debian-12", references)
            for pin in json.loads(resolved)["pins"]:
                name = pin["location"].removeprefix("https://").removesuffix(".git")
                self.assertIn(f"pkg:swift/{name}@{pin['state']['version']}?vcs_revision={pin['state']['revision']}", references)
            self.assertEqual(len(references), 1 + len(json.loads(resolved)["pins"]))

    def test_yaml_has_no_key_twice(self):
        configuration = "{extends: relaxed, rules: {line-length: disable, key-duplicates: enable, truthy: disable}}"
        files = [path for place in ("deploy", ".github") for path in sorted((ROOT / place).rglob("*.y*ml"))]
        files += [ROOT / "compose.yaml", ROOT / "compose.override.yaml"]
        self.assertGreater(len(files), 25)
        result = subprocess.run(
            ["yamllint", "--strict", "--config-data", configuration, *files], capture_output=True, text=True, timeout=60)
        self.assertEqual(result.returncode, 0, result.stdout)
        for path in files:
            list(yaml.safe_load_all(path.read_text()))

    def test_scripts_have_no_known_mistake(self):
        scripts = [ROOT / "scripts" / name for name in (
            "deploy-tools", "test-deploy", "manifests", "seed-demo", "package-deb", "test-packages", "test-images", "push-images",
            "release-files")]
        scripts += [ROOT / "deploy/compose/make-secrets", ROOT / "deploy/debian/server.postrm", ROOT / "Benchmarks/sizing/run"]
        scripts += [path for path in (ROOT / "deploy/docker").iterdir()]
        # What others dislike and we mean: words that are to be split, quotes that are to stay, tests joined by `&&` and `||`.
        result = subprocess.run(
            ["shellcheck", "--exclude=SC2015,SC2016,SC2086", *scripts], capture_output=True, text=True, timeout=120)
        self.assertEqual(result.returncode, 0, result.stdout)


if __name__ == "__main__":
    unittest.main()
