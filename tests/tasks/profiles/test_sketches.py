import json
import time

import pandas as pd
import pyarrow as pa
import pytest

from tasks.profiles.sketches import profile
from tasks.profiles.stored_profiles import NumberProfile
from tests.tasks.profiles.profile_support import CHANCE, batches


def test_the_document_has_the_figures_of_each_column() -> None:
    table = {
        "age": pa.array([18, None, 20, 22, 20]),
        "hours": pa.array([0.5, 1.5, float("nan"), float("inf"), None]),
        "colour": pa.array(["red", "green", "red", None, "red"]).dictionary_encode(),
    }
    content = profile(batches(2, **table), {"age": "integer", "hours": "number", "colour": "category"}).summary()
    assert json.loads(json.dumps(content.content())) == {
        "schema_version": 2,
        "rows": 5,
        "columns": {
            "age": {
                "type": "integer", "count": 5, "missing": 1, "distinct": 3,
                "distribution": {
                    "minimum": 18, "maximum": 22, "mean": 20, "stddev": pytest.approx(1.632993),
                    "histogram": {"low": [18, 20, 22], "high": [18, 20, 22], "rows": [1, 2, 1]},
                },
            },
            "hours": {
                "type": "number", "count": 5, "missing": 3, "distinct": 2,
                "distribution": {
                    "minimum": 0.5, "maximum": 1.5, "mean": 1, "stddev": pytest.approx(0.707107),
                    "histogram": {"low": [0.5, 1.5], "high": [0.5, 1.5], "rows": [1, 1]},
                },
            },
            "colour": {
                "type": "category", "count": 5, "missing": 1, "distinct": 2, "frequent": {"red": 3, "green": 1},
                "complete": True, "sample": {}, "buckets": [],
            },
        },
    }  # fmt: skip


@pytest.mark.parametrize("size", [1, 7, 500])
def test_the_size_of_the_batches_does_not_matter(size: int) -> None:
    values, words = CHANCE.normal(size=200), ["a", "b", None, "a"] * 50
    features = {"x": "number", "c": "category"}
    made = [profile(batches(part, x=values, c=words), features).summary() for part in (size, 200)]  # type: ignore[arg-type]
    assert made[0].columns["c"] == made[1].columns["c"]
    one, other = made[0].columns["x"], made[1].columns["x"]
    assert isinstance(one, NumberProfile)
    assert isinstance(other, NumberProfile)
    assert one.distribution
    assert other.distribution
    assert one.distribution.histogram == other.distribution.histogram
    assert one.distribution.stddev == pytest.approx(other.distribution.stddev)


def test_values_of_another_type_than_the_schemas_are_refused() -> None:
    with pytest.raises(pa.ArrowInvalid):
        profile(batches(x=["ten"]), {"x": "number"})


def test_a_column_that_was_not_requested_is_in_neither_form() -> None:
    made = profile(batches(x=[1.0], secret=["Ada Lovelace"]), {"x": "number"})
    assert b"Ada" not in made.to_bytes()
    assert "Ada" not in made.summary().model_dump_json()


def test_many_rows_take_no_loop_over_them() -> None:
    frame = pd.DataFrame({"x": CHANCE.normal(size=300_000), "c": CHANCE.choice(list("abcdef"), 300_000)})
    begun = time.process_time()
    profile(batches(65_536, **{name: pa.array(frame[name]) for name in frame}), {"x": "number", "c": "category"})
    assert time.process_time() - begun < 1, "a loop over the rows takes several seconds"


def test_a_text_is_profiled_by_its_length_and_no_word_is_in_the_profile() -> None:
    notes = pa.array(["secret", "secret word", None, "\N{SNOWMAN}" * 3, ""])
    found = profile(batches(2, note=notes), {"note": "text"})
    content = found.summary().content()["columns"]["note"]
    assert (content["type"], content["count"], content["missing"]) == ("text", 5, 1)
    assert (content["distribution"]["minimum"], content["distribution"]["maximum"]) == (0, 11)
    assert content["distribution"]["histogram"]["low"] == [0, 3, 6, 11]
    assert "secret" not in json.dumps(content)
    assert b"secret" not in found.to_bytes()


def test_numbers_whose_square_is_no_float_are_profiled_and_stored() -> None:
    found = profile([pa.record_batch({"size": pa.array([1e308, -1e308, 1e200])})], {"size": "number"})
    assert found.summary().columns["size"].count == 3
    assert found.to_bytes()
