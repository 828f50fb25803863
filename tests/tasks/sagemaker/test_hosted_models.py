"""Models and endpoint configurations: what they hold, how they are named, which are deleted."""

from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from config.monitoring import Capture
from config.use_case import UseCase
from tasks import champion, clients
from tasks.platform import platform
from tasks.references import RegisteredModel
from tasks.release import variants
from tasks.sagemaker import hosted_models
from tasks.sagemaker.data_capture import hosted_in
from tasks.signing.models import require_signed
from tests.tasks.releases import new_release, new_use_case

NOW = timedelta(0)
INSTANCES = {"kind": "instances"}
TAGS = {"use-case": "small"}


def registered(case: UseCase, **changes: Any) -> RegisteredModel:
    """The champion's model, with changes to it."""
    found = champion.read(case)
    assert found
    return RegisteredModel(**{name: getattr(found, name) for name in RegisteredModel.model_fields}).model_copy(
        update=changes
    )


@pytest.fixture(scope="module")
def case(bucket: str) -> UseCase:
    """A serverless use case with a champion."""
    case = new_use_case(hosting={"kind": "serverless", "memory_in_mb": 1024, "max_concurrency": 3})
    new_release(case, 0.7)
    return case


def signed(case: UseCase) -> dict[str, str]:
    """The variables with which the endpoint checks its files."""
    return require_signed(registered(case)).environment


def with_hosting(case: UseCase, **hosting: Any) -> UseCase:
    return case.model_validate(case.model_dump() | {"hosting": hosting})


def test_a_serverless_model_has_no_network_and_one_worker(case: UseCase) -> None:
    hosted = hosted_models.of_version(case, registered(case))
    [container], [variant] = hosted.model["Containers"], hosted.config["ProductionVariants"]
    assert hosted.serverless
    assert "VpcConfig" not in hosted.model
    assert container["Environment"] == {"SAGEMAKER_MODEL_SERVER_WORKERS": "1", **signed(case)}
    assert variant["ServerlessConfig"] == {"MemorySizeInMB": 1024, "MaxConcurrency": 3}
    assert not {"InstanceType", "InitialInstanceCount"} & variant.keys()
    assert hosted.config["KmsKeyId"] == platform().data_key


def test_a_model_on_instances_is_in_the_network(case: UseCase) -> None:
    hosted = hosted_models.of_version(with_hosting(case, **INSTANCES), registered(case))
    [container], [variant] = hosted.model["Containers"], hosted.config["ProductionVariants"]
    network = platform().network
    assert network
    assert not hosted.serverless
    assert hosted.model["VpcConfig"]["Subnets"] == list(network.subnets)
    assert hosted.model["VpcConfig"]["SecurityGroupIds"] == list(network.security_groups)
    assert container["Environment"] == signed(case)
    assert (variant["InstanceType"], variant["InitialInstanceCount"]) == ("ml.m5.large", 1)
    assert "ServerlessConfig" not in variant


def test_provisioned_concurrency_is_passed_on(case: UseCase) -> None:
    provisioned = with_hosting(case, kind="serverless", provisioned_concurrency=1)
    [variant] = hosted_models.of_version(provisioned, registered(case)).config["ProductionVariants"]
    assert variant["ServerlessConfig"]["ProvisionedConcurrency"] == 1


def test_an_endpoint_on_instances_captures_requests_in_a_folder_that_names_the_version(case: UseCase) -> None:
    on_instances = with_hosting(case, **INSTANCES)
    hosted = hosted_models.of_version(on_instances, registered(case))
    assert hosted.config["DataCaptureConfig"] == {
        "EnableCapture": True,
        "InitialSamplingPercentage": 100,
        "DestinationS3Uri": f"s3://{platform().bucket('monitoring')}/{case.name}/capture/{hosted.name}",
        "KmsKeyId": platform().data_key,
        "CaptureOptions": [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}],
        "CaptureContentTypeHeader": {"CsvContentTypes": ["text/csv"], "JsonContentTypes": ["application/json"]},
    }
    assert "DataCaptureConfig" not in hosted_models.of_version(case, registered(case)).config
    assert "DataCaptureConfig" not in hosted_models.for_jobs(on_instances, registered(case))[1]


