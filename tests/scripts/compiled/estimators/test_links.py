import numpy as np
import pytest
from scipy import special

from tabular.compiled.estimators.links import expit, softmax

SCORES = np.array([[0.0, 1.0, -2.0], [1000.0, 999.0, -1000.0], [-1000.0, -1000.0, -1000.0]])


def test_probabilities_are_scipy_s_and_sum_to_one_for_extreme_scores_too() -> None:
    assert np.allclose(softmax(SCORES), special.softmax(SCORES, axis=1), rtol=1e-12)
    assert softmax(SCORES).sum(axis=1).tolist() == pytest.approx([1, 1, 1])
    assert np.allclose(expit(SCORES), special.expit(SCORES), rtol=1e-12)


@pytest.mark.filterwarnings("error")
def test_extreme_scores_give_no_warning() -> None:
    assert expit(np.array([-1e6, 1e6])).tolist() == [0, 1]
    assert softmax(np.array([[-1e6, 1e6]])).tolist() == [[0, 1]]
