"""Every filter and order of every List works, or is refused by name."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from botocore.model import StringShape

from sagemaker_local import service_model
from sagemaker_local.behaviour import Behaviour
from sagemaker_local.engine import Engine
from sagemaker_local.errors import NotImplementedAction, ValidationException
from sagemaker_local.resource_kind import ResourceKind
from sagemaker_local.resources import KINDS
from sagemaker_local.store import Query, Record
from tests.sagemaker_local.engine_support import idle_engine

PAGING = {"MaxResults", "NextToken", "SortBy", "SortOrder"}
ARN = "arn:aws:sagemaker:us-east-1:000000000000"
EARLY, BETWEEN, LATE = 1_000.0, 1_500.0, 2_000.0
PLAN = f"{ARN}:training-plan/plan"
# There are two of every kind: `alpha`, older, and `beta`, newer. For the filters of its List beside those on names and
# times: members of alpha, of beta, and the value that finds alpha only.
OWN: dict[str, dict[str, tuple[dict[str, Any], dict[str, Any], Any]]] = {
    "TrainingJob": {
        "WarmPoolStatusEquals": (
            {"WarmPoolStatus": {"Status": "Available"}},
            {"WarmPoolStatus": {"Status": "InUse"}},
            "Available",
        ),
        "TrainingPlanArnEquals": ({"ResourceConfig": {"TrainingPlanArn": PLAN}}, {"ResourceConfig": {}}, PLAN),
    },
    "ModelPackageGroup": {"CrossAccountFilterOption": ({}, {}, None)},
    "ModelPackage": {
        "ModelApprovalStatus": ({"ModelApprovalStatus": "Approved"}, {"ModelApprovalStatus": "Rejected"}, "Approved"),
        "ModelPackageGroupName": ({"ModelPackageGroupName": "g"}, {"ModelPackageGroupName": "h"}, "g"),
        "ModelPackageType": ({"ModelPackageVersion": 1}, {}, "Versioned"),
    },
    "FeatureGroup": {
        "FeatureGroupStatusEquals": (
            {"FeatureGroupStatus": "Created"},
            {"FeatureGroupStatus": "CreateFailed"},
            "Created",
        ),
        "OfflineStoreStatusEquals": (
            {"OfflineStoreStatus": {"Status": "Active"}},
            {"OfflineStoreStatus": {"Status": "Blocked"}},
            "Active",
        ),
    },
    "ModelCard": {"ModelCardStatus": ({"ModelCardStatus": "Draft"}, {"ModelCardStatus": "Approved"}, "Draft")},
    "ModelCardVersion": {
        "ModelCardStatus": ({"ModelCardStatus": "Draft"}, {"ModelCardStatus": "Approved"}, "Draft"),
    },
    "MlflowTrackingServer": {
        "TrackingServerStatus": ({"TrackingServerStatus": "Created"}, {"TrackingServerStatus": "Stopped"}, "Created"),
        "MlflowVersion": ({"MlflowVersion": "3.1"}, {"MlflowVersion": "2.16"}, "3.1"),
    },
    "Pipeline": {"PipelineNamePrefix": ({}, {}, "alp")},
    "Trial": {
        "ExperimentName": ({"ExperimentName": "e"}, {"ExperimentName": "f"}, "e"),
        "TrialComponentName": ({"_Components": ["x", "c"]}, {"_Components": ["d"]}, "c"),
    },
    "TrialComponent": {
        "ExperimentName": ({"_Experiments": ["e"]}, {}, "e"),
        "TrialName": ({"_Trials": ["t"]}, {"_Trials": ["u"]}, "t"),
        "SourceArn": ({"Source": {"SourceArn": PLAN}}, {}, PLAN),
    },
    "Context": {
        "SourceUri": ({"Source": {"SourceUri": "s3://a"}}, {"Source": {"SourceUri": "s3://b"}}, "s3://a"),
        "ContextType": ({"ContextType": "x"}, {"ContextType": "y"}, "x"),
    },
    "Action": {
        "SourceUri": ({"Source": {"SourceUri": "s3://a"}}, {"Source": {"SourceUri": "s3://b"}}, "s3://a"),
        "ActionType": ({"ActionType": "x"}, {"ActionType": "y"}, "x"),
    },
    "Artifact": {
        "SourceUri": ({"Source": {"SourceUri": "s3://a"}}, {"Source": {"SourceUri": "s3://b"}}, "s3://a"),
        "ArtifactType": ({"ArtifactType": "x"}, {"ArtifactType": "y"}, "x"),
    },
    "Association": {
        "SourceArn": ({"SourceArn": f"{ARN}:artifact/a"}, {"SourceArn": f"{ARN}:artifact/b"}, f"{ARN}:artifact/a"),
        "DestinationArn": (
            {"DestinationArn": f"{ARN}:context/a"},
            {"DestinationArn": f"{ARN}:action/b"},
            f"{ARN}:context/a",
        ),
        "SourceType": ({"SourceType": "x"}, {"SourceType": "y"}, "x"),
        "DestinationType": ({"DestinationType": "x"}, {}, "x"),
        "AssociationType": ({"AssociationType": "Produced"}, {"AssociationType": "SameAs"}, "Produced"),
    },
    "UserProfile": {"DomainIdEquals": ({"DomainId": "d-1"}, {"DomainId": "d-2"}, "d-1")},
    "Space": {"DomainIdEquals": ({"DomainId": "d-1"}, {"DomainId": "d-2"}, "d-1")},
    "NotebookInstance": {
        "NotebookInstanceLifecycleConfigNameContains": (
            {"NotebookInstanceLifecycleConfigName": "Nightly"},
            {"NotebookInstanceLifecycleConfigName": "weekly"},
            "night",
        ),
        "DefaultCodeRepositoryContains": (
            {"DefaultCodeRepository": "https://one/x"},
            {"DefaultCodeRepository": "https://two/x"},
            "one",
        ),
        "AdditionalCodeRepositoryEquals": (
            {"AdditionalCodeRepositories": ["one", "two"]},
            {"AdditionalCodeRepositories": ["onetwo"]},
            "two",
        ),
    },
    "StudioLifecycleConfig": {
        "AppTypeEquals": (
            {"StudioLifecycleConfigAppType": "JupyterLab"},
            {"StudioLifecycleConfigAppType": "CodeEditor"},
            "JupyterLab",
        )
    },
}
LISTED = sorted((kind for kind in KINDS.values() if "List" in kind.verbs), key=lambda kind: kind.name)
# Lists with their own handlers; their filters have tests beside the feature.
OTHERS = {
    "ListPipelineExecutionSteps",
    "ListPipelineExecutions",
    "ListPipelineParametersForExecution",
    "ListPipelineVersions",
    "ListTags",
    "ListTrainingJobsForHyperParameterTuningJob",
}


@pytest.fixture(scope="module", params=[False, True], ids=["filter first", "page first"])
def engine(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Engine]:
    behaviour = Behaviour(page_before_filter=request.param)
    with idle_engine(tmp_path_factory.mktemp("engine"), behaviour=behaviour) as engine:
        for kind in LISTED:
            filters = OWN.get(kind.name, {}).values()
            alpha, beta = ({k: v for case in filters for k, v in case[side].items()} for side in (0, 1))
            card = {"ModelCardName": "card"} if kind.name == "ModelCardVersion" else {}
            engine.store.insert(record(kind, "alpha", EARLY, {**alpha, **card}))
            engine.store.insert(record(kind, "beta", LATE, {**beta, **card}))
        for name in ("card", "other"):
            body = {"ModelCardName": name, "CreationTime": 1.0}
            engine.store.insert(Record("ModelCard", name, f"{ARN}:model-card/{name}", 1.0, 1.0, None, body))
        yield engine


def record(kind: ResourceKind, name: str, time: float, members: dict[str, Any]) -> Record:
    parents = {member: members.get(member, "d-1") for member in kind.parents}
    body = {kind.key: name, kind.arn_member: f"{ARN}:{kind.path}/{name}", **status_of(kind, name), **parents, **members}
    full = "/".join([*parents.values(), name])
    if kind.name == "ModelPackage":
        body["ModelPackageName"], full = name, f"{name}/1"
    body |= {"CreationTime": time, "LastModifiedTime": time, "_Which": name}
    return Record(kind.name, full, body[kind.arn_member], time, time, body.get(kind.status), body)


def status_of(kind: ResourceKind, name: str) -> dict[str, str]:
    """The first status of the service model for alpha, the second for beta."""
    known = values_of(kind, "StatusEquals") or ["A", "B"]
    return {kind.status: known[0 if name == "alpha" else 1]} if kind.status else {}


def values_of(kind: ResourceKind, member: str) -> list[str]:
    """The values of the service model for a member of a List's request."""
    shape = service_model.input_shape(kind.action("List")).members.get(member)
    return list(shape.enum) if isinstance(shape, StringShape) else []


