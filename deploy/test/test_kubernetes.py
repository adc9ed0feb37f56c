"""Kubernetes: what kustomize makes is valid, and its parts fit each other."""

import re
import subprocess
import tempfile
import unittest

import yaml

import manifests
import programs
from manifests import ALL, OVERLAYS, containers, matches, objects, of_kind, pods, title

SETS = [*OVERLAYS, ALL]
# Kinds of operators, whose schemas are not part of Kubernetes, with the fields without which they do nothing.
FOREIGN = {
    "Certificate": ("secretName", "issuerRef"), "Issuer": (), "ServiceMonitor": ("selector", "endpoints"),
    "PodMonitor": ("selector", "podMetricsEndpoints"), "ExternalSecret": ("secretStoreRef", "target", "data"),
}
# What an agent needs to see its node is what `restricted` forbids; its component says so, and has its own checks.
AGENT = "agent"


def component_of(thing: dict) -> str | None:
    return thing["metadata"].get("labels", {}).get("app.kubernetes.io/component")


def environment(name: str, container: dict) -> dict[str, str | None]:
    """Variables of a container, those of its ConfigMaps included; None for what is known in the cluster only."""
    found = {}
    for source in container.get("envFrom", []):
        wanted = source["configMapRef"]["name"]
        maps = [thing for thing in of_kind(name, "ConfigMap") if thing["metadata"]["name"] == wanted]
        assert maps, f"there is no ConfigMap {wanted}"
        found |= maps[0]["data"]
    return found | {entry["name"]: entry.get("value") for entry in container.get("env", [])}


class Validity(unittest.TestCase):
    def test_every_object_is_one_that_kubernetes_takes(self):
        for name in SETS:
            with self.subTest(name), tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
                native = [thing for thing in objects(name) if thing["kind"] not in FOREIGN]
                yaml.safe_dump_all(native, file)
                file.flush()
                result = subprocess.run(
                    ["kubernetes-validate", "--strict", "-k", "1.37", file.name], capture_output=True, text=True,
                    timeout=120)
                said = result.stdout + result.stderr
                self.assertEqual(result.returncode, 0, said)
                self.assertEqual(said.count("passed for resource"), len(native), said)

    def test_objects_of_operators_say_what_they_must(self):
        for name in SETS:
            for thing in of_kind(name, *FOREIGN):
                with self.subTest(name, object=title(thing)):
                    for field in FOREIGN[thing["kind"]]:
                        self.assertIn(field, thing["spec"])

    def test_the_one_file_is_what_the_overlay_makes(self):
        written = (manifests.K8S / "inframind.yaml").read_text()
        body = "".join(line for line in written.splitlines(keepends=True) if not line.startswith("#"))
        self.assertEqual(body, manifests.text("dev"), "run: make manifests")

    def test_there_is_no_secret_in_the_tree(self):
        for name in SETS:
            self.assertEqual(of_kind(name, "Secret"), [])

    def test_objects_of_one_kind_have_names_of_their_own(self):
        for name in SETS:
            titles = [title(thing) for thing in objects(name)]
            self.assertEqual(len(titles), len(set(titles)))

    def test_every_object_is_in_the_namespace_of_its_overlay(self):
        for name in SETS:
            spaces = {thing["metadata"].get("namespace") for thing in objects(name)
                      if thing["kind"] not in ("Namespace", "ClusterRole", "ClusterRoleBinding")}
            self.assertEqual(len(spaces - {None}), 1, spaces)
            self.assertNotIn(None, spaces)


