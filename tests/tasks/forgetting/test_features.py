"""A person's record in the online store."""

from uuid import uuid4

import pandas as pd
import pytest

from tasks import clients, locations, names, storage
from tasks.feature_store.online import values_of
from tasks.feature_store.writing import write_features
from tasks.forgetting.features import delete_online, online_records
from tasks.forgetting.person import person_of
from tasks.forgetting.places import find_objects
from tasks.platform.seed import seed_use_case
from tests.tasks.feature_store.validated import validated_rows
from tests.use_cases import small_use_case


@pytest.mark.parametrize("event_time", ["ingested", "at"])
def test_a_record_is_deleted_online_and_leaves_no_marker(bucket: str, event_time: str) -> None:
    columns = {
        "id": {"type": "integer"},
        "age": {"type": "integer", "minimum": 10, "maximum": 30},
        "at": {"type": "date"},
        "passed": {"type": "category", "categories": ["no", "yes"]},
    }
    group = {"group": "people", "key": ["id"], "features": ["age"], "event_time": event_time}
    case = small_use_case(name=f"forget_{uuid4().hex[:8]}", columns=columns, features=["age"], feature_store=group)
    seed_use_case(case.name)
    frame = pd.DataFrame({"id": [7, 8], "age": [17, 18], "at": pd.to_datetime(["2199-01-01", "2020-01-01"])})
    write_features.fn(case, validated_rows(case, frame))
    person = person_of(case, ["7"])
    assert online_records(case, person.identifiers) == ["7"]
    delete_online(case, person.identifiers)
    assert online_records(case, person.identifiers) == []
    assert values_of(case, ["7", "8"]).keys() == {"8"}
    delete_online(case, person.identifiers)
    assert {each.place for each in find_objects(case.name, person)} <= {"validated", "written", "features"}
    offline = [name for name in storage.names(locations.features(case.name)) if name.endswith(".parquet")]
    found = [storage.get_parquet(f"{locations.features(case.name)}/{name}") for name in offline]
    assert not any(rows["is_deleted"].any() for rows in found)
    clients.sagemaker().delete_feature_group(FeatureGroupName=names.feature_group(case.name, "people"))
