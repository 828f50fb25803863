"""What AWS refuses reaches a person with the action, the resource and what to do."""

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError, NoCredentialsError

from config.errors import AccessDenied, BadCredentials, QuotaExceeded, Unavailable, VishwaOpsError
from flows.commands.failures import describe
from tasks import clients
from tasks.denials import POLICIES
from tasks.refusals import explained_error
from tests.aws_answers import answering, client, refusal, s3_refusal

ROLE = "arn:aws:sts::111122223333:assumed-role/vishwaops-dev-flow/run"
JOB = "arn:aws:sagemaker:us-east-1:111122223333:training-job/one"
TRAINING_QUOTA = (
    "The account-level service limit 'ml.m5.large for training job usage' is {limit} Instances, with current "
    "utilization of {used} Instances and a request delta of {delta} Instances. Please use AWS Service Quotas to "
    "request an increase for this quota. If AWS Service Quotas is not available, contact AWS support to request an "
    "increase for this quota."
)


@pytest.fixture(scope="module", autouse=True)
def session() -> Iterator[None]:
    """A separate session with keys."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ACCESS_KEY_ID", "test")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "test")
        clients.session.cache_clear()
        yield
        clients.session.cache_clear()


def stop_job(answer: tuple[int, bytes]) -> None:
    with answering(answer) as fake:
        client("sagemaker", fake.url).stop_training_job(TrainingJobName="one")


def denied(why: str) -> tuple[int, bytes]:
    message = f"User: {ROLE} is not authorized to perform: sagemaker:StopTrainingJob on resource: {JOB} {why}"
    return refusal("AccessDeniedException", message)


def test_a_denied_call_names_the_role_the_action_the_resource_and_where_to_add_it() -> None:
    why = "because no identity-based policy allows the sagemaker:StopTrainingJob action"
    with pytest.raises(AccessDenied) as found:
        stop_job(denied(why))
    assert describe(found.value) == (
        f"AWS denies sagemaker:StopTrainingJob on {JOB} to {ROLE}: no identity-based policy allows the "
        "sagemaker:StopTrainingJob action. Add the action to the role's policy (terraform/modules/identity), or use a "
        "role that has it"
    )


@pytest.mark.parametrize("policy", POLICIES)
def test_the_remedy_is_that_of_the_policy_that_denies(policy: str) -> None:
    with pytest.raises(AccessDenied) as found:
        stop_job(denied(f"with an explicit deny in a {policy}"))
    assert str(found.value).endswith(POLICIES[policy])


def test_a_role_that_may_not_be_passed_is_named() -> None:
    role = "arn:aws:iam::111122223333:role/vishwaops-dev-job"
    message = f"User: {ROLE} is not authorized to perform: iam:PassRole on resource: {role} because no policy allows it"
    with pytest.raises(AccessDenied, match=rf"AWS denies iam:PassRole on {role} to {ROLE}"):
        stop_job(refusal("AccessDeniedException", message))


@pytest.mark.parametrize(
    ("call", "action"),
    [
        (lambda s3: s3.get_object(Bucket="b", Key="k"), "s3:GetObject on s3://b/k"),
        (lambda s3: s3.head_object(Bucket="b", Key="k"), "s3:GetObject on s3://b/k"),
        (lambda s3: s3.put_object(Bucket="b", Key="k", Body=b"x"), "s3:PutObject on s3://b/k"),
        (lambda s3: s3.list_objects_v2(Bucket="b", Prefix="p/"), "s3:ListBucket on s3://b/p/"),
    ],
)
def test_s3_says_only_access_denied_and_the_call_is_named(call: Any, action: str) -> None:
    with answering(s3_refusal("AccessDenied", "Access Denied")) as fake, pytest.raises(AccessDenied, match=action):
        call(client("s3", fake.url))


def test_the_action_of_a_service_that_signs_by_another_name_is_iam_s() -> None:
    with (
        answering(refusal("AccessDeniedException", "no", 403)) as fake,
        pytest.raises(AccessDenied, match="cloudwatch:PutMetricData on VishwaOps"),
    ):
        metrics: Any = [{"MetricName": "Rows", "Value": 1}]
        client("cloudwatch", fake.url).put_metric_data(Namespace="VishwaOps", MetricData=metrics)


@pytest.mark.parametrize("code", ["ExpiredTokenException", "UnrecognizedClientException", "InvalidSignatureException"])
def test_credentials_that_have_expired_ask_for_a_new_sign_in(code: str) -> None:
    with pytest.raises(BadCredentials, match=rf"found: {code}: no. Sign in again .* it uses the jobs that exist"):
        stop_job(refusal(code, "no."))


def test_missing_credentials_are_an_error_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    keys = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
    for name in (*keys, "AWS_PROFILE", "AWS_DEFAULT_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    clients.session.cache_clear()
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    with pytest.raises(BadCredentials, match="Unable to locate credentials") as found:
        stop_job((200, b"{}"))
    assert isinstance(found.value.__cause__, NoCredentialsError)
    clients.session.cache_clear()


def test_a_quota_that_is_in_use_may_pass_and_one_that_is_too_small_never_does() -> None:
    with pytest.raises(QuotaExceeded) as busy:
        stop_job(refusal("ResourceLimitExceeded", TRAINING_QUOTA.format(limit=1, used=1, delta=1)))
    assert busy.value.may_pass
    assert str(busy.value) == (
        "StopTrainingJob one: expected 1 free of the quota 'ml.m5.large for training job usage', found 1 of 1 in use. "
        "To raise it, request an increase in Service Quotas (region us-east-1), or choose another instance type in "
        "config/profiles/"
    )
    with pytest.raises(QuotaExceeded, match="found 0 of 0 in use") as small:
        stop_job(refusal("ResourceLimitExceeded", TRAINING_QUOTA.format(limit=0, used=0, delta=1)))
    assert not small.value.may_pass


def test_a_quota_with_another_message_is_shown_as_aws_says_it() -> None:
    with pytest.raises(QuotaExceeded, match=r"AWS refuses StopTrainingJob: Too many tags\. To raise it") as found:
        stop_job(refusal("ResourceLimitExceeded", "Too many tags."))
    assert not found.value.may_pass


@pytest.mark.parametrize(
    ("code", "status", "says"),
    [
        ("ThrottlingException", 400, "AWS refuses for now StopTrainingJob one: ThrottlingException: no. Run"),
        ("InternalFailure", 500, "AWS fails in StopTrainingJob one: InternalFailure: no. Run the command again"),
    ],
)
def test_throttling_and_an_internal_error_ask_for_another_run(code: str, status: int, says: str) -> None:
    with pytest.raises(Unavailable, match=says):
        stop_job(refusal(code, "no.", status))


@pytest.mark.parametrize(("code", "status"), [("ValidationException", 400), ("NotImplementedException", 501)])
def test_another_refusal_is_the_caller_s_to_decide_on(code: str, status: int) -> None:
    with pytest.raises(ClientError, match=code) as found:
        stop_job(refusal(code, "no", status))
    assert not isinstance(found.value, VishwaOpsError)
    assert describe(found.value) == f"AWS refuses StopTrainingJob: {code}: no"


def test_an_error_of_a_library_s_own_client_is_explained_in_the_same_way() -> None:
    answer: Any = {"Error": {"Code": "ExpiredToken", "Message": "old"}, "ResponseMetadata": {"HTTPStatusCode": 400}}
    assert isinstance(explained_error(ClientError(answer, "PutObject")), BadCredentials)
    assert explained_error(ValueError("no")) is None
