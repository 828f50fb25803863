import re

import numpy as np
import pytest

from tabular.contract import Contract
from tabular.training_report import report
from tests.scripts.models import contract


def even(rows: int) -> np.ndarray:
    """(rows, 2) equal probabilities."""
    return np.full((rows, 2), 0.5)


@pytest.fixture
def terms() -> Contract:
    return contract("xgboost")


def test_each_metric_is_a_line_that_a_metric_definition_can_read(
    terms: Contract, capsys: pytest.CaptureFixture[str]
) -> None:
    report(terms, "validation", np.array([0, 1]), np.eye(2))
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 8
    assert all(re.fullmatch(r"validation:\w+=[01]\.000000;", line) for line in lines)


def test_a_job_ends_with_the_reason_why_its_deciding_metric_is_undefined(
    terms: Contract, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match=r"roc_auc of the validation rows is undefined: .* found none of no among 3"):
        report(terms, "validation", np.array([1, 1, 1]), even(3))
    printed = capsys.readouterr().out
    assert "validation:accuracy=" in printed
    assert "validation: roc_auc is undefined" in printed
    assert "nan" not in printed


def test_an_undefined_metric_of_the_training_rows_ends_no_job(terms: Contract) -> None:
    found = report(terms, "train", np.array([1, 1, 1]), even(3))
    assert set(found) == {f"train:{name}" for name in ("accuracy", "precision", "recall", "f1", "log_loss", "brier")}
