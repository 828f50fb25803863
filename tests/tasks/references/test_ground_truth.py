"""What a batch of ground truth brought, in one line."""

from datetime import UTC, datetime
from typing import Any

from tasks.references.ground_truth import GroundTruthBatch


def batch(**changes: Any) -> GroundTruthBatch:
    """A batch of 1,200 rows, with `changes` to it."""
    known: dict[str, Any] = {
        "use_case": "small_one", "digest": "d", "source": "grades.csv", "received": datetime(2026, 3, 2, tzinfo=UTC),
        "uri": "s3://bucket/d.parquet", "rows": 1200, "new": 1000, "duplicates": 150, "corrected": 50,
        "without_target": 0,
    }  # fmt: skip
    return GroundTruthBatch(**known | changes)


def test_the_headline_has_what_is_not_zero() -> None:
    assert batch().headline == "1,200 rows: 1,000 new, 150 given before, 50 corrected"
    whole = batch(quarantined=3, without_target=4, landed_before=True).headline
    assert whole.endswith(", 3 in quarantine, 4 without a true value; taken before: nothing has changed")
