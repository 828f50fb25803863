import math

import pytest

from flows.commands.reproduce import report
from tasks.reproduction.comparison import Figure, Files, Reproduction, different_files, figures

ARN = "arn:aws:sagemaker:us-east-1:000000000000:model-package/case/3"
REPRODUCIBLE = "Reproducible with seed 1, 2 thread(s), NumPy 1"
SAME = Files(3, (), REPRODUCIBLE)


def result(*compared: Figure, files: Files = SAME) -> Reproduction:
    return Reproduction(ARN, ("training", "evaluation"), compared, files)


@pytest.mark.parametrize(
    ("recorded", "again", "same"),
    [
        (0.8, 0.8 + 9e-10, True),
        (0.8, 0.8 - 2e-9, False),
        (None, None, True),
        (0.8, None, False),
        (None, 0.8, False),
    ],
)
def test_metrics_are_the_same_to_1e_9_or_both_undefined(
    recorded: float | None, again: float | None, same: bool
) -> None:
    assert Figure("f1", recorded, again).same is same


def test_metrics_of_both_are_compared_and_nan_is_undefined() -> None:
    assert list(figures("test:", {"f1": 0.5, "mape": math.nan}, {"f1": 0.5, "rmse": 1.0})) == [
        Figure("test:f1", 0.5, 0.5), Figure("test:mape", None, None), Figure("test:rmse", None, 1.0),
    ]  # fmt: skip


def test_files_differ_by_content_or_by_being_in_one_model_only() -> None:
    assert different_files({"a": "1", "b": "2", "c": "3"}, {"a": "1", "b": "9", "d": "4"}) == ("b", "c", "d")


def test_a_reproduction_shows_each_metric_and_ends_with_0(capsys: pytest.CaptureFixture[str]) -> None:
    assert report(result(Figure("test:f1", 0.5, 0.5), Figure("test:mape", None, None))) == 0
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert lines[:3] == [
        "metric recorded again difference",
        "test:f1 0.500000000 0.500000000 0.0e+00",
        "test:mape undefined undefined 0.0e+00",
    ]
    assert lines[3] == (
        f"{ARN}: reproduced: 2 metrics are the same (largest difference 0.0e+00, allowed 1e-09); "
        "all 3 files have the same bytes"
    )


def test_a_metric_that_differs_is_named_and_ends_with_1(capsys: pytest.CaptureFixture[str]) -> None:
    assert report(result(Figure("test:f1", 0.5, 0.5), Figure("test:auc", 0.5, 0.6))) == 1
    assert "not reproduced: 1 of 2 metrics differ: test:auc" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("statement", "same", "said"),
    [
        (REPRODUCIBLE, False, "files of the model have other bytes: 0, 1, 2, 3, 4 and 1 more"),
        ("Not reproducible: random_state is null", True, "6 files have other bytes (Not reproducible: random_state"),
        ("", True, "6 files have other bytes (the log of its training job is gone)"),
    ],
)
def test_other_bytes_count_where_the_log_promises_the_same(statement: str, same: bool, said: str) -> None:
    found = result(Figure("test:f1", 0.5, 0.5), files=Files(9, tuple("012345"), statement))
    assert (found.same, said in found.verdict) == (same, True)
