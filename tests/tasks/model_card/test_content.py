"""What SageMaker's ModelCard of a version holds."""

from typing import Any

import pytest

from tasks.model_card.content import LONG, VALUE, content, cut
from tasks.model_card.decisions import Decisions
from tasks.model_card.facts import CardFacts
from tests.references import a_model
from tests.tasks.model_card.cards import facts
from tests.tasks.pages.runs import PACKAGE, evaluation

PENDING = Decisions(status="pending", reason="waits for a person", by_person=False, entries=())


def card(known: CardFacts) -> dict[str, Any]:
    return content(known, {"ModelPackageArn": PACKAGE}, PENDING, ["It is new."], "s3://b/card.html")


def test_only_the_held_out_metrics_have_their_intervals() -> None:
    (held_out,) = card(facts())["evaluation_details"]
    groups = {group["name"]: group["metric_data"] for group in held_out["metric_groups"]}
    assert {name: [each["value"] for each in metrics] for name, metrics in groups.items()} == {
        "held-out rows": [0.7544, 0.7012, 0.8123],
        "naive prediction": [0.61, 0.5],
        "champion before": [0.79],
    }
    noted = {(name, each["name"]): each["notes"] for name, group in groups.items() for each in group if "notes" in each}
    assert noted == {
        ("held-out rows", "f1"): "0.6100 to 0.7800 at 95% (bootstrap)",
        ("held-out rows", "roc_auc"): "0.7251 to 0.8896 at 95% (bootstrap)",
    }


def test_hyperparameters_have_a_text_that_sagemaker_accepts() -> None:
    model = a_model(candidate="logistic", hyperparameters={"C": 0.3, "solver": "", "words": "x" * 300})
    details = card(facts(evaluation=evaluation(model=model)))["training_details"]["training_job_details"]
    found = {each["name"]: each["value"] for each in details["hyper_parameters"]}
    assert found == {"C": "0.3", "solver": "empty", "words": "x" * (VALUE - 1) + "…"}


@pytest.mark.parametrize(("characters", "expected"), [(LONG, "x" * LONG), (LONG + 1, "x" * (LONG - 1) + "…")])
def test_a_text_is_cut_only_when_it_is_too_long(characters: int, expected: str) -> None:
    assert cut("x" * characters, LONG) == expected