def test_capture_is_off_without_the_key_and_a_change_of_it_is_another_configuration(case: UseCase) -> None:
    on_instances = with_hosting(case, **INSTANCES)
    captures: list[Any] = [None, Capture(), Capture(percent=5), Capture(days=5)]
    cases = [
        on_instances.model_copy(update={"monitoring": case.monitoring.model_copy(update={"capture": each})})
        for each in captures
    ]
    off, usual, few, short = (hosted_models.of_version(each, registered(case)) for each in cases)
    assert "DataCaptureConfig" not in off.config
    assert few.config["DataCaptureConfig"]["InitialSamplingPercentage"] == 5
    assert len({off.name, usual.name, few.name}) == 3
    assert short.name == usual.name


def test_a_contract_test_captures_nothing_and_a_shadow_is_captured_beside_what_is_served(case: UseCase) -> None:
    on_instances = with_hosting(case, **INSTANCES)
    served = hosted_models.of_version(on_instances, registered(case))
    hosted_models.ensure(served, TAGS)
    new = hosted_models.of_version(on_instances, registered(case, version=2))
    made = [variants.ensure_test_config(on_instances, 2, new, TAGS)]
    shadowed = variants.ensure_shadow_config(on_instances, served.name, new, 50, TAGS)
    assert shadowed
    configs = [clients.sagemaker().describe_endpoint_config(EndpointConfigName=name) for name in (*made, shadowed)]
    assert "DataCaptureConfig" not in configs[0]
    folder = configs[1]["DataCaptureConfig"]["DestinationS3Uri"].rpartition("/")[2]
    assert folder == f"{served.name}_{new.name}"
    assert hosted_in(folder, platform().variant) == served.name
    assert hosted_in(folder, variants.SHADOW) == new.name
    hosted_models.delete_unused(case, [], NOW)


def test_other_settings_and_a_group_that_was_made_again_have_another_name(case: UseCase) -> None:
    model = registered(case)
    name = hosted_models.of_version(case, model).name
    assert hosted_models.of_version(case, registered(case)).name == name
    others = [
        hosted_models.of_version(with_hosting(case, **INSTANCES), model),
        hosted_models.of_version(with_hosting(case, kind="serverless", memory_in_mb=4096, max_concurrency=3), model),
        hosted_models.of_version(with_hosting(case, kind="serverless", memory_in_mb=1024, max_concurrency=4), model),
        hosted_models.of_version(case, registered(case, model_uri="s3://another/model.tar.gz")),
        hosted_models.of_version(case, registered(case, version=2)),
    ]
    assert len({name, *(other.name for other in others)}) == 6


def exists(name: str) -> bool:
    """Whether both the model and the endpoint configuration of this name exist; they come and go together."""
    found = []
    for describe in (
        lambda: clients.sagemaker().describe_model(ModelName=name),
        lambda: clients.sagemaker().describe_endpoint_config(EndpointConfigName=name),
    ):
        try:
            found.append(bool(describe()))
        except ClientError:
            found.append(False)
    assert len(set(found)) == 1
    return found[0]


def test_model_and_configuration_are_created_once(case: UseCase) -> None:
    hosted = hosted_models.of_version(case, registered(case))
    for _ in range(2):
        hosted_models.ensure(hosted, TAGS)
    config = clients.sagemaker().describe_endpoint_config(EndpointConfigName=hosted.name)
    assert config["ProductionVariants"] == hosted.config["ProductionVariants"]
    assert clients.sagemaker().list_tags(ResourceArn=config["EndpointConfigArn"])["Tags"]
    hosted_models.delete_unused(case, [], NOW)


def test_unused_models_are_deleted_and_the_kept_the_young_and_all_others_stay(case: UseCase) -> None:
    sizes = (1024, 2048, 3072)
    cases = [with_hosting(case, kind="serverless", memory_in_mb=size) for size in sizes]
    hosted = [hosted_models.of_version(each, registered(case)) for each in cases]
    for each in hosted:
        hosted_models.ensure(each, TAGS)
    by_hand = f"{case.slug}-v1-mine"
    clients.sagemaker().create_model(ModelName=by_hand, **hosted[0].model)
    kept, *unused = (each.name for each in hosted)
    assert hosted_models.delete_unused(case, [kept, None], hosted_models.UNUSED_FOR) == []
    assert hosted_models.delete_unused(case, [kept], NOW) == sorted(unused)
    assert [exists(each.name) for each in hosted] == [True, False, False]
    assert clients.sagemaker().describe_model(ModelName=by_hand)
    assert hosted_models.delete_unused(case, [], NOW) == [kept]