class Fit(unittest.TestCase):
    def each_pod(self):
        for name in SETS:
            for owner, pod in pods(name):
                with self.subTest(name, pod=owner):
                    yield name, owner, pod

    def test_selectors_find_pods(self):
        for name in SETS:
            labels = [pod["metadata"]["labels"] for _, pod in pods(name)]
            for thing in of_kind(name, "Service", "PodDisruptionBudget", "NetworkPolicy"):
                with self.subTest(name, object=title(thing)):
                    spec = thing["spec"]
                    selector = spec.get("podSelector", spec.get("selector"))
                    if thing["kind"] == "Service":
                        selector = {"matchLabels": selector}
                    # A policy for a part that an overlay leaves out does no harm; here all parts are there.
                    if name == ALL or thing["kind"] != "NetworkPolicy":
                        self.assertTrue(any(matches(selector, one) for one in labels), selector)

    def test_workloads_select_their_own_pods_and_spread_them(self):
        for name in SETS:
            for thing in of_kind(name, "Deployment", "StatefulSet", "DaemonSet"):
                with self.subTest(name, object=title(thing)):
                    template = thing["spec"]["template"]
                    own = template["metadata"]["labels"]
                    self.assertTrue(matches(thing["spec"]["selector"], own))
                    for spread in template["spec"].get("topologySpreadConstraints", []):
                        self.assertTrue(matches(spread["labelSelector"], own))
                    others = [pod["metadata"]["labels"] for owner, pod in pods(name) if owner != title(thing)]
                    self.assertFalse(any(matches(thing["spec"]["selector"], one) for one in others))

    def test_policies_name_pods_that_exist_and_ports_that_they_have(self):
        everything = [pod for _, pod in pods(ALL)]

        def selected(selector):
            return [pod for pod in everything if matches(selector, pod["metadata"]["labels"])]

        def check(ports, targets, thing):
            known = {value for pod in targets for one in containers(pod) for port in one.get("ports", [])
                     for value in (port["containerPort"], port.get("name"))}
            for port in ports:
                self.assertIn(port["port"], known, title(thing))

        for thing in of_kind(ALL, "NetworkPolicy"):
            with self.subTest(object=title(thing)):
                for rule in thing["spec"].get("ingress", []):
                    check(rule.get("ports", []), selected(thing["spec"]["podSelector"]), thing)
                for direction, peers in (("ingress", "from"), ("egress", "to")):
                    for rule in thing["spec"].get(direction, []):
                        for peer in rule.get(peers, []):
                            if "podSelector" not in peer or "namespaceSelector" in peer:
                                continue
                            found = selected(peer["podSelector"])
                            if peer["podSelector"]["matchLabels"].get("app.kubernetes.io/component") != AGENT:
                                self.assertTrue(found, peer)
                            if direction == "egress":
                                check(rule.get("ports", []), found, thing)

    def test_all_traffic_that_is_not_listed_is_denied(self):
        for name in SETS:
            policies = {thing["metadata"]["name"]: thing["spec"] for thing in of_kind(name, "NetworkPolicy")}
            self.assertEqual(
                policies["inframind-default-deny"], {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]})

    def test_services_monitors_and_probes_name_ports_that_are_there(self):
        for name in SETS:
            for service in of_kind(name, "Service"):
                with self.subTest(name, object=title(service)):
                    target = [pod for _, pod in pods(name)
                              if matches({"matchLabels": service["spec"]["selector"]}, pod["metadata"]["labels"])]
                    names = {port.get("name") for one in containers(target[0]) for port in one.get("ports", [])}
                    for port in service["spec"]["ports"]:
                        self.assertIn(port["targetPort"], names)
            for monitor in of_kind(name, "ServiceMonitor"):
                services = [one for one in of_kind(name, "Service")
                            if matches(monitor["spec"]["selector"], one["metadata"]["labels"])]
                self.assertTrue(services, title(monitor))
                for endpoint in monitor["spec"]["endpoints"]:
                    self.assertIn(endpoint["port"], {port["name"] for port in services[0]["spec"]["ports"]})
        for name, owner, pod in self.each_pod():
            for container in containers(pod):
                names = {port.get("name") for port in container.get("ports", [])}
                for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
                    for kind in ("httpGet", "tcpSocket"):
                        if kind in container.get(probe, {}):
                            self.assertIn(container[probe][kind]["port"], names)

    def test_volumes_are_mounted_and_mounts_have_volumes(self):
        for name, owner, pod in self.each_pod():
            volumes = {volume["name"] for volume in pod["spec"].get("volumes", [])}
            for thing in of_kind(name, "StatefulSet"):
                if title(thing) == owner:
                    volumes |= {claim["metadata"]["name"] for claim in thing["spec"]["volumeClaimTemplates"]}
            mounted = {mount["name"] for one in containers(pod) for mount in one.get("volumeMounts", [])}
            self.assertEqual(volumes, mounted)
            claims = {thing["metadata"]["name"] for thing in of_kind(name, "PersistentVolumeClaim")}
            for volume in pod["spec"].get("volumes", []):
                if claim := volume.get("persistentVolumeClaim"):
                    self.assertIn(claim["claimName"], claims)

    def test_files_that_variables_name_are_keys_of_secrets_that_somebody_makes(self):
        made = {}
        for thing in of_kind(ALL, "ExternalSecret"):
            target = thing["spec"]["target"]
            keys = set(target.get("template", {}).get("data", {})) or {one["secretKey"] for one in thing["spec"]["data"]}
            made[target["name"]] = keys
        for thing in of_kind(ALL, "Certificate"):
            made[thing["spec"]["secretName"]] = {"tls.crt", "tls.key", "ca.crt"}
        prod = (manifests.K8S / "overlays/prod/kustomization.yaml").read_text()
        for name, owner, pod in self.each_pod():
            secrets = {volume["name"]: volume["secret"] for volume in pod["spec"].get("volumes", []) if "secret" in volume}
            for secret in secrets.values():
                self.assertIn(secret["secretName"], made)
                self.assertEqual(secret.get("defaultMode"), 0o440, "readable by the group of the pod alone")
                if not secret["secretName"].endswith("-tls"):
                    self.assertIn(secret["secretName"], prod, "overlays/prod lists its Secrets")
            for container in containers(pod):
                if component_of(pod) == AGENT:
                    continue
                mounts = {mount["mountPath"]: mount["name"] for mount in container.get("volumeMounts", [])}
                values = [value for value in environment(name, container).values() if value]
                values += [word for word in container.get("args", []) if word.startswith("/")]
                values += [word.split("=", 1)[1] for word in container.get("args", []) if re.match(r"--[a-z-]+=/", word)]
                for value in values:
                    if not value.startswith("/") or value.startswith("/var/lib/postgresql"):
                        continue
                    place = [path for path in mounts if value == path or value.startswith(path + "/")]
                    self.assertTrue(place, f"{value} lies in no volume")
                    if secret := secrets.get(mounts[place[0]]):
                        self.assertIn(value.removeprefix(place[0] + "/"), made[secret["secretName"]])
            for monitor in of_kind(name, "ServiceMonitor"):
                for endpoint in monitor["spec"]["endpoints"]:
                    reference = endpoint["authorization"]["credentials"]
                    self.assertIn(reference["key"], made[reference["name"]])

    def test_scaling_is_of_a_workload_that_leaves_it_its_number(self):
        rule = yaml.safe_load((manifests.K8S / "components/hpa/prometheus-adapter-rule.yaml").read_text())["rules"]["custom"][0]
        series = rule["seriesQuery"].split("{")[0]
        self.assertIn(series, programs.metrics())
        derived = re.sub(rule["name"]["matches"], rule["name"]["as"].replace("${1}", r"\1"), series)
        for name in SETS:
            for scaler in of_kind(name, "HorizontalPodAutoscaler"):
                target = scaler["spec"]["scaleTargetRef"]
                scaled = [one for one in of_kind(name, target["kind"]) if one["metadata"]["name"] == target["name"]]
                self.assertEqual(len(scaled), 1)
                self.assertNotIn("replicas", scaled[0]["spec"])
                asked = {one["pods"]["metric"]["name"] for one in scaler["spec"]["metrics"] if one["type"] == "Pods"}
                self.assertEqual(asked, {derived})

    def test_the_workers_of_a_training_agree_on_how_many_they_are(self):
        for job in of_kind(ALL, "Job"):
            spec = job["spec"]
            arguments = spec["template"]["spec"]["containers"][0]["args"]
            machines = [word for word in arguments if word.startswith("--machines=")][0].split("=")[1].split(",")
            self.assertEqual(spec["completions"], spec["parallelism"])
            self.assertEqual(spec["completions"], len(machines))
            service = f"{spec['template']['spec']['subdomain']}"
            self.assertIn(service, {one["metadata"]["name"] for one in of_kind(ALL, "Service")})
            for rank, machine in enumerate(machines):
                self.assertEqual(machine, f"{job['metadata']['name']}-{rank}.{service}:7600")


