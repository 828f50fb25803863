from typing import Any

import pytest
from pydantic import ValidationError

from config.thresholds import Monitoring, Quality

MONITORING = {"psi_warning": 0.1, "psi_drift": 0.25, "minimum_rows": 10}


@pytest.mark.parametrize("share", [0, 1])
def test_none_or_all_of_a_batch_may_be_quarantined(share: float) -> None:
    assert Quality.model_validate({"minimum_rows": 1, "maximum_quarantined_share": share})


@pytest.mark.parametrize("changes", [{"minimum_rows": 0}, {"maximum_quarantined_share": 1.01}, {"minimum_rows": 1.5}])
def test_a_gate_that_means_nothing_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Quality.model_validate({"minimum_rows": 1, "maximum_quarantined_share": 0.1, **changes})


def test_the_warning_comes_before_the_drift_or_with_it() -> None:
    assert Monitoring.model_validate({**MONITORING, "psi_warning": 0.25}).psi_warning == 0.25
    with pytest.raises(ValidationError, match=r"expected psi_warning at or below psi_drift, found 0\.3 and 0\.25"):
        Monitoring.model_validate({**MONITORING, "psi_warning": 0.3})


@pytest.mark.parametrize("changes", [{"psi_warning": 0}, {"psi_drift": float("inf")}, {"minimum_rows": 0}])
def test_a_threshold_that_is_always_or_never_reached_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Monitoring.model_validate({**MONITORING, **changes})