def listed(engine: Engine, kind: ResourceKind, **request: Any) -> tuple[list[str], dict[str, str]]:
    """Which of the two a List returns, in its order, and its NextToken."""
    always = {"ModelCardVersion": {"ModelCardName": "card"}, "ModelPackage": {"ModelPackageType": "Both"}}
    member, _ = service_model.summary_list(kind.action("List"))
    answer = engine.call(kind.action("List"), {**always.get(kind.name, {}), **request})
    times = [each["CreationTime"] for each in answer.pop(member) if each["CreationTime"] in (EARLY, LATE)]
    return ["alpha" if time == EARLY else "beta" for time in times], answer


def found(engine: Engine, kind: ResourceKind, **request: Any) -> set[str]:
    return set(listed(engine, kind, **request, MaxResults=100)[0])


def filters_of(kind: ResourceKind) -> set[str]:
    return set(service_model.input_shape(kind.action("List")).members) - PAGING


def cases() -> Iterator[Any]:
    for kind in LISTED:
        for member in sorted(filters_of(kind)):
            yield pytest.param(kind, member, id=f"{kind.action('List')}-{member}")


@pytest.mark.parametrize(("kind", "member"), list(cases()))
def test_a_filter_finds_what_fits_and_leaves_out_what_does_not(engine: Engine, kind: ResourceKind, member: str) -> None:
    if member.endswith("NameContains") and member not in OWN.get(kind.name, {}):
        assert found(engine, kind, **{member: "LPH"}) == {"alpha"}
        assert found(engine, kind, **{member: "eta"}) == {"beta"}
        assert found(engine, kind, **{member: "d"}) == set(), "the domain's name is not the resource's"
        assert found(engine, kind, **{member: "1"}) == set(), "nor is its version"
    elif member.endswith("After"):
        assert found(engine, kind, **{member: BETWEEN}) == {"beta"}
        assert found(engine, kind, **{member: "1970-01-01T00:40:00Z"}) == set()
    elif member.endswith("Before"):
        assert found(engine, kind, **{member: BETWEEN}) == {"alpha"}
    elif member == "StatusEquals":
        assert found(engine, kind, **{member: status_of(kind, "alpha")[kind.status]}) == {"alpha"}
        assert found(engine, kind, **{member: status_of(kind, "beta")[kind.status]}) == {"beta"}
    elif (kind.name, member) == ("ModelCardVersion", "ModelCardName"):
        assert found(engine, kind, **{member: "card"}) == {"alpha", "beta"}
        assert found(engine, kind, **{member: "other"}) == set()
    elif member == "CrossAccountFilterOption":
        assert found(engine, kind, **{member: "SameAccount"}) == {"alpha", "beta"}
        assert found(engine, kind, **{member: "CrossAccount"}) == set()
    else:
        assert found(engine, kind, **{member: OWN[kind.name][member][2]}) == {"alpha"}


