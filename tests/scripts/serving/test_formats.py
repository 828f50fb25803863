"""Requests and responses in every format: the same rows get the same predictions."""

import csv
import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from serving.answer import answer
from serving.invocation import Answer, Invocation
from serving.media_types import ARROW_FILE, ARROW_STREAM, CSV, JSON, JSON_LINES, OTHER_NAMES, PARQUET
from serving.together import answer_together
from serving.writers.float_texts import float_texts
from tests.scripts.models import ALGORITHMS, ROW, saved_model, served_model
from tests.scripts.serving import bodies

ROWS = [{**ROW, "hours": hours, "age": 10 + place} for place, hours in enumerate((1.0, 7.5, None, 1e-07, 40.0))]
KINDS = (JSON, JSON_LINES, CSV, PARQUET, ARROW_STREAM, ARROW_FILE)


def ask(body: Any, kind: str = JSON, accept: str = "", algorithm: str = "logistic_regression") -> Answer:
    body = body if isinstance(body, (str, bytes)) else json.dumps(body)
    return answer(served_model(algorithm), body, kind, accept)


def table(found: Answer) -> list[dict[str, Any]]:
    """The rows of an Arrow answer."""
    assert (found.status, found.content_type) == (200, ARROW_STREAM)
    return list(pa.ipc.open_stream(found.body).read_all().to_pylist())


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_rows_get_the_same_predictions_in_every_format(kind: str, algorithm: str) -> None:
    rows = [{**row, "more": 1} for row in ROWS]
    expected = ask(ROWS, algorithm=algorithm)
    assert ask(bodies.bodies(rows)[kind], kind, algorithm=algorithm) == expected
    assert expected.rows == len(ROWS)


@pytest.mark.parametrize("kind", [PARQUET, ARROW_STREAM])
def test_a_column_of_any_type_that_is_no_feature_is_ignored_and_a_nested_feature_is_refused(kind: str) -> None:
    odd = pa.array([[{"a": [1]}]] * len(ROWS))
    content = bodies.table(ROWS)
    write = bodies.parquet if kind == PARQUET else bodies.arrow_stream
    assert ask(write(content.append_column("odd", odd)), kind) == ask(ROWS)
    nested = content.set_column(content.schema.get_field_index("hours"), "hours", odd)
    found = json.loads(ask(write(nested), kind).body)
    assert [(each["row"], each["column"]) for each in found["problems"]] == [(None, "hours")]
    assert found["problems"][0]["found"].startswith("a column of type list<")
    twice = content.append_column("age", content["age"])
    assert json.loads(ask(bodies.arrow_stream(twice), ARROW_STREAM).body)["problems"][0]["found"] == "it more than once"


@pytest.mark.parametrize("kind", KINDS)
def test_an_absent_column_is_named_and_a_bad_value_by_row_and_column(kind: str) -> None:
    absent = bodies.bodies([{name: value for name, value in row.items() if name != "hours"} for row in ROWS])[kind]
    found = ask(absent, kind)
    assert found.status == 400
    assert json.loads(found.body)["problems"][0]["column"] == "hours"
    bad = ask(bodies.bodies([ROWS[0], {**ROWS[1], "age": 99, "origin": "secret"}])[kind], kind)
    assert [(each["row"], each["column"]) for each in json.loads(bad.body)["problems"]] == [(1, "age"), (1, "origin")]
    assert b"secret" not in bad.body


@pytest.mark.parametrize(
    "kind", [pa.int8(), pa.uint64(), pa.float32(), pa.string(), pa.large_string(), pa.decimal128(21, 1), pa.binary()]
)
def test_arrow_columns_of_several_types_are_the_same_number(kind: pa.DataType) -> None:
    texts = pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_binary(kind)
    ages = pa.array([str(row["age"]) if texts else row["age"] for row in ROWS]).cast(kind)
    content = bodies.table(ROWS)
    content = content.set_column(content.schema.get_field_index("age"), "age", ages)
    assert ask(bodies.arrow_stream(content), ARROW_STREAM) == ask(ROWS)
    assert ask(bodies.parquet(content), PARQUET) == ask(ROWS)


def test_texts_as_dictionaries_and_views_and_several_batches_are_the_same_texts() -> None:
    content = bodies.table(ROWS)
    place = content.schema.get_field_index("origin")
    expected = ask([*ROWS, *ROWS])
    for origin in (content["origin"].dictionary_encode(), content["origin"].cast(pa.string_view())):
        once = content.set_column(place, "origin", origin)
        twice = pa.concat_tables([once, once])
        assert twice["origin"].num_chunks == 2
        for compression in (None, *(() if origin.type == pa.string_view() else ("zstd", "lz4"))):
            assert ask(bodies.arrow_stream(twice, compression), ARROW_STREAM) == expected
    assert ask(bodies.parquet(pa.concat_tables([content, content]), row_group_size=3), PARQUET) == expected


