"""A registered version has a card, which follows decisions: a page, and a ModelCard in SageMaker."""

import json
from pathlib import Path
from typing import Any

import pytest

from config.use_case import UseCase
from tasks import clients, names, storage
from tasks.model_card.publish import refresh_card
from tasks.platform import platform
from tasks.release.decision import decide
from tests.tasks.model_card.cards import registered
from tests.tasks.release.conftest import releasing
from tests.tasks.releases import new_release, new_use_case


@pytest.fixture
def case(bucket: str) -> UseCase:
    return new_use_case()


def card_of(case: UseCase, version: int) -> dict[str, Any]:
    name = names.model_card(platform().model_package_group(case.name), version)
    return dict(clients.sagemaker().describe_model_card(ModelCardName=name))


def custom_details(card: dict[str, Any]) -> dict[str, str]:
    return dict(json.loads(card["Content"])["additional_information"]["custom_details"])


def test_a_version_has_a_page_and_a_model_card_that_sagemaker_s_own_classes_read(case: UseCase) -> None:
    from sagemaker.core.shapes.model_card_shapes import ModelCardContent

    release = registered(case)
    assert release.card and release.card_uri
    assert Path(release.card).read_bytes() == storage.get(release.card_uri)
    card = card_of(case, 1)
    assert (card["ModelCardStatus"], card["ModelCardVersion"]) == ("Approved", 1)
    read = ModelCardContent.model_validate_json(card["Content"])
    assert read.evaluation_details and read.additional_information and read.additional_information.custom_details
    groups = {group.name: group for group in read.evaluation_details[0].metric_groups or []}
    assert [(each.name, each.value) for each in groups["held-out rows"].metric_data] == [("roc_auc", 0.8)]
    known = read.additional_information.custom_details
    assert (known["card"], known["model_package_arn"]) == (release.card_uri, release.model_package_arn)
    assert "passes every gate" in known["approval"]


def test_a_repeated_run_makes_no_version_of_the_card(case: UseCase) -> None:
    release = registered(case)
    assert refresh_card(case, release.model_package_arn)
    assert card_of(case, 1)["ModelCardVersion"] == 1


def test_the_card_follows_a_person_s_decision_with_its_author_and_entry_of_the_audit_log(bucket: str) -> None:
    case = releasing(new_use_case(), approval="manual")
    release = registered(case)
    assert card_of(case, 1)["ModelCardStatus"] == "PendingReview"
    decide(case, 1, approve=True, name="Ada", reason="it is fair")
    card = refresh_card(case, release.model_package_arn)
    now = card_of(case, 1)
    custom = custom_details(now)
    assert (now["ModelCardStatus"], custom["approval"]) == ("Approved", "approved: approved by Ada: it is fair")
    assert card and f"Entry {custom['approval_audit_entry']} of the audit log" in card.html
    assert "by a person: approved by Ada: it is fair" in card.html


def test_a_rejected_version_s_card_is_a_draft_with_the_reasons(case: UseCase) -> None:
    registered(case)
    registered(case, value=0.55)
    card = card_of(case, 2)
    assert card["ModelCardStatus"] == "Draft"
    assert (
        "roc_auc ≥ 0.6: found 0.5500"
        in json.loads(card["Content"])["additional_information"]["custom_details"]["approval"]
    )


def test_a_version_that_was_registered_without_a_card_stays_without_one(case: UseCase) -> None:
    release = new_release(case, 0.8)
    assert refresh_card(case, release.model_package_arn) is None
