"""What the flows created is found and deleted, in an order that AWS accepts."""

import json
from typing import Any
from uuid import uuid4

import pytest

from config.errors import JobFailed
from config.feature_store import FeatureGroup
from config.use_case import UseCase
from tasks import clients
from tasks.feature_store import groups
from tasks.platform import Platform, read_platform
from tasks.platform.teardown import Kind, Leftover, find, remove
from tests.flows.conftest import Command, command
from tests.patience import until
from tests.sagemaker_local.support import archive
from tests.tasks.releases import new_use_case
from tests.use_cases import small_use_case

__all__ = ["command"]
ROLE = "arn:aws:iam::000000000000:role/any"
IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:3.2-0"


@pytest.fixture
def case(bucket: str) -> UseCase:
    """A use case with a model package, models, configurations and an endpoint; and models of similar names."""
    case = new_use_case()
    sagemaker = clients.sagemaker()
    data = f"s3://{bucket}/nothing/model.tar.gz"
    served: Any = {"Containers": [{"Image": IMAGE, "ModelDataUrl": data}], "SupportedContentTypes": ["text/csv"]}
    sagemaker.create_model_package(ModelPackageGroupName=case.slug, InferenceSpecification=served)
    for name in (f"{case.slug}-v1", f"{case.slug}-very", f"x-{case.slug}-v1"):
        sagemaker.create_model(
            ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer={"Image": IMAGE, "ModelDataUrl": data}
        )
    variant = {"VariantName": "champion", "ModelName": f"{case.slug}-v1", "InstanceType": "ml.m5.large"}
    variants: Any = [{**variant, "InitialInstanceCount": 1}]
    for name in (f"{case.slug}-v1", f"{case.slug}-v1-0a1b2c"):
        sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=variants)
    sagemaker.create_endpoint(EndpointName=case.slug, EndpointConfigName=f"{case.slug}-v1")
    return case


def start_job(case: UseCase) -> str:
    name = f"{case.slug}-evaluation-0123"
    clients.sagemaker().create_processing_job(
        ProcessingJobName=name,
        RoleArn=ROLE,
        AppSpecification={"ImageUri": IMAGE, "ContainerEntrypoint": ["sleep", "600"]},
        ProcessingResources={"ClusterConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 1}},
    )
    return name


def start_transform(case: UseCase, bucket: str) -> str:
    """Start a transform job whose model never loads."""
    name, s3_uri = f"{case.slug}-score-0123", f"s3://{bucket}/{case.name}/rows"
    data, key = archive(code__inference="import time\ntime.sleep(600)"), f"{case.name}/model.tar.gz"
    clients.s3().put_object(Bucket=bucket, Key=key, Body=data)
    program = {"SAGEMAKER_PROGRAM": "inference.py", "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/code"}
    served: Any = {"Image": IMAGE, "ModelDataUrl": f"s3://{bucket}/{key}", "Environment": program}
    clients.sagemaker().create_model(ModelName=f"x-{case.slug}-sleeps", ExecutionRoleArn=ROLE, PrimaryContainer=served)
    clients.s3().put_object(Bucket=bucket, Key=f"{case.name}/rows", Body=b"1")
    clients.sagemaker().create_transform_job(
        TransformJobName=name,
        ModelName=f"x-{case.slug}-sleeps",
        TransformInput={"DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": s3_uri}}},
        TransformOutput={"S3OutputPath": s3_uri},
        TransformResources={"InstanceType": "ml.m5.large", "InstanceCount": 1},
    )
    return name