def test_other_names_of_a_media_type_mean_the_same() -> None:
    for name, kind in OTHER_NAMES.items():
        assert ask(bodies.bodies(ROWS)[kind], name.upper()) == ask(ROWS)


def test_a_line_of_json_lines_is_a_row_of_its_own() -> None:
    good = json.dumps(ROW)
    assert json.loads(ask(f"\n{good}\r\n\n{good}\n", JSON_LINES).body) == json.loads(ask([ROW, ROW]).body)
    for text in (f"{good},{good}", f"{good}\n[]", "{\n", f"{good[:-1]}\n}}", f"[{good}]", '{"a":[{}\n{}]}'):
        assert ask(text, JSON_LINES).status == 400
    found = json.loads(ask(f"{good}\n{good},{good}\n5\n", JSON_LINES).body)
    assert [(each["row"], each["expected"]) for each in found["problems"]] == [
        (1, "JSON"),
        (2, 'an object {"feature": value, ...}'),
    ]


@pytest.mark.parametrize("algorithm", ["logistic_regression", "ridge"])
def test_every_format_of_a_response_has_the_same_predictions(algorithm: str) -> None:
    expected = json.loads(ask(ROWS, algorithm=algorithm).body)["predictions"]
    lines = ask(ROWS, accept=JSON_LINES, algorithm=algorithm).body.decode()
    assert [json.loads(line) for line in lines.split("\n")] == expected
    flat = [
        {
            "prediction": row["prediction"],
            **{f"probability_{name}": each for name, each in row.get("probabilities", {}).items()},
        }
        for row in expected
    ]
    assert table(ask(ROWS, accept=ARROW_STREAM, algorithm=algorithm)) == flat
    text = ask(ROWS, accept=CSV, algorithm=algorithm).body.decode()
    assert list(csv.reader(io.StringIO(text))) == [list(map(str, row.values())) for row in flat]


def test_numbers_are_written_as_python_writes_them() -> None:
    body = ask([{**ROW, "hours": hours} for hours in range(-100, 100, 5)]).body.decode()
    assert body == json.dumps(json.loads(body))


@pytest.mark.parametrize("kind", KINDS)
def test_on_error_row_answers_the_good_rows_and_has_the_problems_of_the_others(kind: str) -> None:
    rows = [ROWS[0], {**ROWS[1], "age": 99, "origin": "secret"}, ROWS[2], {**ROWS[3], "hours": 1e300}]
    body = bodies.bodies(rows)[kind]
    assert ask(body, kind).status == 400
    found = ask(body, kind, "application/json; on_error=row")
    assert b"secret" not in found.body
    answers = json.loads(found.body)["predictions"]
    assert [answers[0], answers[2]] == json.loads(ask([ROWS[0], ROWS[2]]).body)["predictions"]
    assert [(each["row"], each["column"]) for each in answers[1]["error"]["problems"]] == [(1, "age"), (1, "origin")]
    assert [(each["row"], each["column"]) for each in answers[3]["error"]["problems"]] == [(3, "hours")]
    assert found.rows == 2
    text = ask(body, kind, "text/csv; on_error=row").body.decode()
    read = list(csv.reader(io.StringIO(text)))
    assert [row[0] for row in read] == [answers[0]["prediction"], "", answers[2]["prediction"], ""]
    assert [row[-1] and json.loads(row[-1]) for row in read] == ["", answers[1]["error"], "", answers[3]["error"]]
    columns = table(ask(body, kind, f"{ARROW_STREAM}; on_error=row"))
    assert [row["prediction"] for row in columns] == [answers[0]["prediction"], None, answers[2]["prediction"], None]
    assert [row["error"] and json.loads(row["error"]) for row in columns] == [
        None,
        answers[1]["error"],
        None,
        answers[3]["error"],
    ]


@pytest.mark.parametrize("accept", [JSON, CSV, JSON_LINES, ARROW_STREAM])
def test_a_request_without_a_good_row_is_answered_too(accept: str) -> None:
    found = ask([5, {}, {**ROW, "age": 99}], accept=f"{accept}; on_error=row; reasons=2; version=true")
    assert (found.status, found.content_type, found.rows) == (200, accept, 0)
    assert found.body.count(b"problems") == 3


def test_malformed_rows_of_text_are_errors_of_their_rows() -> None:
    csv_body = "age,hours,colour,origin\n15,1,red,no\n15\n15,2,red,no\n"
    found = json.loads(ask(csv_body, CSV, "application/json; on_error=row").body)["predictions"]
    assert ["error" in row for row in found] == [False, True, False]
    found = json.loads(ask([ROW, 5, ROW], accept="application/json; on_error=row").body)["predictions"]
    assert ["error" in row for row in found] == [False, True, False]


