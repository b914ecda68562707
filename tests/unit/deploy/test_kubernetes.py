"""deploy/kubernetes, as far as it can be checked without a cluster."""

import re
import tomllib
from pathlib import Path

import kubernetes_validate  # type: ignore[import-untyped]
import pytest
import yaml

from launcher.jobs import PARTS, variables_of
from launcher.paths import ROOT
from tests.unit.deploy import images
from tests.unit.deploy.manifests import (
    FILES,
    FOLDER,
    KUSTOMIZATIONS,
    Json,
    container,
    documents,
    environment,
    named,
    objects,
    pod,
    settings,
    template,
)

# The oldest release that is still looked after by those who run clusters for others.
KUBERNETES = "1.31"
SERVICES = tuple(images.SETTINGS)
DEPLOYMENTS = (*SERVICES, "gateway")
WORKLOADS = [*objects("Deployment"), *objects("Job"), *objects("CronJob")]


def name_of(found: Json) -> str:
    return f"{found['kind']} {found['metadata']['name']}"


@pytest.mark.parametrize("found", list(objects()), ids=name_of)
def test_an_object_is_what_kubernetes_asks_for(found: Json) -> None:
    kubernetes_validate.validate(found, KUBERNETES, strict=True)


def test_a_mistake_in_an_object_is_noticed() -> None:
    wrong = {**named("Service", "chat"), "spec": {"prots": []}}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(wrong, KUBERNETES, strict=True)


@pytest.mark.parametrize("path", KUSTOMIZATIONS, ids=lambda path: path.parent.name)
def test_a_kustomization_names_what_is_there_and_leaves_nothing_out(path: Path) -> None:
    [said] = documents(path)
    assert (said["apiVersion"], said["kind"]) == (
        "kustomize.config.k8s.io/v1beta1",
        "Kustomization",
    )
    fields = {"apiVersion", "kind", "namespace", "resources"}
    assert set(said) <= fields | {"configMapGenerator", "images", "patches"}
    named_here = {(path.parent / each).resolve() for each in said["resources"]}
    assert all(each.exists() for each in named_here)
    assert {each for each in FILES if each.parent == path.parent} <= named_here


def test_nothing_is_named_twice() -> None:
    names = [name_of(found) for found in objects()]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("workload", WORKLOADS, ids=name_of)
