from tasks import locations, plots, storage
from tests.tasks.releases import POINTS, new_evaluation, new_model, new_split, new_use_case


def test_the_plots_of_an_evaluation_are_drawn_once_and_read_afterwards(bucket: str) -> None:
    case = new_use_case()
    uri = f"{locations.evaluations(case.name)}/another/evaluation.json"
    storage.put_json(uri, {"points": POINTS})
    evaluation = new_evaluation(case, new_model(case, new_split(case)), 0.8).model_copy(update={"uri": uri})
    drawn = plots.stored(evaluation)
    assert {name: svg[:4] for name, svg in drawn.items()} == {"confusion matrix": "<svg", "ROC": "<svg"}
    storage.put_json(uri, {"points": "no plot can be drawn of these"})
    assert plots.stored(evaluation) == drawn


def test_a_regression_has_other_plots() -> None:
    drawn = plots.draw({"points": {"truth": [1.0, 2.0, 3.0], "predicted": [1.5, 2.0, 2.5]}})
    assert {name: svg[:4] for name, svg in drawn.items()} == {"predictions": "<svg", "residuals": "<svg"}
