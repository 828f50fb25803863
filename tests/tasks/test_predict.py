"""A file of new rows against a live endpoint of the offline cloud."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest

from config.errors import ConfigError, InvalidRows, SourceError
from config.hosting import Instances
from config.use_case import UseCase
from offline_cloud import Cloud
from serving.answer import answer
from tasks import storage
from tasks.feature_store.writing import write_features
from tasks.platform.seed import seed_use_case
from tasks.predict import predict_file, predict_held_out, predict_keys
from tasks.references import Deployment
from tasks.rows import stored_rows
from tasks.rows.input_rows import check_rows, quarantine_schema, quarantined, read_rows
from tasks.rows.scored_rows import schema
from tasks.sagemaker.data_capture import data_capture
from tasks.traffic import hours
from tasks.traffic.collect import collect
from tasks.traffic.spans import scored_batches
from tests.endpoints import serving
from tests.patience import until
from tests.references import a_split
from tests.scripts.models import COLUMNS, contract, served_model, small_model
from tests.scripts.models import rows as typed_rows
from tests.tasks.feature_store.validated import validated_rows
from tests.tasks.windows.histories import validated
from tests.use_cases import small_use_case


def case(*key: str) -> UseCase:
    """Scored by the small model; `id` is the key, unless another one is given."""
    return small_use_case(columns=COLUMNS, features=["age", "hours", "colour", "origin"], key=key or ("id",))


HOSTED = "small-one-v7-abcdef"


def on_instances() -> UseCase:
    return case().model_copy(update={"hosting": Instances(kind="instances")})


@pytest.fixture(scope="module")
def deployment(cloud: Cloud, bucket: str) -> Iterator[Deployment]:
    """The small model behind a real endpoint, which captures its requests."""
    with serving(cloud, small_model(), **data_capture(on_instances(), HOSTED)) as name:
        yield Deployment(
            use_case="small_one",
            endpoint_name=name,
            endpoint_arn="arn",
            model_package_arn="arn",
            trained_on=a_split(),
            changed=True,
        )


def rows(count: int) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "id": [str(2**53 + row) for row in range(count)],
            "age": "15",
            "Hours": [str(row * 40 / count) for row in range(count)],
            "colour": "red",
            "origin": "True",
        }
    )


def write(folder: Path, frame: pd.DataFrame) -> str:
    frame.to_csv(folder / "rows.csv", index=False)
    return str(folder / "rows.csv")


def test_of_1000_rows_with_one_bad_value_999_are_scored_and_one_is_in_quarantine(
    deployment: Deployment, tmp_path: Path
) -> None:
    frame = rows(1000)
    frame.loc[700, "age"] = "old"
    predictions = predict_file.fn(case(), deployment, write(tmp_path, frame))
    assert (predictions.rows, predictions.quarantined) == (999, 1)
    scored = storage.get_parquet(predictions.uri)
    assert scored["input_row"].tolist() == [row for row in range(1000) if row != 700]
    assert scored["id"].tolist() == [2**53 + row for row in range(1000) if row != 700]
    alone = rows(1000).rename(columns={"Hours": "hours"}).to_dict("records")
    expected = json.loads(answer(served_model(), json.dumps(alone), "application/json", "").body)["predictions"]
    assert scored["prediction"].tolist() == [expected[row]["prediction"] for row in scored["input_row"]]
    probabilities = [expected[row]["probabilities"]["yes"] for row in scored["input_row"]]
    assert scored["probability_yes"].tolist() == pytest.approx(probabilities, abs=1e-12)  # not compiled there
    assert predictions.quarantine_uri
    [aside] = storage.get_parquet(predictions.quarantine_uri).to_dict("records")
    assert (aside["input_row"], aside["age"], aside["id"]) == (700, "old", str(2**53 + 700))
    assert list(aside["reasons"]) == ["age: expected a whole number from 10 to 30, found 'old'"]
    assert predictions.reasons[0].endswith("age: expected a whole number from 10 to 30, found 'old'")


def test_what_is_predicted_is_captured_under_the_names_that_are_stored_with_the_predictions(
    deployment: Deployment, tmp_path: Path, bucket: str
) -> None:
    frame = rows(1_200)
    frame.loc[[2, 3], "colour"] = "blue"  # which the live model's contract refuses
    predictions = predict_file.fn(case(), deployment, write(tmp_path, frame))
    stored = storage.get_parquet(predictions.uri).sort_values("input_row")
    begun, name = predictions.uri.split("/")[-2], ["inference_id", "inference_row"]
    assert stored[name].iloc[[0, 2, -1]].values.tolist() == [[f"{begun}-1", 0], [f"{begun}-1", 4], [f"{begun}-3", 199]]
    folder = f"s3://{bucket}/held_out/captured"
    held_out = typed_rows(small_model().contract, 5, seed=4).assign(id=range(5))
    storage.put(f"{folder}/part-00000.parquet", storage.parquet(held_out))
    aside = predict_held_out.fn(case(), deployment, a_split(test_uri=folder))
    assert storage.find_manifest(aside.uri.rpartition("/")[0])["held_out"]  # type: ignore[index]

    def captured() -> pd.DataFrame:
        collect(on_instances(), datetime.now(UTC))
        found = hours.hours(on_instances(), shadows=True)
        table = pa.Table.from_batches(scored_batches(on_instances(), found), schema(on_instances())).to_pandas()
        return table[table["inference_id"].str.startswith(begun, na=False)]

    found = until(captured, lambda table: len(table) >= 1_198).sort_values(["inference_id", "row"])
    assert found[["inference_id", "row"]].values.tolist() == stored[name].values.tolist()
    for column in ("age", "hours", "colour", "prediction", "probability_yes"):
        assert found[column].tolist() == stored[column].tolist()
    everything = pa.Table.from_batches(scored_batches(on_instances(), hours.hours(on_instances(), shadows=True)))
    assert not [each for each in everything["inference_id"].to_pylist() if each and each.startswith("held-out-")]


def test_a_row_that_only_the_live_models_contract_refuses_is_set_apart_too(
    deployment: Deployment, tmp_path: Path
) -> None:
    frame = rows(10)
    frame.loc[[3, 7], "colour"] = "blue"
    predictions = predict_file.fn(case(), deployment, write(tmp_path, frame))
    assert (predictions.rows, predictions.quarantined) == (8, 2)
    assert predictions.reasons[0].endswith("colour: expected one of green, red, found 'blue'")
    assert predictions.quarantine_uri
    assert storage.get_parquet(predictions.quarantine_uri)["input_row"].tolist() == [3, 7]


def test_if_all_rows_are_bad_the_error_has_the_address_of_the_quarantine(
    deployment: Deployment, tmp_path: Path
) -> None:
    with pytest.raises(InvalidRows) as refused:
        predict_file.fn(case(), deployment, write(tmp_path, rows(7).assign(age="99", origin="mine")))
    words = str(refused.value)
    assert "expected rows that fit, found none among 7" in words
    assert "age: expected a whole number from 10 to 30, found '99'" in words
    assert "quarantine.parquet" in words
    assert "mine" not in words


def test_held_out_rows_of_every_shard_are_scored_and_a_column_of_the_key_may_be_a_feature(
    deployment: Deployment, bucket: str
) -> None:
    folder = f"s3://{bucket}/held_out/test"
    frame = typed_rows(small_model().contract, 30, seed=4).assign(id=range(30))
    for number, part in enumerate((frame[:20], frame[20:])):
        storage.put(f"{folder}/part-0000{number}.parquet", storage.parquet(part))
    predictions = predict_held_out.fn(case("id", "age"), deployment, a_split(test_uri=folder))
    assert predictions.rows == 30
    assert predictions.quality is not None
    assert predictions.quality > 0.9
    scored = storage.get_parquet(predictions.uri)
    assert list(scored)[:6] == ["input_row", "id", "age", "hours", "colour", "origin"]
    assert scored["input_row"].tolist() == scored["id"].tolist() == list(range(30))
    requests = scored["inference_id"].str.rpartition("-")[2]
    assert list(zip(requests, scored["inference_row"], strict=True)) == [
        *(("1", row) for row in range(20)),
        *(("2", row) for row in range(10)),
    ]


def test_a_feature_whose_column_is_absent_is_an_error_even_if_nullable(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"lacks 1 feature\(s\): expected 'Hours'; found .* there is 'hours'"):
        list(read_rows(case(), write(tmp_path, rows(2).rename(columns={"Hours": "hours"}))))


def test_a_key_may_be_absent_but_not_unreadable(tmp_path: Path) -> None:
    [read] = read_rows(case(), write(tmp_path, rows(2).drop(columns="id")))
    assert check_rows(case(), read)[1] == {}
    [read] = read_rows(case(), write(tmp_path, rows(2).assign(id=["1", "one"])))
    assert check_rows(case(), read)[1] == {1: ["id: expected a whole number of at least 1, found 'one'"]}


def test_lines_of_a_file_that_can_not_be_read_keep_their_place_among_the_rows(tmp_path: Path) -> None:
    text = "id,age,Hours,colour,origin\n1,15,1,red,yes\n2,15\n3,15,2,red,yes\n4,99,2,red,yes\n"
    (tmp_path / "rows.csv").write_text(text)
    [read] = read_rows(case(), str(tmp_path / "rows.csv"))
    frame, reasons = check_rows(case(), read)
    assert list(frame.index) == [0, 2]
    assert frame["id"].tolist() == [1, 3]
    assert [read.place(row) for row in sorted(reasons)] == ["line 3", "line 5"]
    aside = stored_rows.frame_of(quarantined(read, reasons, quarantine_schema(list(read.raw))))
    assert aside[["input_row", "line", "age", "text"]].fillna("").values.tolist() == [
        [1, 3, "", "2,15"],
        [3, 5, "99", ""],
    ]
    assert aside["reasons"].tolist()[0] == ["expected 5 cells as in the header, found 2"]


def test_a_file_is_read_as_its_use_case_says(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("1;15;1.234,5;red;yes;\n")
    written = {"kind": "location", "header": "none", "delimiter": ";", "decimal": ",", "thousands": "."}
    use_case = case().model_copy(update={"source": small_use_case(source=written).source})
    frame, reasons = check_rows(use_case, next(read_rows(use_case, str(tmp_path / "rows.csv"))))
    assert reasons == {}
    assert frame["hours"].tolist() == [1234.5]


def case_with_group(name: str, *features: str) -> UseCase:
    group = {"group": "people", "key": ["id"], "features": features, "sensitive": ["origin"]}
    seed_use_case(name)
    wanted = ["age", "hours", "colour", "origin"]
    return small_use_case(name=name, columns=COLUMNS, features=wanted, key=("id",), feature_store=group)


def people(count: int) -> pd.DataFrame:
    frame = typed_rows(contract("logistic_regression"), count, seed=3)
    return frame.assign(id=pd.array(range(1, count + 1), "Int64"))


def test_keys_are_scored_by_their_records_and_a_missing_key_has_its_reason(deployment: Deployment) -> None:
    own = case_with_group("predict_keys", "age", "hours", "colour", "origin")
    frame = people(3)
    write_features.fn(own, validated_rows(own, frame))
    predictions = predict_keys.fn(own, deployment, [str(frame["id"][2]), "404", str(frame["id"][0])])
    scored = storage.get_parquet(predictions.uri)
    assert scored["id"].tolist() == [frame["id"][2], frame["id"][0]]
    assert scored["input_row"].tolist() == [0, 2]
    alone = frame.iloc[[2, 0]][list(own.request_columns)]
    expected = json.loads(answer(served_model(), alone.to_json(orient="records"), "application/json", "").body)
    assert scored["prediction"].tolist() == [each["prediction"] for each in expected["predictions"]]
    assert predictions.reasons == ("row 1: key '404': no feature group has a record",)


def test_a_key_is_scored_with_the_windows_of_its_earlier_rows(deployment: Deployment) -> None:
    columns = {name: column for name, column in COLUMNS.items() if name != "hours"} | {"day": {"type": "date"}}
    group = {"group": "people", "key": ["id"], "event_time": "day", "features": ["age", "colour", "origin"]}
    own = small_use_case(
        name="predict_windows", columns=columns, key=(), features=["age", "hours", "colour", "origin"],
        windows={"hours": {"aggregate": "mean", "of": "age", "key": "id", "time": "day"}},
        feature_store={**group, "sensitive": ["origin"]},
    )  # fmt: skip
    seed_use_case(own.name)
    days = pd.to_datetime(["2026-01-01", "2026-01-02", "2026-01-03"]).astype("datetime64[us]")
    frame = people(3).drop(columns="hours").assign(id=pd.array([1, 1, 2], "Int64"), day=days)
    write_features.fn(own, validated(own, frame))
    predictions = predict_keys.fn(own, deployment, ["1", "2"])
    scored = storage.get_parquet(predictions.uri)
    assert scored["hours"].tolist() == [frame["age"][:2].mean(), frame["age"][2]]


def test_keys_without_any_record_are_an_error(deployment: Deployment) -> None:
    own = case_with_group("predict_nobody", "age", "hours", "colour", "origin")
    write_features.fn(own, validated_rows(own, people(1)))
    with pytest.raises(InvalidRows, match="key '404': no feature group has a record"):
        predict_keys.fn(own, deployment, ["404"])


def test_a_group_without_a_column_of_requests_is_refused(deployment: Deployment) -> None:
    own = case_with_group("predict_lacking", "age", "origin")
    with pytest.raises(ConfigError, match="found none with hours, colour"):
        predict_keys.fn(own, deployment, ["1"])
