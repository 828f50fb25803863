"""A wildcard in an action is refused unless it is listed here."""

import re

from tasks.platform.terraform import SOURCE

ALLOWED = {
    # The account's own IAM decides who may use a key (KMS, "Default key policy").
    "modules/key/main.tf": ["kms:*"],
    # The boundary's ceilings, every action of MLflow on one server, and what it denies outside its region and in the
    # audit log.
    "modules/identity/boundary.tf": ["*", "sagemaker:*", "ecs:*", "ec2:*", "s3:*"],
    # A prefix of a whole bucket, which is no action.
    "modules/identity/main.tf": ["*"],
    # The interface endpoints' policy: any action, but only of the account's principals; their roles decide the rest.
    "modules/network/endpoints.tf": ["*"],
    # Denied without TLS.
    "modules/bucket/policy.tf": ["s3:*"],
    "modules/observability/queues.tf": ["sqs:*"],
}
ELSEWHERE = re.compile(r"\b(Resource|Principal|NotResource|pathexpand|fileset)\b")
WILDCARD = re.compile(r'"(\*|[a-z0-9-]+:\*)"')


def wildcards(text: str) -> list[str]:
    return [found for line in text.splitlines() if not ELSEWHERE.search(line) for found in WILDCARD.findall(line)]


def test_no_policy_allows_a_whole_service_that_is_not_listed() -> None:
    found = {
        path.relative_to(SOURCE).as_posix(): wildcards(path.read_text())
        for path in SOURCE.rglob("*.tf")
        if ".terraform" not in path.parts
    }
    assert {path: actions for path, actions in found.items() if actions} == ALLOWED


def test_a_wildcard_is_found() -> None:
    assert wildcards('Action = ["ecs:StopTask", "*",') == ["*"]
    assert wildcards('Action   = "iam:*"\nResource = "*"') == ["iam:*"]