def test_a_pod_can_do_nothing_but_its_work(workload: Json) -> None:
    spec, own = pod(workload), container(workload)
    assert spec["automountServiceAccountToken"] is False
    # A Service named `chat` would set CHAT_PORT, CHAT_SERVICE_HOST and more in every pod.
    assert spec["enableServiceLinks"] is False
    said = spec["securityContext"]
    assert said["runAsNonRoot"] is True
    assert said["runAsUser"] == said["runAsGroup"] == images.USER
    assert said["seccompProfile"] == {"type": "RuntimeDefault"}
    assert own["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert own["resources"]["limits"]["memory"]
    assert set(own["resources"]["requests"]) == {"cpu", "memory"}
    assert not {"hostNetwork", "hostPID", "hostIPC"} & set(spec)
    assert all("emptyDir" in volume for volume in spec["volumes"])


def test_the_namespace_lets_no_other_pod_in() -> None:
    labels = named("Namespace", "circles")["metadata"]["labels"]
    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_is_told_what_it_needs_and_nothing_that_it_does_not_know(name: str) -> None:
    deployment = named("Deployment", name)
    told = environment(deployment)
    # All services have the one map, and each looks at its own part.
    others = set(settings()) - images.known(name)
    assert not images.wrong_settings(name, {key: told[key] for key in set(told) - others})
    assert set(settings()) <= set(told)


def test_the_map_of_settings_holds_what_somebody_looks_at() -> None:
    assert set(settings()) <= set().union(*map(images.known, SERVICES))


# A development's, and what the README says is the Ingress' or the autoscalers'.
NOT_ON_KUBERNETES = {"CIRCLES_PORT", "CIRCLES_BIND", "CIRCLES_STATE", "LOCAL_SIGN_IN"} | {
    *("REPLICAS", "CHAT_REPLICAS", "GROUPS_REPLICAS")
}


def test_every_setting_of_the_readme_has_its_place() -> None:
    told = {variable for name in DEPLOYMENTS for variable in environment(named("Deployment", name))}
    assert images.settings_of_the_readme() - told == NOT_ON_KUBERNETES


def test_the_map_says_the_defaults_but_for_a_longer_drain() -> None:
    defaults = {key: value for name in SERVICES for key, value in images.defaults(name).items()}
    said = {key: value for key, value in settings().items() if key in defaults}
    others = {key: value for key, value in said.items() if value != defaults[key]}
    assert others == {"DRAIN_SECONDS": "15"}


@pytest.mark.parametrize("part", PARTS)
def test_a_job_is_told_everything_that_it_asks_for_and_no_more(part: str) -> None:
    job = named("Job", part)
    assert set(environment(job)) == set(variables_of(part))
    assert container(job)["args"] == ["python", "-m", "launcher", "jobs", part]


def test_the_check_of_the_broker_comes_again_and_tells_of_each_failure() -> None:
    check = named("CronJob", "broker-check")
    assert container(check)["args"] == ["python", "-m", "launcher", "topology", "--check"]
    assert set(environment(check)) == {"MANAGEMENT_URL", "ADMIN_AMQP_URL"}
    assert check["spec"]["concurrencyPolicy"] == "Forbid"
    assert check["spec"]["jobTemplate"]["spec"]["backoffLimit"] == 0
    assert pod(check)["restartPolicy"] == "Never"
    assert "broker-check" in (ROOT / "docs/runbook.md").read_text()


def test_no_secret_stands_in_a_file() -> None:
    assert not list(objects("Secret"))
    for workload in WORKLOADS:
        for variable, value in environment(workload).items():
            is_secret = re.search(r"SECRET|PASSWORD|(DATABASE|AMQP|OWNER|MANAGEMENT)_URL", variable)
            assert not is_secret or "secretKeyRef" in value, variable


@pytest.mark.parametrize("name", SERVICES)
def test_spans_can_be_collected(name: str) -> None:
    assert set(environment(named("Deployment", name))) >= images.TELEMETRY
    reached = named("NetworkPolicy", "services")["spec"]["egress"]
    assert 4318 in [port["port"] for rule in reached for port in rule["ports"]]


@pytest.mark.parametrize("name", DEPLOYMENTS)
def test_ports_are_those_of_the_images(name: str) -> None:
    own, service = container(named("Deployment", name)), named("Service", name)
    [port] = own["ports"]
    assert port["containerPort"] == images.port(name)
    [served] = service["spec"]["ports"]
    assert served["targetPort"] == port["name"]
    upstreams = environment(named("Deployment", "gateway"))
    for other in SERVICES:
        assert upstreams[f"{other.upper()}_UPSTREAMS"] == f"{other}:{images.port(other)}"
    selector = named("Deployment", name)["spec"]["selector"]["matchLabels"]
    labels = named("Deployment", name)["spec"]["template"]["metadata"]["labels"]
    assert selector == service["spec"]["selector"]
    assert selector.items() <= labels.items()


def test_services_are_called_by_the_names_that_they_have() -> None:
    for name, variable, other in (
        ("chat", "GROUPS_URL", "groups"),
        ("chat", "NOTIFIER_URL", "notifier"),
        ("groups", "CHAT_URL", "chat"),
    ):
        [port] = named("Service", other)["spec"]["ports"]
        told = environment(named("Deployment", name))
        assert told[variable] == f"http://{other}:{port['port']}"


@pytest.mark.parametrize("path", KUSTOMIZATIONS, ids=lambda path: path.parent.name)
def test_images_are_those_that_are_built_in_this_version(path: Path) -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    used = {container(workload)["image"] for workload in WORKLOADS}
    assert used == {f"circles/{image}" for image in images.DOCKERFILES}
    for image in documents(path)[0].get("images", []):
        assert image["name"] in used
        assert image["newTag"] == version
    of_folder = {
        container(found)["image"]
        for found in WORKLOADS
        if any(found in documents(each) for each in path.parent.glob("*.yaml"))
    }
    assert of_folder <= {image["name"] for image in documents(path)[0].get("images", [])}


@pytest.mark.parametrize("name", SERVICES)
def test_a_pod_is_ready_when_all_is_there_and_stays_in_while_the_broker_is_away(name: str) -> None:
    own = container(named("Deployment", name))
    assert own["startupProbe"]["httpGet"]["path"] == "/readyz"
    for probe in ("readinessProbe", "livenessProbe"):
        assert own[probe]["httpGet"]["path"] == "/healthz"
    patience = own["livenessProbe"]["periodSeconds"] * own["livenessProbe"]["failureThreshold"]
    assert patience >= 60


@pytest.mark.parametrize("name", SERVICES)
def test_a_stop_leaves_time_to_drain(name: str) -> None:
    deployment = named("Deployment", name)
    _, seconds = container(deployment)["lifecycle"]["preStop"]["exec"]["command"]
    drain = float(settings()["DRAIN_SECONDS"])
    needed = float(seconds) + drain + images.LEAVING_TO_SETTLED
    assert pod(deployment)["terminationGracePeriodSeconds"] >= needed + 5


@pytest.mark.parametrize("name", DEPLOYMENTS)
def test_there_are_two_of_each_and_one_at_a_time_goes(name: str) -> None:
    deployment, scaler = named("Deployment", name), named("HorizontalPodAutoscaler", name)
    # A number here would undo the autoscaler's at each deploy.
    assert "replicas" not in deployment["spec"]
    assert scaler["spec"]["scaleTargetRef"]["name"] == name
    assert 2 <= scaler["spec"]["minReplicas"] <= scaler["spec"]["maxReplicas"]
    budget = named("PodDisruptionBudget", name)["spec"]
    assert budget["maxUnavailable"] == 1
    assert budget["selector"] == deployment["spec"]["selector"]
    assert deployment["spec"]["strategy"]["rollingUpdate"]["maxUnavailable"] == 0


def test_the_notifier_scales_by_a_metric_that_it_has() -> None:
    metrics = named("HorizontalPodAutoscaler", "notifier")["spec"]["metrics"]
    [name] = [each["pods"]["metric"]["name"] for each in metrics if each["type"] == "Pods"]
    assert f'Gauge("{name}"' in (ROOT / "services/notifier/metrics.py").read_text()
    assert name in (ROOT / "docs/runbook.md").read_text()
    assert named("HorizontalPodAutoscaler", "notifier")["spec"]["behavior"]["scaleDown"]


def test_what_is_not_allowed_by_name_is_refused() -> None:
    policies = {each["metadata"]["name"]: each["spec"] for each in objects("NetworkPolicy")}
    assert policies["nothing-by-default"] == {
        "podSelector": {},
        "policyTypes": ["Ingress", "Egress"],
    }
    # Only the gateway hears just anybody.
    open_to_all = [
        name
        for name, spec in policies.items()
        for rule in spec.get("ingress", [])
        if "from" not in rule
    ]
    assert open_to_all == ["gateway"]
    # Every pod is meant by one of them, and each of those by a pod.
    chosen = [
        spec["podSelector"]["matchLabels"] for spec in policies.values() if spec["podSelector"]
    ]
    labels = [template(each)["metadata"]["labels"] for each in WORKLOADS]
    for wanted in chosen:
        assert any(wanted.items() <= each.items() for each in labels)
    for each in labels:
        assert any(wanted.items() <= each.items() for wanted in chosen)


def test_the_way_in_leads_to_the_gateway() -> None:
    ingress = named("Ingress", "circles")
    [rule] = ingress["spec"]["rules"]
    [path] = rule["http"]["paths"]
    service = named("Service", path["backend"]["service"]["name"])
    assert service["metadata"]["name"] == "gateway"
    assert path["backend"]["service"]["port"]["name"] == service["spec"]["ports"][0]["name"]
    assert (
        ingress["metadata"]["annotations"]["nginx.ingress.kubernetes.io/proxy-buffering"] == "off"
    )


def test_the_example_changes_what_it_means_to() -> None:
    [patched] = documents(FOLDER / "example" / "kustomization.yaml")[0]["patches"]
    [change] = yaml.safe_load(patched["patch"])
    *_, place, _ = change["path"].split("/")
    gateway = container(named(patched["target"]["kind"], patched["target"]["name"]))
    assert gateway["env"][int(place)]["name"] == "TRUSTED_PROXIES"


def test_the_runbook_applies_what_is_there() -> None:
    applied = re.findall(r"deploy/kubernetes/(\w+)", (ROOT / "docs/runbook.md").read_text())
    assert {"namespace", "jobs", "services"} <= set(applied)
    assert all((FOLDER / name).is_dir() for name in applied)
