"""Windows in a feature group, and of a key now, equal what training computes for a row of that key and moment."""

from datetime import UTC, datetime

import pandas as pd
import pyarrow as pa

from tasks import clients, names, storage
from tasks.feature_store.windows import current_values, windows_at_event_times
from tasks.feature_store.writing import write_features
from tasks.platform.seed import seed_use_case
from tasks.windows.frames import with_computed
from tests.tasks.windows.histories import case, history, validated

WINDOWS = ("pass_rate", "mean_hours", "exams", "days_since")
GROUP = {"group": "students", "key": ["student"], "event_time": "taken_at", "features": ["hours", *WINDOWS]}


def online(use_case: str, key: str) -> dict[str, str]:
    group = names.feature_group(use_case, "students")
    found = clients.feature_store().get_record(FeatureGroupName=group, RecordIdentifierValueAsString=key)
    return {each["FeatureName"]: each["ValueAsString"] for each in found.get("Record", [])}


def test_a_record_and_a_key_have_the_windows_of_a_training_row_of_their_moment(bucket: str) -> None:
    own = case(*WINDOWS, name="windows_by_key", feature_store=GROUP)
    seed_use_case(own.name)
    rows = history(40, students=3).drop_duplicates(["student", "taken_at"], ignore_index=True)
    found = validated(own, rows)
    assert write_features.fn(own, found) == len(rows)
    assert write_features.fn(own, found) == 0
    newest = with_computed(own, rows).sort_values("taken_at").drop_duplicates("student", keep="last")
    for _, row in newest.iterrows():
        record = online(own.name, row.student)
        assert {name: float(record[name]) for name in WINDOWS} == {name: row[name] for name in WINDOWS}

    students = sorted(rows.student.unique())
    now = datetime(2026, 3, 5, 7, 30, tzinfo=UTC)
    new = rows[:3].assign(student=pd.array(students, "string"), taken_at=pd.Timestamp(now.replace(tzinfo=None)))
    expected = with_computed(own, pd.concat([rows, new], ignore_index=True))[-3:].set_index("student")
    values = current_values(own, [*students, "nobody"], now)
    assert set(values) == set(students)
    for student, row in expected.iterrows():
        shown = {name: None if pd.isna(row[name]) else float(row[name]) for name in WINDOWS}
        text = values[str(student)]
        assert {name: None if text[name] is None else float(text[name] or "") for name in WINDOWS} == shown


def test_a_group_by_landing_has_the_windows_of_the_landing(bucket: str) -> None:
    group = {**GROUP, "key": ["id"], "event_time": "ingested"}
    own, rows = case(*WINDOWS, name="windows_landed", feature_store=group), history(60)
    uri = f"s3://{bucket}/windows/rows.parquet"
    storage.put(uri, storage.parquet(rows))
    landed = datetime(2026, 1, 20, 12, tzinfo=UTC)
    assert own.feature_store is not None
    found = windows_at_event_times(own, own.feature_store, uri, landed)
    moved = rows.assign(taken_at=pd.Timestamp(landed.replace(tzinfo=None)))
    together = with_computed(own, pd.concat([rows, moved], ignore_index=True))[60:]
    assert together["exams"].max() > 1
    for name in WINDOWS:
        assert found[name].equals(pa.array(together[name], found[name].type, from_pandas=True)), name