def test_problems_of_many_rows_are_the_first_of_each() -> None:
    for row in ({}, {**ROW, "age": 99, "origin": "x"}):
        found = json.loads(ask([row] * 10_001, accept="application/json; on_error=row").body)["predictions"]
        assert {len(row["error"]["problems"]) for row in found} == {1}
        assert len(found) == 10_001


@pytest.mark.parametrize("algorithm", ["logistic_regression", "random_forest", "xgboost", "ridge"])
def test_reasons_are_the_largest_contributions_to_the_predicted_class(algorithm: str) -> None:
    found = json.loads(ask(ROWS, accept="application/json; reasons=2", algorithm=algorithm).body)["predictions"]
    everything = json.loads(ask(ROWS, accept="application/json; reasons=99", algorithm=algorithm).body)["predictions"]
    for row, whole in zip(found, everything, strict=True):
        sizes = [abs(each["contribution"]) for each in whole["reasons"]]
        assert sizes == sorted(sizes, reverse=True)
        assert row["reasons"] == whole["reasons"][:2]
        assert {each["column"] for each in whole["reasons"]} == set(ROW)
    text = ask(ROWS, accept="text/csv; reasons=1", algorithm=algorithm).body.decode()
    assert [line.split(",")[-2] for line in text.split("\n")] == [row["reasons"][0]["column"] for row in found]
    columns = table(ask(ROWS, accept=f"{ARROW_STREAM}; reasons=2", algorithm=algorithm))
    assert [row["contribution_2"] for row in columns] == [row["reasons"][1]["contribution"] for row in found]


def test_a_contribution_has_the_sign_of_what_it_adds_to_the_predicted_class() -> None:
    few, many = ({**ROW, "hours": hours} for hours in (0.0, 40.0))
    found = json.loads(ask([few, many], accept="application/json; reasons=1").body)["predictions"]
    assert [row["prediction"] for row in found] == ["no", "yes"]
    assert [row["reasons"][0]["column"] for row in found] == ["hours", "hours"]
    assert all(row["reasons"][0]["contribution"] > 0 for row in found)


def test_the_version_is_the_model_s_digest_and_the_one_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODEL_VERSION", "7")
    model = {"digest": served_model().digest, "version": "7"}
    assert json.loads(ask([ROW], accept="application/json; version=true").body)["model"] == model
    assert json.loads(ask([ROW], accept=f"{JSON_LINES}; version=true").body)["model"] == model
    assert ask([ROW], accept="text/csv; version=true").body.decode().split(",")[-2:] == list(model.values())
    stream = pa.ipc.open_stream(ask([ROW], accept=f"{ARROW_STREAM}; version=true").body)
    assert stream.schema.metadata == {f"model_{name}".encode(): value.encode() for name, value in model.items()}


def test_requests_that_are_answered_together_get_the_answers_that_each_gets_alone() -> None:
    requests = [
        Invocation(json.dumps([ROW, ROWS[1]]).encode(), JSON, ""),
        Invocation(json.dumps([{**ROW, "age": "15"}]).encode(), JSON, "text/csv"),
        Invocation(b"{", JSON, ""),
        Invocation(bodies.csv_text(bodies.table(ROWS)), CSV, ""),
        Invocation(json.dumps([{**ROW, "hours": 40}]).encode(), JSON, "application/json; reasons=2"),
        Invocation(json.dumps([ROW]).encode(), JSON, "image/png"),
        Invocation(json.dumps(ROWS[4]).encode(), JSON_LINES, ARROW_STREAM),
    ]
    model = served_model("xgboost")
    assert answer_together(model, requests) == [answer(model, *request) for request in requests]


def test_a_model_server_s_process_imports_no_data_frames(tmp_path: Path) -> None:
    saved_model(tmp_path, "xgboost")
    program = f"""
import sys
from pathlib import Path
from tabular import pandas_in_arrow
pandas_in_arrow.disable()
from serving.answer import answer
from tabular.compiled.model import CompiledModel
heavy = {{"pandas", "sklearn", "scipy", "xgboost", "pyarrow.parquet", "pyarrow.csv", "flask"}}
model = CompiledModel.load(Path({str(tmp_path)!r}))
for body in ('[{json.dumps(ROW)}]', '[{json.dumps({**ROW, "age": "15"})}]'):
    found = answer(model, body.replace("'", '"'), "application/json", "application/json; on_error=row; version=true")
    assert found.status == 200, found.body
print(sorted(heavy & sys.modules.keys()))
"""
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (run.stdout, run.stderr) == ("[]\n", "")


def test_many_numbers_have_the_texts_of_a_few() -> None:
    values = np.array([*10.0 ** np.arange(-20, 30), 0.0, -0.0, -1e16, 1 / 3, 5e-324, 1.7e308])
    assert float_texts(values) == list(map(repr, values.tolist()))
