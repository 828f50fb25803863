from typing import Any

import pytest
from pydantic import ValidationError

from config.retraining import Retraining


def test_by_default_a_loss_retrains_at_most_once_a_day_and_drift_does_not() -> None:
    plain = Retraining()
    assert (plain.loss, plain.on_drift, plain.cool_down_hours, plain.at_most_per_day) == (0.05, False, 24, 1)


@pytest.mark.parametrize(
    "changes",
    [
        {"loss": 0}, {"loss": -1}, {"loss": "0.1"}, {"at_most_per_day": 0}, {"at_most_per_day": 25},
        {"cool_down_hours": -1}, {"debounce_minutes": 1441}, {"on_drifts": True},
    ],
)  # fmt: skip
def test_a_value_out_of_its_range_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Retraining.model_validate(changes)
