import pytest

from config.errors import GateError
from flows.compound_stages import register
from tasks.platform import platform
from tasks.sagemaker.registry import newest_packages
from tests.tasks.model_card.cards import a_validated
from tests.tasks.releases import new_evaluation, new_model, new_split, new_use_case, of_split


def test_models_and_evaluations_of_another_split_are_refused_before_the_registration(bucket: str) -> None:
    case = new_use_case()
    split, other = new_split(case), new_split(case)
    model, stranger = new_model(case, split), new_model(case, other)
    evaluation = new_evaluation(case, model, 0.8)
    with pytest.raises(GateError, match=f"of split {other.digest}, found split {split.digest}"):
        register(case, a_validated(), other, of_split(other, stranger), evaluation)
    with pytest.raises(GateError, match="the model of candidate logistic of split"):
        register(case, a_validated(), split, of_split(split, model, stranger), evaluation)
    assert newest_packages(platform().model_package_group(case.name)) == []
