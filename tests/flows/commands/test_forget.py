from types import SimpleNamespace
from typing import cast

from flows.commands import forget
from tasks.forgetting.forget import Found


def test_a_baseline_that_is_deleted_is_named_because_it_can_not_be_made_again() -> None:
    found = SimpleNamespace(derived=["s3://monitoring/small/profiles/imported/a1/profile.json"])
    assert "import one again" in forget._baselines(cast("Found", found))[0]
    assert forget._baselines(cast("Found", SimpleNamespace(derived=["s3://data/small/results/1"]))) == []
