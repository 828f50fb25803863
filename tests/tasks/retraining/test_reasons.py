import pytest

from config.retraining import Retraining
from tasks.references import Loss
from tasks.retraining.reasons import Reason, reason_to_retrain
from tests.monitoring_reports import measured, moved, report

POLICY = Retraining(loss=0.5)
DRIFTED = {"verdict": "drift", "features": (moved("age", 0.4), moved("colour", 0.3))}


@pytest.mark.parametrize("kind", ["measured", "estimated"])
def test_a_loss_of_at_least_the_policy_s_is_a_reason(kind: str) -> None:
    found = reason_to_retrain(POLICY, report("c", loss=measured(0.5, 0.1, kind=kind)))
    assert found == Reason(
        kind="quality", text=f"{kind} rmse is 0.5000 worse than on the held-out rows (at least 0.1000)"
    )


@pytest.mark.parametrize("loss", [measured(0.4999, 0.3), measured(0.9, 0.0), measured(0.9, -0.1), measured(-2, -3)])
def test_a_small_loss_and_one_that_may_be_chance_are_none(loss: Loss) -> None:
    assert reason_to_retrain(POLICY, report("c", loss=loss)) is None


def test_drift_is_a_reason_only_where_the_policy_says_so() -> None:
    drifted = report("c", **DRIFTED)
    assert reason_to_retrain(POLICY, drifted) is None
    found = reason_to_retrain(Retraining(on_drift=True), drifted)
    assert found == Reason(kind="drift", text="drift of age (PSI 0.400), colour (PSI 0.300) in 1,200 rows")


def test_drift_is_no_reason_where_the_quality_is_known_and_good() -> None:
    drifted = report("c", **DRIFTED, loss=measured(0.01, -0.1))
    assert reason_to_retrain(Retraining(on_drift=True), drifted) is None


def test_a_loss_of_too_few_rows_for_an_interval_is_not_known_quality() -> None:
    drifted = report("c", **DRIFTED, loss=measured(0.9, None))
    assert reason_to_retrain(POLICY, drifted) is None
    found = reason_to_retrain(Retraining(on_drift=True), drifted)
    assert found
    assert found.kind == "drift"


def test_many_drifted_features_are_counted() -> None:
    many = report("c", verdict="drift", features=tuple(moved(f"f{number}", 0.3) for number in range(8)))
    found = reason_to_retrain(Retraining(on_drift=True), many)
    assert found
    assert found.text.endswith("f4 (PSI 0.300) and 3 more in 1,200 rows")
