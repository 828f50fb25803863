"""A challenger that treats one group differently, from its evaluation by a real job to the registry."""

import copy

import numpy as np

from tabular.artefact import Artefact
from tabular.job_settings import FILE
from tasks import job_settings, storage
from tasks.evaluate import evaluate
from tests.endpoints import packed
from tests.scripts.models import COLUMNS, rows, small_model
from tests.tasks.releases import new_model, new_split, new_use_case, of_split, take_steps

FEATURES = ["age", "hours", "colour", "origin"]
RULES = {
    "primary": "roc_auc",
    "gates": [{"metric": "roc_auc", "at_least": 0.6}],
    "leakage": None,  # `hours` alone tells `passed`
    "fairness": {"columns": ["origin"], "bounds": [{"metric": "selection_rate_difference", "at_most": 0.2}]},
}


def shifted(model: Artefact, column: str, by: float) -> Artefact:
    """The same model with other log-odds of the rows with the last category of a column."""
    pipeline = copy.deepcopy(model.pipeline)
    names = list(pipeline[:-1].get_feature_names_out())
    place = [number for number, name in enumerate(names) if column in name][-1]
    pipeline[-1].coef_[0, place] += by
    return Artefact(pipeline, model.contract, model.baseline)


def test_a_challenger_whose_predictions_are_shifted_for_one_group_is_refused_with_its_reason(bucket: str) -> None:
    case, model = new_use_case(columns=COLUMNS, features=FEATURES, evaluation=RULES), small_model()
    frame, split = rows(model.contract, 300, seed=5), new_split(case)
    storage.put(f"{split.test_uri}/data.parquet", storage.parquet(frame))
    biased = shifted(model, "origin", by=-8.0)
    trained = new_model(case, split, packed(biased))
    evaluation = evaluate.fn(case, split, trained, None)
    release = take_steps(case, split, of_split(split, trained), evaluation)

    found = evaluation.fairness["origin"]["selection_rate_difference"]
    differences = [_difference(each.output(frame), frame["origin"].to_numpy()) for each in (model, biased)]
    assert differences[0] < 0.2 < found.low < found.value < found.high
    assert np.isclose(found.value, differences[1])
    assert not release.approved
    expected = f"selection_rate_difference ≤ 0.2 between the groups of origin: found {found}"
    assert release.reasons == (expected,)  # it is good enough for everything else


def test_a_job_gets_the_groups_and_a_changed_bound_repeats_none(bucket: str) -> None:
    case = new_use_case(columns=COLUMNS, features=FEATURES, evaluation=RULES)
    settings = storage.get_json(f"{job_settings.publish(case)}/{FILE}")
    assert settings["groups"] == {"origin": {"categories": ["no", "yes"]}}
    assert settings["evaluation"]["fairness"]["minimum_rows"] == 30
    fairness = case.evaluation.fairness.model_copy(update={"bounds": ()}) if case.evaluation.fairness else None
    changed = case.model_copy(update={"evaluation": case.evaluation.model_copy(update={"fairness": fairness})})
    assert job_settings.publish(changed) == job_settings.publish(case)
    assert "groups" not in storage.get_json(f"{job_settings.publish(new_use_case())}/{FILE}")


def _difference(output: np.ndarray, group: np.ndarray) -> float:
    chosen = output.argmax(axis=1) == 1
    return float(abs(chosen[group == "yes"].mean() - chosen[group == "no"].mean()))
