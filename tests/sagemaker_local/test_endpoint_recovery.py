"""A server killed during an endpoint's change: the status after a restart, and no orphaned container."""

import signal
from collections.abc import Callable
from typing import Any

import psutil
import pytest
from botocore.exceptions import ClientError

from tests.patience import PATIENCE
from tests.sagemaker_local.conftest import OwnServer
from tests.sagemaker_local.endpoint_support import FAILS, config_of, described, variant
from tests.sagemaker_local.support import Bench, until

Start = Callable[..., OwnServer]
SOME_SECONDS_TO_LOAD = "import time\ntime.sleep(3)\n" + FAILS
SLOW_TO_LOAD = "import time\ntime.sleep(600)\n" + FAILS


def processes(server: OwnServer) -> list[psutil.Process]:
    return psutil.Process(server.process.pid).children(recursive=True)


def kill(server: OwnServer) -> None:
    """kill -9, and the check that all its containers ended with it."""
    left = processes(server)
    assert left
    server.end(signal.SIGKILL)
    _, alive = psutil.wait_procs(left, timeout=PATIENCE)
    assert alive == []


def back_on_its_config(bench: Bench, name: str, config: str) -> dict[str, Any]:
    endpoint = bench.settled(name)
    assert (endpoint["EndpointStatus"], endpoint["EndpointConfigName"]) == ("InService", config)
    assert "PendingDeploymentSummary" not in endpoint
    assert {bench.invoke(name) for _ in range(10)} == {"1.0"}
    return endpoint


def test_killed_while_the_new_fleet_comes_up_it_serves_the_old_config_again(start_server: Start) -> None:
    first = start_server()
    config = config_of(first.bench, variant(first.bench.model(slope=1.0)))
    name = first.bench.endpoint(config)
    before = len(processes(first))
    slow = config_of(first.bench, variant(first.bench.model(script=SLOW_TO_LOAD)))
    first.bench.sagemaker.update_endpoint(EndpointName=name, EndpointConfigName=slow)
    until(lambda: len(processes(first)), lambda count: count > before)
    assert described(first.bench, name)["EndpointStatus"] == "Updating"
    kill(first)
    second = start_server()
    back_on_its_config(second.bench, name, config)
    assert len(processes(second)) == before


def test_killed_while_traffic_shifts_it_serves_the_old_config_again_and_can_be_updated(start_server: Start) -> None:
    first = start_server("--time-scale", "60")
    config = config_of(first.bench, variant(first.bench.model(slope=1.0)))
    name = first.bench.endpoint(config)
    new = config_of(first.bench, variant(first.bench.model(slope=10.0)))
    half = {"Type": "CANARY", "WaitIntervalInSeconds": 3600, "CanarySize": {"Type": "CAPACITY_PERCENT", "Value": 50}}
    first.bench.sagemaker.update_endpoint(
        EndpointName=name,
        EndpointConfigName=new,
        DeploymentConfig={"BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": half}},
    )
    until(lambda: {first.bench.invoke(name) for _ in range(4)}, lambda answers: answers == {"1.0", "10.0"})
    kill(first)
    second = start_server()
    back_on_its_config(second.bench, name, config)
    second.bench.sagemaker.update_endpoint(EndpointName=name, EndpointConfigName=new)
    assert second.bench.settled(name)["EndpointConfigName"] == new
    assert second.bench.invoke(name) == "10.0"


def test_a_creation_or_deletion_continues_after_a_kill(start_server: Start) -> None:
    first = start_server()
    held = "import time\ndef model_fn(model_dir):\n    pass\ndef transform_fn(*a):\n    time.sleep(600)\n"
    doomed = first.bench.endpoint(config_of(first.bench, variant(first.bench.model(script=held))))
    creating = config_of(first.bench, variant(first.bench.model(slope=1.0)))
    first.bench.sagemaker.create_endpoint(EndpointName="created", EndpointConfigName=creating)
    first.bench.sagemaker.delete_endpoint(EndpointName=doomed)
    kill(first)
    second = start_server()
    back_on_its_config(second.bench, "created", creating)
    assert [e["EndpointName"] for e in second.bench.sagemaker.list_endpoints()["Endpoints"]] == ["created"]


def test_until_it_has_started_again_an_endpoint_is_in_maintenance(start_server: Start) -> None:
    first = start_server()
    slow = config_of(first.bench, variant(first.bench.model(script=SOME_SECONDS_TO_LOAD)))
    name = first.bench.endpoint(slow)
    kill(first)
    second = start_server()
    assert described(second.bench, name)["EndpointStatus"] == "SystemUpdating"
    with pytest.raises(ClientError, match="Cannot update in-progress endpoint"):
        second.bench.sagemaker.update_endpoint(EndpointName=name, EndpointConfigName=slow)
    assert second.bench.settled(name)["EndpointStatus"] == "InService"