def orders() -> Iterator[Any]:
    for kind in LISTED:
        for by in values_of(kind, "SortBy"):
            yield pytest.param(kind, by, id=f"{kind.action('List')}-{by}")


@pytest.mark.parametrize(("kind", "by"), list(orders()))
def test_an_order_holds_both_ways_and_across_pages(engine: Engine, kind: ResourceKind, by: str) -> None:
    up, down = sorted(values_of(kind, "SortOrder"), key=str.lower)
    expected = sorted(["alpha", "beta"], key=lambda name: (sorted_by(engine, kind, by, name), name))
    for order, names in ((up, expected), (down, expected[::-1])):
        asked = {"SortBy": by, "SortOrder": order}
        assert [name for name in listed(engine, kind, **asked, MaxResults=100)[0] if name] == names
        pages, token = list[str](), dict[str, str]()
        for _ in range(4):
            page, token = listed(engine, kind, **asked, **token, MaxResults=1)
            pages += page
            if not token:
                break
        assert pages == names


def sorted_by(engine: Engine, kind: ResourceKind, by: str, name: str) -> str:
    """Alpha is before beta by its name, its times and, where the model lists statuses, by the first two of these."""
    body = next(each.body for each in every(engine, kind) if each.body.get("_Which") == name)
    if by in kind.sorts:
        return str(body.get(by, "") if by != "OfflineStoreStatus" else body[by]["Status"])
    return str(body[kind.status]) if by.lower().endswith("status") else ""


