"""docker-compose.yml is valid by the specification's own schema, and says only what the house understands."""

import http.client
import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml
from jsonschema import Draft7Validator

from bespoke.config import read_settings
from bespoke.models.job import Queue
from tests.services_running import SeaweedFS

ROOT = Path(__file__).parents[1]
SCHEMA = ROOT / "tests" / "data" / "compose-spec.json"
OURS = {"schema", "web", "worker", "worker-render", "beat"}


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    """The file as Compose reads it, anchors resolved."""
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    return loaded


def environment(service: dict[str, Any]) -> dict[str, str]:
    filled = {"POSTGRES_PASSWORD": "secret", "S3_SECRET_KEY": "secret"}

    def fill(match: re.Match[str]) -> str:
        return filled.get(match[1]) or (match[2] or "").removeprefix("-")

    given = service.get("environment", {})
    return {name: re.sub(r"\$\{(\w+):([-?][^}]*)?\}", fill, str(value)) for name, value in given.items()}


def validator() -> Draft7Validator:
    return Draft7Validator(json.loads(SCHEMA.read_text()))


def test_the_file_is_valid_by_the_compose_specification(compose: dict[str, Any]):
    assert [fault.message for fault in validator().iter_errors(compose)] == []


def test_the_schema_would_find_a_mistake(compose: dict[str, Any]):
    broken = {**compose, "services": {"web": {**compose["services"]["web"], "comand": ["bespoke"]}}}
    assert any("comand" in fault.message for fault in validator().iter_errors(broken))


@pytest.mark.parametrize("name", sorted(OURS))
def test_the_variables_of_each_service_are_settings_the_house_takes(compose: dict[str, Any], name: str):
    settings = read_settings(environment(compose["services"][name]))
    assert settings.database.startswith("postgresql+psycopg://")
    assert settings.s3_bucket == "files"
    assert settings.broker_url.startswith("redis://")


def test_the_bucket_and_its_key_are_those_the_server_makes(compose: dict[str, Any]):
    settings = read_settings(environment(compose["services"]["web"]))
    server = compose["services"]["seaweedfs"]
    assert f"-bucket={settings.s3_bucket}" in server["command"]
    assert environment(server)["AWS_ACCESS_KEY_ID"] == settings.s3_access_key
    assert environment(server)["AWS_SECRET_ACCESS_KEY"] == settings.s3_secret_key


def test_every_queue_has_a_worker(compose: dict[str, Any]):
    served: set[str] = set()
    for name in ("worker", "worker-render"):
        command = compose["services"][name]["command"]
        served |= set(command[command.index("-Q") + 1].split(","))
    assert served == {queue.value for queue in Queue}


def test_nothing_of_ours_starts_before_the_schema_is_there(compose: dict[str, Any]):
    for name in OURS - {"schema"}:
        waits = compose["services"][name]["depends_on"]
        assert waits["schema"]["condition"] == "service_completed_successfully"
        for server in ("postgres", "valkey", "seaweedfs"):
            assert waits[server]["condition"] == "service_healthy"
            assert compose["services"][server]["healthcheck"]["test"]


def test_every_volume_is_declared_and_no_server_is_open_to_the_outside(compose: dict[str, Any]):
    mounted = {volume.split(":")[0] for each in compose["services"].values() for volume in each.get("volumes", ())}
    assert mounted == set(compose["volumes"])
    for name, service in compose["services"].items():
        for port in service.get("ports", ()):
            assert name == "web"
            assert port.startswith("127.0.0.1:")


def test_the_health_of_the_s3_server_is_asked_where_it_answers(compose: dict[str, Any], seaweedfs: SeaweedFS):
    asked = urlsplit(compose["services"]["seaweedfs"]["healthcheck"]["test"][-1])
    connection = http.client.HTTPConnection(urlsplit(seaweedfs.endpoint).netloc, timeout=10)
    connection.request("GET", asked.path)
    assert connection.getresponse().status == 200
    connection.close()
