import pytest

from tasks.references.monitoring import Loss


@pytest.mark.parametrize(("loss", "change"), [(0.0512, "0.0512 worse"), (-0.2, "0.2000 better")])
def test_a_loss_says_in_words_whether_it_is_one(loss: float, change: str) -> None:
    found = Loss(metric="rmse", kind="measured", loss=loss, group="school=GP")
    assert str(found) == f"measured rmse is {change} than on the held-out rows in school=GP"
