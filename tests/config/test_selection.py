"""The selection and the reduction of features in a use case."""

from typing import Any

import pytest
from pydantic import ValidationError

from config.training import Training


@pytest.mark.parametrize(
    ("content", "mistake"),
    [
        ({"selection": {}}, "expected variance, mutual_information or permutation; found none"),
        ({"selection": {"variance": None}}, "expected variance, mutual_information or permutation; found none"),
        ({"selection": {"variance": -1}}, "greater than or equal to 0"),
        ({"selection": {"mutual_information": 0}}, "greater than or equal to 1"),
        ({"selection": {"permutation": {"repeats": 0}}}, "greater than or equal to 1"),
        ({"reduction": {}}, "expected either components or variance; found neither"),
        ({"reduction": {"components": 3, "variance": 0.5}}, "expected either components or variance; found both"),
        ({"reduction": {"variance": 1}}, "less than 1"),
    ],
)
def test_a_selection_selects_by_something_and_a_reduction_has_one_size(content: dict[str, Any], mistake: str) -> None:
    with pytest.raises(ValidationError, match=mistake):
        Training.model_validate(content)


def test_a_permutation_has_defaults() -> None:
    found = Training.model_validate({"selection": {"permutation": {}}}).selection
    assert found
    assert found.permutation
    assert (found.permutation.above, found.permutation.repeats) == (0.0, 5)
