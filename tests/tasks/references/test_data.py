import json

from tasks.references.data import DataSplit
from tests.references import a_split


def test_a_split_is_read_from_the_manifest_in_its_folder() -> None:
    manifest = {
        "use_case": "small_one",
        "digest": "s",
        "dataset": "d",
        "rows": {"train": 6, "validation": 2, "test": 2},
        "unused_features": {"age": "empty"},
        "split": {"by": "random"},
    }
    assert DataSplit.of_manifest("s3://bucket", json.loads(json.dumps(manifest))) == a_split(
        unused_features={"age": "empty"}
    )
