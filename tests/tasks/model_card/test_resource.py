"""The ModelCard in SageMaker is made once, and gets a version only for what differs."""

from typing import Any

import pytest

from config.use_case import UseCase
from tasks import clients
from tasks.model_card.resource import ensure_card
from tasks.platform import platform
from tests.tasks.releases import new_use_case


@pytest.fixture
def case(bucket: str) -> UseCase:
    return new_use_case()


def card(case: UseCase, status: str, description: str) -> dict[str, Any]:
    """The card after it is ensured with this description."""
    name = ensure_card(case.name, 1, status, {"model_overview": {"model_description": description}})
    return dict(clients.sagemaker().describe_model_card(ModelCardName=name))


def test_a_new_card_has_the_status_of_the_approval_and_the_use_case_as_its_tag(case: UseCase) -> None:
    found = card(case, "pending", "first")
    assert (found["ModelCardStatus"], found["ModelCardVersion"]) == ("PendingReview", 1)
    assert found["Content"] == '{"model_overview": {"model_description": "first"}}'
    tags = clients.sagemaker().list_tags(ResourceArn=found["ModelCardArn"])["Tags"]
    assert {"Key": "use-case", "Value": case.name} in tags


def test_a_card_has_terraform_s_tags_and_the_data_key(case: UseCase) -> None:
    found = card(case, "pending", "first")
    tags = clients.sagemaker().list_tags(ResourceArn=found["ModelCardArn"])["Tags"]
    assert platform().tags
    assert [{"Key": key, "Value": value} for key, value in platform().tags.items() if key != "use-case"] == [
        tag for tag in tags if tag["Key"] in platform().tags
    ]
    assert found["SecurityConfig"] == {"KmsKeyId": platform().data_key}


def test_content_and_status_follow_later_calls_and_equal_calls_make_no_version(case: UseCase) -> None:
    first = card(case, "pending", "first")
    assert card(case, "pending", "first")["ModelCardVersion"] == first["ModelCardVersion"]
    later = card(case, "approved", "second")
    assert later["ModelCardStatus"] == "Approved"
    assert "second" in later["Content"]
    assert card(case, "approved", "second")["ModelCardVersion"] == later["ModelCardVersion"] > 1
