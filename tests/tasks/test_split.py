from tabular.features import CONSTANT
from tasks.references import DatasetVersion, ValidatedDataset
from tasks.split import split
from tasks.storage import get_json, parquet, put
from tests.tasks.split_rows import frame
from tests.use_cases import small_use_case


def test_a_split_keeps_a_note_of_what_models_are_trained_without(bucket: str) -> None:
    uri = f"s3://{bucket}/rows.parquet"
    put(uri, parquet(frame()))
    dataset = DatasetVersion(use_case="small_one", digest="d", source="s", uri=uri, manifest_uri="m", rows=300)
    validated = ValidatedDataset(
        use_case="small_one", dataset=dataset, uri=uri, quarantine_uri="q", report_uri="r", rows=300, quarantined=0
    )
    parts = split.fn(small_use_case(), validated)
    assert parts.unused_features == {"colour": CONSTANT}
    manifest = get_json(parts.train_uri.removesuffix("/train") + "/manifest.json")
    assert manifest["unused_features"] == {"colour": CONSTANT}
