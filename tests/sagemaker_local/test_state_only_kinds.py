"""Kinds that are only stored: each can be created, described, changed, listed and deleted."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sagemaker_local.resource_kind import ResourceKind
from sagemaker_local.resources import STATE_ONLY_KINDS
from tests.sagemaker_local.support import ROLE, Bench, everything, unique

SECRET = "arn:aws:secretsmanager:us-east-1:000000000000:secret:s"
SOURCE = {"SourceUri": "s3://bucket/data.csv", "SourceTypes": [{"SourceIdType": "S3ETag", "Value": "1"}]}
# The members of Create beside the name, and a change for kinds with an Update.
REQUESTS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "Experiment": ({"Description": "a"}, {"Description": "b"}),
    "TrialComponent": ({"DisplayName": "a"}, {"DisplayName": "b"}),
    "Context": (
        {"Source": {"SourceUri": "arn:x"}, "ContextType": "Endpoint", "Properties": {"a": "1"}},
        {"Properties": {"b": "2"}},
    ),
    "Action": ({"Source": {"SourceUri": "arn:x"}, "ActionType": "Deploy"}, {"Status": "Completed"}),
    "NotebookInstanceLifecycleConfig": ({"OnStart": [{"Content": "YQ=="}]}, {"OnStart": [{"Content": "Yg=="}]}),
    "CodeRepository": (
        {"GitConfig": {"RepositoryUrl": "https://example.com/a"}},
        {"GitConfig": {"RepositoryUrl": "https://example.com/a", "SecretArn": SECRET}},
    ),
    "Image": ({"RoleArn": ROLE}, {"Description": "b"}),
    "AppImageConfig": ({}, {"CodeEditorAppImageConfig": {"ContainerConfig": {"ContainerArguments": ["a"]}}}),
    "StudioLifecycleConfig": (
        {"StudioLifecycleConfigContent": "YQ==", "StudioLifecycleConfigAppType": "JupyterLab"},
        {},
    ),
    "Project": ({"ProjectDescription": "a"}, {"ProjectDescription": "b"}),
    "Hub": ({"HubDescription": "a"}, {"HubDescription": "b"}),
}


@pytest.fixture(scope="session")
def ask(bench: Bench) -> Callable[..., dict[str, Any]]:
    """Calls an action by its name on AWS."""
    methods = {action: method for method, action in bench.sagemaker.meta.method_to_api_mapping.items()}

    def calls(action: str, **request: Any) -> dict[str, Any]:
        return dict(getattr(bench.sagemaker, methods[action])(**request))

    return calls


def by_name(name: str) -> ResourceKind:
    return next(kind for kind in STATE_ONLY_KINDS if kind.name == name)


@pytest.mark.parametrize("name", REQUESTS)
def test_a_state_only_kind_goes_from_create_to_delete(ask: Callable[..., dict[str, Any]], name: str) -> None:
    kind, (request, change) = by_name(name), REQUESTS[name]
    key = {kind.key: unique("kept")}
    arn = ask(f"Create{name}", **key, **request)[kind.arn_member]
    assert f":{kind.path}/" in arn
    found = ask(f"Describe{name}", **key)
    assert {member: found[member] for member in request} == request
    if "Update" in kind.verbs:
        ask(f"Update{name}", **key, **{member: _given(value) for member, value in change.items()})
        found = ask(f"Describe{name}", **key)
        assert {member: found[member] for member in change} == change
    listed = next(value for value in ask(kind.action("List"), MaxResults=1).values() if isinstance(value, list))
    assert [item[kind.arn_member] for item in listed] == [arn]
    ask(f"Delete{name}", **key)
    with pytest.raises(ClientError) as gone:
        ask(f"Describe{name}", **key)
    assert gone.value.response["Error"]["Code"] == kind.not_found_error


def _given(value: Any) -> Any:
    """A repository's address can't be changed, and stays."""
    return {k: v for k, v in value.items() if k != "RepositoryUrl"} if isinstance(value, dict) else value


def test_every_state_only_kind_is_tried_here() -> None:
    tried_below = {"Trial", "Artifact", "Association", "Domain", "UserProfile", "Space", "NotebookInstance"}
    assert {kind.name for kind in STATE_ONLY_KINDS} == set(REQUESTS) | tried_below


def test_user_profiles_and_spaces_belong_to_their_domain(bench: Bench) -> None:
    make = bench.sagemaker.create_domain
    first, second = (
        make(DomainName=unique("domain"), AuthMode="IAM", DefaultUserSettings={"ExecutionRole": ROLE})["DomainId"]
        for _ in range(2)
    )
    for domain in (first, second):
        bench.sagemaker.create_user_profile(DomainId=domain, UserProfileName="ann")
        bench.sagemaker.create_space(DomainId=domain, SpaceName="shared")
    assert bench.sagemaker.describe_domain(DomainId=first)["Status"] == "InService"
    bench.sagemaker.update_user_profile(
        DomainId=first, UserProfileName="ann", UserSettings={"SecurityGroups": ["sg-1"]}
    )
    profiles = [bench.sagemaker.describe_user_profile(DomainId=d, UserProfileName="ann") for d in (first, second)]
    assert profiles[0]["UserProfileArn"].endswith(f":user-profile/{first}/ann")
    assert [profile.get("UserSettings") for profile in profiles] == [{"SecurityGroups": ["sg-1"]}, None]
    listed = everything(bench.sagemaker, "list_user_profiles", DomainIdEquals=second)
    assert [(item["DomainId"], item["UserProfileName"]) for item in listed] == [(second, "ann")]
    with pytest.raises(ClientError, match="ResourceNotFound"):
        bench.sagemaker.create_user_profile(DomainId="d-nothere", UserProfileName="ann")
    for domain in (first, second):
        bench.sagemaker.delete_space(DomainId=domain, SpaceName="shared")
        bench.sagemaker.delete_user_profile(DomainId=domain, UserProfileName="ann")
        bench.sagemaker.delete_domain(DomainId=domain)


def test_a_notebook_instance_is_changed_and_deleted_when_it_is_stopped(bench: Bench) -> None:
    name = unique("notebook")
    notebook = {"NotebookInstanceName": name}
    bench.sagemaker.create_notebook_instance(**notebook, InstanceType="ml.t3.medium", RoleArn=ROLE)
    with pytest.raises(ClientError, match="Unable to transition to"):
        bench.sagemaker.delete_notebook_instance(**notebook)
    bench.sagemaker.stop_notebook_instance(**notebook)
    bench.sagemaker.update_notebook_instance(**notebook, InstanceType="ml.t3.large", LifecycleConfigName="c")
    found = bench.sagemaker.describe_notebook_instance(**notebook)
    assert (found["NotebookInstanceStatus"], found["InstanceType"]) == ("Stopped", "ml.t3.large")
    assert found["NotebookInstanceLifecycleConfigName"] == "c"
    bench.sagemaker.start_notebook_instance(**notebook)
    bench.sagemaker.stop_notebook_instance(**notebook)
    bench.sagemaker.delete_notebook_instance(**notebook)


def test_trials_and_their_components_find_each_other(bench: Bench) -> None:
    experiment, trial, component = (unique(kind) for kind in ("experiment", "trial", "component"))
    bench.sagemaker.create_experiment(ExperimentName=experiment)
    bench.sagemaker.create_trial(TrialName=trial, ExperimentName=experiment)
    parameters = {"rate": {"NumberValue": 0.1}, "depth": {"NumberValue": 3}}
    bench.sagemaker.create_trial_component(TrialComponentName=component, Parameters=parameters)
    bench.sagemaker.associate_trial_component(TrialComponentName=component, TrialName=trial)
    bench.sagemaker.update_trial_component(
        TrialComponentName=component, Parameters={"rate": {"NumberValue": 0.2}}, ParametersToRemove=["depth"]
    )
    found = bench.sagemaker.describe_trial_component(TrialComponentName=component)
    assert found["Parameters"] == {"rate": {"NumberValue": 0.2}}

    def components(**by: str) -> list[str]:
        listed = everything(bench.sagemaker, "list_trial_components", **by)
        return [item["TrialComponentName"] for item in listed]

    assert components(TrialName=trial) == components(ExperimentName=experiment) == [component]
    listed = everything(bench.sagemaker, "list_trials", ExperimentName=experiment, TrialComponentName=component)
    assert [item["TrialName"] for item in listed] == [trial]
    with pytest.raises(ClientError, match="associated"):
        bench.sagemaker.delete_trial(TrialName=trial)
    bench.sagemaker.disassociate_trial_component(TrialComponentName=component, TrialName=trial)
    bench.sagemaker.delete_trial_component(TrialComponentName=component)
    with pytest.raises(ClientError, match="associated trials"):
        bench.sagemaker.delete_experiment(ExperimentName=experiment)
    bench.sagemaker.delete_trial(TrialName=trial)
    bench.sagemaker.delete_experiment(ExperimentName=experiment)


def test_lineage_links_artifacts_and_actions(bench: Bench) -> None:
    artifact = bench.sagemaker.create_artifact(ArtifactName="rows", Source=SOURCE, ArtifactType="DataSet")[
        "ArtifactArn"
    ]
    name = unique("action")
    action = bench.sagemaker.create_action(ActionName=name, Source={"SourceUri": "arn:x"}, ActionType="Train")[
        "ActionArn"
    ]
    assert bench.sagemaker.describe_artifact(ArtifactArn=artifact)["Source"] == SOURCE
    link = {"SourceArn": artifact, "DestinationArn": action}
    bench.sagemaker.add_association(**link, AssociationType="ContributedTo")
    (listed,) = everything(bench.sagemaker, "list_associations", DestinationArn=action)
    assert (listed["SourceArn"], listed["SourceType"], listed["DestinationType"]) == (artifact, "DataSet", "Train")
    assert everything(bench.sagemaker, "list_associations", SourceArn=action) == []
    with pytest.raises(ClientError, match="already exists"):
        bench.sagemaker.add_association(**link)
    bench.sagemaker.delete_association(**link)
    with pytest.raises(ClientError, match="ResourceNotFound"):
        bench.sagemaker.delete_association(**link)
    bench.sagemaker.delete_artifact(ArtifactArn=artifact)
    bench.sagemaker.delete_action(ActionName=name)
