from collections.abc import Iterator
from typing import Any

import pytest

from config.errors import AccessDenied, NoPlatform
from tasks import clients
from tasks.platform.parameters import COMPLETE, Network, Platform, read_platform
from tests.refusals import SSM_DENIES, refused

PATH = "/vishwaops/offline"


def platform(**values: str) -> Platform:
    return Platform(PATH, values)


def test_names_come_from_the_parameters(bucket: str) -> None:
    found = read_platform()
    assert found
    assert (found.bucket("data"), found.variant) == (bucket, "champion")
    assert found.role("job", "student_grades").endswith(":role/vishwaops-offline-job-student-grades")
    assert found.guardrail_alarms("student_grades") == [
        "vishwaops-offline-student-grades-5xx",
        "vishwaops-offline-student-grades-latency",
    ]
    assert len(found.network.subnets) == 2 if found.network else False


def test_what_terraform_has_not_made_is_named_and_what_to_do() -> None:
    with pytest.raises(NoPlatform, match=r"/vishwaops/offline/role/job/new_one: .* make tf-apply ENV=offline"):
        platform().role("job", "new_one")


@pytest.mark.parametrize(("value", "alarms"), [("", []), (" ", []), ("errors, latency", ["errors", "latency"])])
def test_a_blank_parameter_names_no_alarms(value: str, alarms: list[str]) -> None:
    assert Platform(PATH, {"guardrail_alarms/new_one": value}).guardrail_alarms("new_one") == alarms


def test_without_a_vpc_there_is_no_network() -> None:
    assert platform().network is None
    inside = Platform(PATH, {"network/subnets": "a,b", "network/security_groups": "c"})
    assert inside.network == Network(("a", "b"), ("c",))


def test_terraform_s_tags_are_optional() -> None:
    assert platform().tags == {}
    assert platform(tags='{"Owner": "mlops"}').tags == {"Owner": "mlops"}


@pytest.fixture
def cut_short(bucket: str) -> Iterator[None]:
    ssm, name = clients.ssm(), f"{PATH}/{COMPLETE}"
    before = ssm.get_parameter(Name=name)["Parameter"]["Value"]
    ssm.delete_parameter(Name=name)
    yield
    ssm.put_parameter(Name=name, Value=before, Type="String")


def test_a_platform_that_was_not_made_to_its_end_is_none(cut_short: None) -> None:
    assert read_platform() is None


def test_the_platform_names_its_key_and_mlflow_s_server() -> None:
    found = Platform(PATH, {"key/data": "arn:key", "mlflow/tracking_server": "arn:server"})
    assert (found.data_key, found.tracking_server) == ("arn:key", "arn:server")


def test_an_image_is_in_the_registry_of_the_region() -> None:
    found = Platform(PATH, {"image/registry": "662702820516.dkr.ecr.eu-north-1.amazonaws.com"})
    assert found.image("sagemaker-xgboost:3.2-0") == (
        "662702820516.dkr.ecr.eu-north-1.amazonaws.com/sagemaker-xgboost:3.2-0"
    )


def test_our_own_image_is_in_the_environment_s_repository() -> None:
    repository = "111111111111.dkr.ecr.eu-north-1.amazonaws.com/vishwaops-dev-model"
    assert Platform(PATH, {"image/model": repository}).image("vishwaops-model:1.0.0") == f"{repository}:1.0.0"
    with pytest.raises(NoPlatform, match="image/model: expected an SSM parameter that Terraform writes"):
        Platform(PATH, {}).image("vishwaops-model:1.0.0")


def test_a_use_case_is_known_by_its_job_s_role() -> None:
    found = Platform(PATH, {"role/job/student_grades": "arn"})
    assert found.knows("student_grades")
    assert not found.knows("student")


@pytest.fixture
def calls(bucket: str) -> Iterator[list[str]]:
    made: list[str] = []
    events = clients.ssm().meta.events

    def note(model: Any, **_: Any) -> None:
        made.append(model.name)

    events.register("before-call.ssm", note)
    yield made
    events.unregister("before-call.ssm", note)


def test_each_parameter_is_read_by_its_name_once_because_a_flow_s_role_can_list_none(calls: list[str]) -> None:
    found = read_platform()
    assert found
    assert found.role("job", "student_grades") == found.role("job", "student_grades")
    assert "student_grades" in found.use_cases
    assert not found.knows("student")
    assert calls == ["GetParameter"] * 3  # use_cases, the role, and the one that does not exist


def test_a_parameter_that_the_role_may_not_read_is_named(bucket: str) -> None:
    found = read_platform()
    assert found
    denied = refused(clients.ssm(), "ssm.GetParameter", 400, SSM_DENIES)
    name = "/vishwaops/offline/role/job/student_grades"
    with denied, pytest.raises(AccessDenied, match=f"AWS denies ssm:GetParameter on {name}: no permission. Add the"):
        found.role("job", "student_grades")
