"""tests/scripts/test_reproducible_files.py compares the files themselves."""

from typing import Any

import pytest
import sklearn

from tabular.recipe import Recipe
from tabular.reproducibility import reproducibility
from tests.scripts.models import contract


def stated(algorithm: str, **hyperparameters: Any) -> str:
    return reproducibility(Recipe(contract("xgboost"), algorithm, hyperparameters, 3))


def test_it_names_seed_threads_and_versions() -> None:
    assert stated("xgboost").startswith("Reproducible with seed 1, 3 thread(s), NumPy ")
    assert f"scikit-learn {sklearn.__version__}" in stated("xgboost")
    assert "seed 7," in stated("random_forest", random_state=7)


@pytest.mark.parametrize("algorithm", ["random_forest", "xgboost", "neural_network"])
def test_a_null_seed_is_the_reason_why_a_job_can_t_be_repeated(algorithm: str) -> None:
    assert stated(algorithm, random_state=None).startswith("Not reproducible: random_state is null")
