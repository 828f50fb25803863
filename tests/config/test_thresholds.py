from typing import Any

import pytest
from pydantic import ValidationError

from config.thresholds import Quality


@pytest.mark.parametrize("share", [0, 1])
def test_none_or_all_of_a_batch_may_be_quarantined(share: float) -> None:
    assert Quality.model_validate({"minimum_rows": 1, "maximum_quarantined_share": share})


@pytest.mark.parametrize("changes", [{"minimum_rows": 0}, {"maximum_quarantined_share": 1.01}, {"minimum_rows": 1.5}])
def test_a_gate_that_means_nothing_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Quality.model_validate({"minimum_rows": 1, "maximum_quarantined_share": 0.1, **changes})