def every(engine: Engine, kind: ResourceKind) -> list[Record]:
    return engine.store.find(Query(kind.name))


def test_every_list_that_runs_is_in_one_of_the_two_tables(engine: Engine) -> None:
    lists = {action for action in engine.actions if action.startswith("List")}
    assert lists == {kind.action("List") for kind in LISTED} | OTHERS


def test_an_unsupported_filter_is_refused_by_name(engine: Engine) -> None:
    kind = replace(KINDS["TrainingJob"], filters={})
    with pytest.raises(NotImplementedAction, match="ListTrainingJobs with TrainingPlanArnEquals is not implemented"):
        engine.list(kind, {"TrainingPlanArnEquals": PLAN})
    with pytest.raises(NotImplementedAction, match="ListTrainingJobs sorted by Color is not implemented"):
        engine.list(kind, {"SortBy": "Color"})


@pytest.mark.parametrize("member", ["VisibilityConditions", "CrossAccountFilterOption"])
def test_search_applies_or_refuses_what_limits_it(engine: Engine, member: str) -> None:
    everything = engine.call("Search", {"Resource": "Model"})
    assert everything["TotalHits"]["Value"] == 2
    if member == "CrossAccountFilterOption":
        assert engine.call("Search", {"Resource": "Model", member: "CrossAccount"})["Results"] == []
        return
    with pytest.raises(NotImplementedAction, match=member):
        engine.call("Search", {"Resource": "Model", member: [{"Key": "a", "Value": "b"}]})


@pytest.mark.parametrize(
    "token", ["mine", "bnVsbA==", "W10=", "W3sieCI6MX0sMV0=", "WzEsMWU0MDBd", "A" * 8000, "W" * 8000]
)
@pytest.mark.parametrize("action", ["ListModels", "ListTags", "Search"])
def test_a_token_that_no_list_returned_is_refused(engine: Engine, action: str, token: str) -> None:
    rest = {"ListTags": {"ResourceArn": f"{ARN}:model/alpha"}, "Search": {"Resource": "Model"}}.get(action, {})
    with pytest.raises(ValidationException, match="Invalid NextToken"):
        engine.call(action, {**rest, "NextToken": token})
