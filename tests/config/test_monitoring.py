from typing import Any

import pytest
from pydantic import ValidationError

from config.monitoring import Monitoring

MONITORING = {"psi_warning": 0.1, "psi_drift": 0.25, "minimum_rows": 10}


def test_the_warning_comes_before_the_drift_or_with_it() -> None:
    assert Monitoring.model_validate({**MONITORING, "psi_warning": 0.25}).psi_warning == 0.25
    with pytest.raises(ValidationError, match=r"expected psi_warning at or below psi_drift, found 0\.3 and 0\.25"):
        Monitoring.model_validate({**MONITORING, "psi_warning": 0.3})


@pytest.mark.parametrize("changes", [{"psi_warning": 0}, {"psi_drift": float("inf")}, {"minimum_rows": 0}])
def test_a_threshold_that_is_always_or_never_reached_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Monitoring.model_validate({**MONITORING, **changes})
