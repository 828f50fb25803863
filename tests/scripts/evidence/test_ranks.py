import numpy as np
from scipy.stats import rankdata

from tabular.evidence.ranks import ranks_of


def test_ranks_are_those_of_scipy_with_the_mean_for_equal_values() -> None:
    values = np.random.default_rng(1).integers(0, 40, 200)
    assert ranks_of(values).tolist() == rankdata(values).tolist()
