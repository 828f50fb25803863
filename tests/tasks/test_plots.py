from xml.etree import ElementTree

import pytest

from tabular.evidence import calibration, curves, importance, points, shap
from tasks import locations, plots, storage
from tasks.plots import classes, columns, figures, numbers, training
from tests.scripts.evidence.judged_rows import answered, asked, binary
from tests.tasks.releases import POINTS, new_evaluation, new_model, new_split, new_use_case


def texts_of(svg: str) -> set[str | None]:
    return {element.text for element in ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")}  # noqa: S314


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


def test_each_kind_of_evidence_has_its_plots_with_the_names_of_columns_and_classes() -> None:
    judged = asked("xgboost")
    found = {
        "points": points.points(judged), "curves": curves.evidence(judged), "shap": shap.evidence(judged),
        "calibration": calibration.evidence(judged), "importance": importance.evidence(judged),
        "learning_curve": {"metric": "roc_auc", "rows": [10, 20], "train": [0.9, 0.8], "validation": [0.6, 0.7]},
    }  # fmt: skip
    drawn = plots.draw(found)
    assert list(drawn) == [name for name in plots.DRAWN if name not in ("predictions", "residuals")]
    for svg in drawn.values():
        ElementTree.fromstring(svg)  # noqa: S314  # our own text
    assert "hours" in drawn["SHAP values"]
    assert "hours" in drawn["permutation importance"]
    assert "yes" in drawn["calibration"]
    assert {"roc_auc", "training rows", "train rows", "validation rows"} <= texts_of(drawn["learning curve"])


def test_a_confusion_matrix_by_a_threshold_names_it() -> None:
    judged = answered(*binary(60), threshold=0.25)
    assert "predicted (yes above 0.25)" in plots.draw({"points": points.points(judged)})["confusion matrix"]


def test_a_plot_is_drawn_by_the_module_of_its_subject() -> None:
    drawing = {name: plot for name, (_, _, plot) in plots.DRAWN.items()}
    assert drawing["calibration"] is classes.calibration
    assert drawing["residuals"] is numbers.residuals
    assert drawing["SHAP values"] is columns.shap
    assert drawing["learning curve"] is training.learning_curve
    assert figures.plain("$5") == r"\$5"


@pytest.mark.parametrize("count", [3, 40])
def test_a_plot_of_many_columns_shows_the_first_and_how_many_there_are(count: int) -> None:
    values = {f"column {number} with a name that is long": float(count - number) for number in range(count)}
    svg = plots.draw({"shap": {"columns": values, "unit": "log-odds"}})["SHAP values"]
    assert svg.count("column ") >= min(count, columns.SHOWN)
    assert ("(15 of 40)" in svg) is (count == 40)


def test_names_with_marks_of_html_and_of_formulas_are_text() -> None:
    names = ["<script>", r"$\bad$", "$5 to $10"]
    svg = plots.draw({"shap": {"columns": dict.fromkeys(names, 1.0), "unit": "log-odds"}})["SHAP values"]
    assert texts_of(svg) >= set(names)
    curve = {name: {"fpr": [0.0, 1.0], "tpr": [0.0, 1.0]} for name in names}
    drawn = plots.draw({"points": {"classes": names, "confusion": [[1, 0, 0]] * 3, "roc": curve}})
    assert all(r"$\bad$" in each for each in drawn.values())