def start_tuning(case: UseCase, bucket: str) -> str:
    """Start a tuning job whose training jobs sleep."""
    name, key = f"{case.slug}-search", f"{case.name}/scripts.tar.gz"
    clients.s3().put_object(Bucket=bucket, Key=key, Body=archive(sleeps="import time\ntime.sleep(600)"))
    program = {"sagemaker_program": "sleeps.py", "sagemaker_submit_directory": f"s3://{bucket}/{key}"}
    objective: Any = {"Name": "loss", "Regex": "loss=(.*)"}
    clients.sagemaker().create_hyper_parameter_tuning_job(
        HyperParameterTuningJobName=name,
        HyperParameterTuningJobConfig={
            "Strategy": "Random",
            "HyperParameterTuningJobObjective": {"Type": "Minimize", "MetricName": "loss"},
            "ResourceLimits": {"MaxNumberOfTrainingJobs": 1, "MaxParallelTrainingJobs": 1},
            "ParameterRanges": {"IntegerParameterRanges": [{"Name": "depth", "MinValue": "1", "MaxValue": "9"}]},
        },
        TrainingJobDefinition={
            "StaticHyperParameters": program,
            "AlgorithmSpecification": {
                "TrainingImage": IMAGE, "TrainingInputMode": "File", "MetricDefinitions": [objective]
            },
            "RoleArn": ROLE,
            "OutputDataConfig": {"S3OutputPath": f"s3://{bucket}/{case.name}/tuning"},
            "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1},
            "StoppingCondition": {"MaxRuntimeInSeconds": 600},
        },
    )  # fmt: skip
    return name


def platform() -> Platform:
    """The platform as it is now, with the use case that the test has added."""
    found = read_platform()
    assert found
    return found


def test_feature_groups_go_only_when_asked_for_and_only_those_of_flows(bucket: str) -> None:
    plain = new_use_case()
    group = FeatureGroup(group="people", key=("id",), features=("age",))
    groups.ensure(small_use_case(name=plain.name, feature_store=group), group)
    clients.sagemaker().create_feature_group(
        FeatureGroupName=f"{plain.slug}-by-terraform",
        RecordIdentifierFeatureName="id",
        EventTimeFeatureName="at",
        FeatureDefinitions=[{"FeatureName": name, "FeatureType": "String"} for name in ("id", "at")],
        OnlineStoreConfig={"EnableOnlineStore": True},
    )
    assert find(platform(), (plain.name,)) == ()
    [found] = find(platform(), (plain.name,), feature_groups=True)
    assert found == Leftover("feature group", f"{plain.slug}-people", plain.name)
    remove(found)
    remove(found)
    assert find(platform(), (plain.name,), feature_groups=True) == ()


class NeverDeleting:
    """SageMaker that can't delete a feature group."""

    def delete_feature_group(self, **named: str) -> None:
        """Begin to delete it."""

    def describe_feature_group(self, **named: str) -> dict[str, str]:
        """Return its state."""
        return {"FeatureGroupStatus": "DeleteFailed", "FailureReason": "its role is gone"}


