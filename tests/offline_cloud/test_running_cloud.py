"""A running cloud; these tests share the run's cloud."""

import ipaddress
import os
import shlex
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

import boto3
import psutil
import pytest

import offline_cloud
from flows.commands.cloud import show_status
from sagemaker_local.sandbox import ISOLATIONS
from tests.isolations import OFFERED
from tests.patience import until

from .conftest import family, let_the_supervisor_look


def test_a_client_without_any_setting_talks_to_the_offline_cloud(cloud: offline_cloud.Cloud) -> None:
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket="shared-cloud-test")
    s3.put_object(Bucket="shared-cloud-test", Key="a", Body=b"1")
    assert s3.get_object(Bucket="shared-cloud-test", Key="a")["Body"].read() == b"1"


def test_objects_are_kept_below_the_state_folder_not_in_a_folder_of_all_clouds(
    cloud: offline_cloud.Cloud,
) -> None:
    boto3.client("s3").create_bucket(Bucket="kept-below-the-state-folder")
    until(lambda: list((cloud.state_dir / "localstack").rglob("kept-below-the-state-folder")))


def test_up_again_attaches(cloud: offline_cloud.Cloud, localstack_env: Path) -> None:
    again = offline_cloud.up(cloud.state_dir, localstack_env)
    assert not again.started
    assert again.urls == cloud.urls
    again.release()
    let_the_supervisor_look(cloud.state_dir)
    assert offline_cloud.status(cloud.state_dir).running, "its first user still holds a lease"


def test_it_listens_on_loopback_only(cloud: offline_cloud.Cloud) -> None:
    listening = [
        connection.laddr
        for process in family(cloud.state_dir)
        for connection in connections(process)
        if connection.status == psutil.CONN_LISTEN or connection.type.name == "SOCK_DGRAM"
    ]
    assert len(listening) >= 2
    assert all(ipaddress.ip_address(address.ip).is_loopback for address in listening), listening


def connections(process: psutil.Process) -> list[Any]:
    try:
        return list(process.net_connections())
    except psutil.NoSuchProcess:  # a job of another test has ended in the meantime
        return []


def test_the_guard_of_the_tests_holds_in_both_services(cloud: offline_cloud.Cloud) -> None:
    for service in offline_cloud.status(cloud.state_dir).services:
        assert "network_guard" in psutil.Process(service.pid).environ()["PYTHONPATH"]


def test_status_shows_what_runs(cloud: offline_cloud.Cloud) -> None:
    status = offline_cloud.status(cloud.state_dir)
    assert status.running
    assert {service.title for service in status.services} == {"LocalStack", "SageMaker local"}
    for service in status.services:
        assert service.healthy
        assert service.url == cloud.urls[service.name]
        assert service.log.exists()
        assert service.memory > 10_000_000
        assert psutil.pid_exists(service.pid)


def test_it_says_how_jobs_are_isolated_and_what_that_means(
    cloud: offline_cloud.Cloud, capsys: pytest.CaptureFixture[str]
) -> None:
    said = f"Isolation of jobs: {OFFERED[0]}. {ISOLATIONS[OFFERED[0]].meaning}"
    assert cloud.isolation.startswith(said)
    show_status(offline_cloud.status(cloud.state_dir))
    assert said in capsys.readouterr().out


def test_both_services_answer_at_the_urls_of_the_environment(cloud: offline_cloud.Cloud) -> None:
    for variable, path in (
        ("AWS_ENDPOINT_URL", "/_localstack/health"),
        ("AWS_ENDPOINT_URL_SAGEMAKER", "/_sagemaker_local/health"),
    ):
        with urllib.request.urlopen(cloud.environment[variable] + path) as response:
            assert response.status == 200


def test_the_users_own_aws_settings_do_not_leak_in(cloud: offline_cloud.Cloud, tmp_path: Path) -> None:
    aws = tmp_path / ".aws"
    aws.mkdir()
    (aws / "config").write_text("[profile work]\nregion = eu-west-1\nendpoint_url = http://192.0.2.1\n")
    (aws / "credentials").write_text("[work]\naws_access_key_id = real\naws_secret_access_key = real\n")
    users = {
        "HOME": str(tmp_path),
        "AWS_PROFILE": "work",
        "AWS_SESSION_TOKEN": "real",
        "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true",
        "HTTP_PROXY": "http://192.0.2.1:3128",
        "http_proxy": "http://192.0.2.1:3128",
    }
    program = (
        "import boto3; s = boto3.Session(); c = s.get_credentials();"
        "s.client('s3').list_buckets(); print(s.region_name, c.access_key, c.token or None)"
    )
    lines = offline_cloud.export_lines(cloud.environment)
    answer = subprocess.run(
        ["bash", "-euc", f'eval "$1"; exec {shlex.quote(sys.executable)} -c "$2"', "bash", lines, program],
        env={**_without_aws(), **users},
        capture_output=True,
        text=True,
    )
    assert answer.stdout == "us-east-1 test None\n", answer.stderr


@pytest.mark.parametrize("value", ["plain", "", "with space", "a'b\"c", "$(exit 9) `x` \\", "two\nlines"])
def test_export_lines_survive_a_shells_eval(value: str) -> None:
    lines = offline_cloud.export_lines({"NAME": value})
    answer = subprocess.run(
        ["bash", "-euc", 'eval "$1"; printf %s "$NAME"', "bash", lines], capture_output=True, text=True, check=True
    )
    assert answer.stdout == value


def test_attaching_to_no_cloud_says_how_to_start_one(tmp_path: Path) -> None:
    with pytest.raises(offline_cloud.CloudNotRunningError, match="vishwaops up"):
        offline_cloud.attach(tmp_path)


def _without_aws() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