class Safety(unittest.TestCase):
    def restricted(self):
        for name in SETS:
            for owner, pod in pods(name):
                if pod["metadata"]["labels"].get("app.kubernetes.io/component") != AGENT:
                    with self.subTest(name, pod=owner):
                        yield pod

    def test_pods_keep_to_the_restricted_standard_and_more(self):
        for pod in self.restricted():
            spec = pod["spec"]
            context = spec["securityContext"]
            self.assertIs(context["runAsNonRoot"], True)
            self.assertGreater(context["runAsUser"], 0)
            self.assertEqual(context["seccompProfile"]["type"], "RuntimeDefault")
            self.assertIs(spec["automountServiceAccountToken"], False)
            for key in ("hostNetwork", "hostPID", "hostIPC"):
                self.assertFalse(spec.get(key))
            for volume in spec.get("volumes", []):
                self.assertTrue(
                    {"secret", "emptyDir", "persistentVolumeClaim", "configMap"} & set(volume), volume)
                if "emptyDir" in volume:
                    self.assertIn("sizeLimit", volume["emptyDir"])
            for container in containers(pod):
                own = container["securityContext"]
                self.assertEqual(own["capabilities"], {"drop": ["ALL"]})
                self.assertIs(own["allowPrivilegeEscalation"], False)
                self.assertIs(own["readOnlyRootFilesystem"], True)
                self.assertFalse(own.get("privileged"))

    def test_namespaces_enforce_it(self):
        for name in SETS:
            for space in of_kind(name, "Namespace"):
                self.assertEqual(space["metadata"]["labels"]["pod-security.kubernetes.io/enforce"], "restricted")

    def test_nothing_may_ask_the_api_of_kubernetes_but_the_agent(self):
        for name in SETS:
            for thing in of_kind(name, "Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding"):
                self.assertEqual(component_of(thing), AGENT, title(thing))

    def test_resources_are_asked_for_and_memory_is_bounded(self):
        for pod in self.restricted():
            for container in containers(pod):
                self.assertEqual(set(container["resources"]["requests"]), {"cpu", "memory"})
                self.assertIn("memory", container["resources"]["limits"])

    def test_images_have_a_version_and_ours_that_of_the_programs(self):
        for name in SETS:
            for owner, pod in pods(name):
                for container in containers(pod):
                    image, _, tag = container["image"].rpartition(":")
                    self.assertTrue(image and tag != "latest", container["image"])
                    if "inframind" in image:
                        self.assertEqual(tag, programs.version(), owner)


