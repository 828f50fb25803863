import json

import pytest

from tasks import locations, names, storage
from tasks.step_results import ReferenceSerializer, Results, missing_objects
from tests.references import a_split

KEY = "small_one/results"


def split_in(folder: str) -> object:
    parts = ("train_uri", "validation_uri", "test_uri", "contract_uri")
    return a_split(**dict.fromkeys(parts, f"{folder}/train"))


def stored(reference: object, serializer: object) -> bytes:
    """What Prefect writes of a result."""
    content = ReferenceSerializer().dumps(reference).decode()
    return json.dumps({"metadata": {"serializer": serializer}, "result": content}).encode()


def test_a_result_is_read_while_the_objects_that_it_names_are_there(bucket: str) -> None:
    key, folder = f"{KEY}/{names.stamp()}", locations.split("small_one", names.stamp())
    storage.put(f"{folder}/train/data.parquet", b"rows")
    content = stored(split_in(folder), ReferenceSerializer().model_dump())
    Results().write_path(key, content)
    assert Results().read_path(key) == content


def test_a_result_that_names_an_object_that_is_gone_is_refused_with_its_address(bucket: str) -> None:
    key, folder = f"{KEY}/{names.stamp()}", locations.split("small_one", names.stamp())
    Results().write_path(key, stored(split_in(folder), ReferenceSerializer().model_dump()))
    with pytest.raises(ValueError, match=f"has the addresses of objects that no longer exist: {folder}/train"):
        Results().read_path(key)


def test_a_result_of_another_serializer_is_refused(bucket: str) -> None:
    key = f"{KEY}/{names.stamp()}"
    Results().write_path(key, stored(a_split(), {"type": "pickle"}))
    with pytest.raises(ValueError, match="expected a result that this project wrote; found another serializer"):
        Results().read_path(key)


def test_only_addresses_in_s3_are_looked_for(bucket: str) -> None:
    here = f"s3://{bucket}/small_one/{names.stamp()}"
    storage.put(here, b"x")
    split = a_split(train_uri=here, validation_uri="/a/path", test_uri=f"{here}-gone", contract_uri=here)
    assert missing_objects(split) == [f"{here}-gone"]
