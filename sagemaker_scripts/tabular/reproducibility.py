"""States whether a training job can be repeated with the same result."""

import numpy
import sklearn
import xgboost

from tabular.pipelines import SEEDLESS
from tabular.recipe import Recipe


def reproducibility(recipe: Recipe) -> str:
    """Return one line: what gives the same model again, or why nothing does.

    A job with the same rows, code, hyperparameters, seed, number of threads and versions writes files with the same
    bytes. With another number of threads, or on another kind of processor, floats are added in another order.
    """
    seed = recipe.hyperparameters.get("random_state", recipe.contract.seed)
    if seed is None and recipe.algorithm not in SEEDLESS:
        return "Not reproducible: random_state is null, so each job draws other random numbers"
    versions = f"NumPy {numpy.__version__}, scikit-learn {sklearn.__version__}, XGBoost {xgboost.__version__}"
    return f"Reproducible with seed {seed}, {recipe.threads} thread(s), {versions}"