class Programs(unittest.TestCase):
    """Names in manifests are names in the programs."""

    def ours(self):
        for name in SETS:
            for owner, pod in pods(name):
                for container in containers(pod):
                    program = container["image"].split("/")[-1].split(":")[0]
                    if program.startswith("inframind-"):
                        with self.subTest(name, pod=owner, container=container["name"]):
                            yield name, pod, container, program

    def test_commands_and_flags_exist(self):
        seen = 0
        for _, _, container, program in self.ours():
            words = container.get("command", []) + container.get("args", [])
            if program == "inframind-server":
                words = words[1:] if words[0] == program else words
                self.assertIn(words[0], programs.server_commands())
            for word in words:
                if word.startswith("--"):
                    self.assertIn(word.split("=")[0], programs.flags_of(program))
                    seen += 1
        self.assertGreater(seen, 5)

    def test_probes_that_run_the_program_run_a_command_of_it(self):
        for _, _, container, program in self.ours():
            for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
                if command := container.get(probe, {}).get("exec", {}).get("command"):
                    self.assertEqual(command[0], program)
                    known = programs.server_commands() if program == "inframind-server" else programs.flags_of(program)
                    self.assertIn(command[1], known)

    def test_variables_exist(self):
        for name, _, container, program in self.ours():
            known = programs.server_variables() if program == "inframind-server" else programs.other_variables()
            for variable in environment(name, container):
                if variable.startswith("INFRAMIND_"):
                    self.assertIn(variable, known)

    def test_servers_that_stand_beside_others_share_what_seals_sessions(self):
        seen = set()
        for name in SETS:
            for thing in of_kind(name, "Deployment"):
                container = thing["spec"]["template"]["spec"]["containers"][0]
                if container["image"].split("/")[-1].startswith("inframind-server:"):
                    with self.subTest(name):
                        # Without a number of its own, the autoscaler says how many.
                        alone = thing["spec"].get("replicas") == 1
                        seen.add(alone)
                        place = environment(name, container).get("INFRAMIND_SESSION_KEY_FILE")
                        self.assertEqual(place, None if alone else "/run/secrets/inframind/session-key")
        self.assertEqual(seen, {True, False})

    def test_the_port_is_the_one_that_is_listened_on(self):
        for name, _, container, program in self.ours():
            if port := environment(name, container).get("INFRAMIND_PORT"):
                self.assertEqual(int(port), container["ports"][0]["containerPort"])

    def test_pods_have_the_time_they_need_to_end(self):
        for name, pod, container, program in self.ours():
            variables = environment(name, container)
            if drain := variables.get("INFRAMIND_DRAIN_SECONDS"):
                needed = float(drain) + float(variables["INFRAMIND_REQUEST_TIMEOUT"])
                self.assertGreaterEqual(pod["spec"]["terminationGracePeriodSeconds"], needed + 10)


if __name__ == "__main__":
    unittest.main()