def test_a_feature_group_that_sagemaker_cannot_delete_is_an_error_with_its_reason(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(clients, "sagemaker", NeverDeleting)
    with pytest.raises(
        JobFailed, match="feature group people: expected to be deleted, found DeleteFailed: its role is"
    ):
        remove(Leftover("feature group", "people", "small_one"))


def test_a_use_cases_resources_go_in_order_and_no_others(case: UseCase, bucket: str) -> None:
    job = start_job(case)
    until(lambda: status_of(job) == "InProgress")
    transform, tuning = start_transform(case, bucket), start_tuning(case, bucket)
    for name in (f"{case.slug}-1", f"{case.slug}-notes"):
        clients.sagemaker().create_model_card(ModelCardName=name, Content="{}", ModelCardStatus="Draft")
    found = find(platform(), (case.name,))
    assert [
        (each.kind, each.name.rpartition("model-package/")[2]) for each in found if each.kind != "training job"
    ] == [
        ("tuning job", tuning),
        ("processing job", job),
        ("transform job", transform),
        ("endpoint", case.slug),
        *(("endpoint configuration", name) for name in names(found, "endpoint configuration")),
        ("model", f"{case.slug}-v1"),
        ("model card", f"{case.slug}-1"),
        ("model package", f"{case.slug}/1"),
    ]
    assert {*names(found, "endpoint configuration")} == {f"{case.slug}-v1", f"{case.slug}-v1-0a1b2c"}

    for leftover in (*found, *found):  # another administrator may be as far
        remove(leftover)
    assert find(platform(), (case.name,)) == ()
    assert status_of(job) == "Stopped"
    stopped = clients.sagemaker().describe_transform_job(TransformJobName=transform)
    assert stopped["TransformJobStatus"] != "InProgress"
    clients.sagemaker().describe_model(ModelName=f"{case.slug}-very")
    clients.sagemaker().describe_model_card(ModelCardName=f"{case.slug}-notes")
    clients.sagemaker().delete_model_package_group(ModelPackageGroupName=case.slug)  # which Terraform does then


def names(found: tuple[Leftover, ...], kind: Kind) -> list[str]:
    return [each.name for each in found if each.kind == kind]


def status_of(job: str) -> str:
    return clients.sagemaker().describe_processing_job(ProcessingJobName=job)["ProcessingJobStatus"]


def test_flow_runs_are_stopped_only_with_the_whole_environment(bucket: str) -> None:
    ecs, cluster = clients.client("ecs"), f"c-{uuid4().hex[:8]}"
    ecs.create_cluster(clusterName=cluster)
    for family in ("vishwaops-offline-flow", "another"):
        ecs.register_task_definition(family=family, containerDefinitions=[{"name": "c", "image": "i", "memory": 8}])
    subnet = clients.client("ec2").describe_subnets()["Subnets"][0]["SubnetId"]
    network = {"awsvpcConfiguration": {"subnets": [subnet]}}
    run: Any = {"cluster": cluster, "launchType": "FARGATE", "networkConfiguration": network}
    task, other = (
        ecs.run_task(taskDefinition=family, **run)["tasks"][0]["taskArn"]
        for family in ("vishwaops-offline-flow", "another")
    )
    values = {
        "prefect/work_pool": json.dumps({"cluster": cluster, "family": "vishwaops-offline-flow"}),
        "use_cases": "a",
        "endpoint/a": "a",
    }
    everything = Platform("/vishwaops/offline", {**values, "model_package_group/a": f"none-{uuid4().hex[:8]}"})
    (found,) = [each for each in find(everything, ("a",)) if each.kind == "flow run"]
    assert found == Leftover("flow run", task, cluster)
    two = Platform("/vishwaops/offline", {**everything.values, "use_cases": "a,b"})
    assert [each for each in find(two, ("a",)) if each.kind == "flow run"] == []

    remove(found)
    states = {
        each["taskArn"]: each["lastStatus"]
        for each in ecs.describe_tasks(cluster=cluster, tasks=[task, other])["tasks"]
    }
    assert (states[task], states[other] == "STOPPED") == ("STOPPED", False)


def test_the_command_lists_first_and_deletes_only_for_the_environment_that_is_named(
    case: UseCase, command: Command
) -> None:
    status, output = command("teardown", "--use-case", case.name)
    assert status == 0
    assert f"exists   endpoint  {case.slug}" in output
    assert "5 resources. To delete them: vishwaops teardown --delete offline" in output

    status, output = command("teardown", "--use-case", case.name, "--delete", "prod")
    assert (status, "--delete: expected offline, the environment of the profile; found 'prod'" in output) == (1, True)
    assert len(find(platform(), (case.name,))) == 5

    status, output = command("teardown", "--use-case", case.name, "--delete", "offline")
    assert (status, f"deleted  model  {case.slug}-v1" in output) == (0, True)
    assert "Nothing that the flows created is left in offline" in command("teardown", "--use-case", case.name)[1]


def test_a_use_case_that_the_environment_does_not_have_is_named(bucket: str, command: Command) -> None:
    status, output = command("teardown", "--use-case", "nobody", "--delete", "offline")
    assert (status, "which the environment has; found nobody" in output) == (1, True)
