"""References for tests. The objects at their addresses do not exist."""

from typing import Any

from tasks.references import DatasetVersion, DataSplit, TrainedModel


def a_dataset(**changes: Any) -> DatasetVersion:
    """A dataset version of the use case `small_one`, with `changes` to it."""
    plain: dict[str, Any] = {
        "use_case": "small_one",
        "digest": "d",
        "source": "rows.csv",
        "table": "database.small_one",
        "snapshot": 1,
        "uri": "s3://bucket/snapshot.avro",
        "rows": 10,
    }
    return DatasetVersion(**{**plain, **changes})


def a_split(**changes: Any) -> DataSplit:
    """A split of the use case `small_one`, with `changes` to it."""
    plain: dict[str, Any] = {
        "use_case": "small_one",
        "digest": "s",
        "dataset_digest": "d",
        "train_uri": "s3://bucket/train",
        "validation_uri": "s3://bucket/validation",
        "test_uri": "s3://bucket/test",
        "contract_uri": "s3://bucket/contract",
        "train_rows": 6,
        "validation_rows": 2,
        "test_rows": 2,
    }
    return DataSplit(**{**plain, **changes})


def a_model(**changes: Any) -> TrainedModel:
    """A model of that split, with `changes` to it."""
    plain: dict[str, Any] = {
        "use_case": "small_one",
        "candidate": "a",
        "algorithm": "ridge",
        "split_digest": "s",
        "job_name": "j",
        "job_arn": "arn",
        "model_uri": "s3://bucket/model.tar.gz",
        "metrics": {},
        "seconds": 1.0,
    }
    return TrainedModel(**{**plain, **changes})
