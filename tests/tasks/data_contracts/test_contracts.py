"""A schema as a contract and back, and which changes break a published contract."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from config import settings
from config.errors import ConfigError
from config.use_case import UseCase, load_use_case, use_case_names
from flows.commands.main import main
from tasks.data_contracts.breaking import changes
from tasks.data_contracts.odcs import contract_of
from tasks.data_contracts.odcs_columns import columns_of, schema_of
from tasks.data_contracts.published import as_yaml, path_of, publish, published_changes
from tests.use_cases import content, small_use_case

COLUMNS: dict[str, dict[str, Any]] = {
    "id": {"type": "integer", "minimum": 1},
    "age": {"type": "integer", "minimum": 10, "maximum": 30, "header": "Age", "description": "years"},
    "share": {"type": "number", "minimum": 0.5, "missing": ["-200", "?"]},
    "level": {"type": "category", "categories": ["low", "mid", "high"], "ordered": True},
    "colour": {"type": "category", "nullable": True, "sensitive": True},
    "note": {"type": "text", "max_length": 80, "nullable": True},
    "born": {"type": "date", "format": "%d/%m/%Y", "minimum": "1990-01-31"},
    "seen": {"type": "datetime"},
    "passed": {"type": "category", "categories": ["no", "yes"]},
}
"""A column of each kind. The minimum of `born` is a date in YAML."""


def case(**of_columns: Any) -> UseCase:
    """A use case with these columns; `name=None` leaves one out, and a mapping changes its keys."""
    columns = yaml.safe_load(yaml.safe_dump(COLUMNS).replace("'1990-01-31'", "1990-01-31"))
    for name, keys in of_columns.items():
        if keys is None:
            del columns[name]
        else:
            merged = {**columns.get(name, {}), **keys}
            columns[name] = {key: value for key, value in merged.items() if value is not None}
    return small_use_case(columns=columns, features=["age"], key=["id"])


@pytest.mark.parametrize("name", use_case_names())
def test_an_included_use_case_is_the_same_after_export_and_import(name: str) -> None:
    use_case = load_use_case(name)
    contract = yaml.safe_load(as_yaml(contract_of(use_case, "1.0.0")))
    columns, key = columns_of(schema_of(contract))
    changed = UseCase.model_validate({**content(name), "columns": columns, "key": list(key)})
    assert changed.columns == use_case.columns
    assert changed.key == use_case.key
    assert not changes(contract, use_case).any


def test_a_column_of_each_kind_is_the_same_after_export_and_import() -> None:
    columns, key = columns_of(schema_of(yaml.safe_load(as_yaml(contract_of(case(), "1.0.0")))))
    assert small_use_case(columns=columns, features=["age"], key=list(key)).columns == case().columns
    assert key == ("id",)


def test_a_contract_says_what_the_standard_has_a_word_for() -> None:
    (schema,) = contract_of(case(), "1.0.0")["schema"]
    found = {each["name"]: each for each in schema["properties"]}
    assert found["id"]["primaryKey"] is True
    assert found["id"]["unique"] is True
    assert found["age"]["physicalName"] == "Age"
    assert found["age"]["logicalTypeOptions"] == {"format": "i64", "minimum": 10, "maximum": 30}
    assert found["level"]["quality"][0]["arguments"] == {"validValues": ["low", "mid", "high"]}
    assert found["colour"]["classification"] == "confidential"
    assert (found["colour"]["required"], found["id"]["required"]) == (False, True)
    assert found["born"]["logicalTypeOptions"] == {"format": "dd/MM/yyyy", "minimum": "1990-01-31"}
    assert schema["quality"] == [{"type": "library", "metric": "rowCount", "mustBeGreaterOrEqualTo": 1}]


BREAKING: list[tuple[dict[str, Any], str]] = [
    ({"colour": None}, "colour: expected the published column; it was removed"),
    ({"more": {"type": "number"}}, "more: a required column was added"),
    ({"share": {"type": "integer"}}, "share: type: was number; is integer"),
    ({"colour": {"nullable": None}}, "colour: is required now"),
    ({"age": {"minimum": 12}}, "age: minimum: was 10; is 12"),
    ({"share": {"maximum": 1}}, "share: maximum: was none; is 1"),
    ({"level": {"categories": ["low", "mid"]}}, "level: categories: without high"),
    ({"colour": {"categories": ["red"]}}, "colour: categories: was any text; is red"),
    ({"note": {"max_length": 40}}, "note: max_length: was 80; is 40"),
    ({"born": {"format": None}}, "born: format: was %d/%m/%Y; is ISO 8601"),
    ({"age": {"header": "years"}}, "age: header: was Age; is years"),
    ({"share": {"missing": ["?"]}}, "share: missing: '-200' no longer means a missing value"),
]
COMPATIBLE: list[tuple[dict[str, Any], str]] = [
    ({"more": {"type": "number", "nullable": True}}, "more: a nullable column was added"),
    ({"age": {"type": "number"}}, "age: type: was integer; is number"),
    ({"share": {"nullable": True}}, "share: is nullable now"),
    ({"age": {"minimum": None}}, "age: minimum: was 10; is none"),
    ({"age": {"maximum": 99}}, "age: maximum: was 30; is 99"),
    ({"level": {"categories": ["low", "mid", "high", "top"]}}, "level: categories: with top"),
    ({"passed": {"description": "has passed"}}, "passed: description has changed"),
    ({"share": {"missing": ["-200", "?", "x"]}}, "share: missing: 'x' means a missing value now"),
]


@pytest.mark.parametrize(("changed", "text"), BREAKING)
def test_what_quarantines_published_rows_or_takes_a_column_away_breaks(changed: dict[str, Any], text: str) -> None:
    assert changes(contract_of(case(), "1.0.0"), case(**changed)).breaking == (text,)


@pytest.mark.parametrize(("changed", "text"), COMPATIBLE)
def test_what_accepts_every_published_row_is_compatible(changed: dict[str, Any], text: str) -> None:
    found = changes(contract_of(case(), "1.0.0"), case(**changed))
    assert (found.breaking, found.compatible) == ((), (text,))


@pytest.fixture
def published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(settings, "CONTRACTS", tmp_path / "contracts")
    return path_of("small_one")


def test_a_version_tells_what_has_changed(published: Path) -> None:
    assert published_changes(case()) is None
    assert publish(case())[:2] == (published, "1.0.0")
    unchanged = published.read_bytes()
    assert publish(case())[1] == "1.0.0"
    assert published.read_bytes() == unchanged
    wider = case(age={"maximum": 99})
    assert publish(wider)[1] == "1.1.0"
    with pytest.raises(ConfigError, match=r"(?s)found breaking changes:\n  age: maximum: was 99; is 30\n.*--breaking"):
        publish(case())
    assert not published_changes(wider).any  # type: ignore[union-attr]
    assert publish(case(), breaking=True)[1] == "2.0.0"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"kind": "Other"}, "expected kind: DataContract and apiVersion: v3.0 or v3.1, found v3.1.0"),
        ({"apiVersion": "v2.2.2"}, "found v2.2.2"),
        ({"schema": []}, "schema: expected one of one object or more; found None"),
        ({"schema": [{"name": "a"}, {"name": "b"}]}, "schema: expected one of a, b; found None"),
        ({"schema": [{"name": "a"}]}, "schema a: expected properties, found none"),
        (
            {"schema": [{"name": "a", "properties": [{"name": "tags", "logicalType": "array"}]}]},
            "tags: logicalType: expected one of integer, number, string, boolean, date, timestamp; found array",
        ),
        (
            {
                "schema": [
                    {
                        "name": "a",
                        "properties": [
                            {"name": "x", "logicalType": "number", "logicalTypeOptions": {"exclusiveMinimum": 0}}
                        ],
                    }
                ]
            },
            "x: expected minimum of a number, found exclusiveMinimum: 0",
        ),
    ],
)
def test_a_contract_that_no_schema_can_have_is_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError) as refused:
        columns_of(schema_of({**contract_of(case(), "1.0.0"), **change}))
    assert message in str(refused.value)


def test_another_tool_s_contract_is_read() -> None:
    properties: list[dict[str, Any]] = [
        {"name": "n", "logicalType": "integer", "logicalTypeOptions": {"exclusiveMinimum": 0, "exclusiveMaximum": 9}},
        {"name": "b", "logicalType": "boolean", "required": True, "classification": "PII"},
        {"name": "t", "logicalType": "string", "logicalTypeOptions": {"maxLength": 2000}},
        {"name": "s", "logicalType": "string", "quality": [{"rule": "invalidValues", "validValues": ["x", "y"]}]},
        {
            "name": "m",
            "logicalType": "number",
            "quality": [{"metric": "missingValues", "arguments": {"missingValues": ["", "N/A"]}, "mustBe": 0}],
        },
    ]
    columns, key = columns_of({"name": "a", "properties": properties})
    assert columns == {
        "n": {"type": "integer", "minimum": 1, "maximum": 8, "nullable": True},
        "b": {"type": "category", "categories": ["false", "true"], "sensitive": True},
        "t": {"type": "text", "max_length": 2000, "nullable": True},
        "s": {"type": "category", "categories": ["x", "y"], "nullable": True},
        "m": {"type": "number", "missing": ["N/A"], "nullable": True},
    }
    assert key == ()


def test_the_command_exports_and_imports_and_changes_only_columns_and_key(
    published: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "trial.yaml"
    text = (settings.USE_CASES / "cake_popularity.yaml").read_text().replace("name: cake_popularity", "name: trial")
    path.write_text(text)
    assert main(["contract", "export", "--use-case", str(path)]) == 0
    assert "version 1.0.0, 7 columns" in " ".join(capsys.readouterr().out.split())
    contract = path_of("trial")
    assert main(["contract", "import", str(contract), "--use-case", str(path)]) == 0
    shown = capsys.readouterr().out
    assert path.read_text() == text

    contract.write_text(contract.read_text().replace("maximum: 25", "maximum: 30"))
    assert main(["contract", "import", str(contract), "--use-case", str(path), "--write"]) == 0
    written = path.read_text()
    assert "maximum: 30" in written
    before, after = text.split("columns:"), written.split("columns:")
    assert before[0] == after[0]
    assert before[1].partition("\n\n")[2] == after[1].partition("\n\n")[2]
    assert "Nothing is written yet" in shown or "already" in shown


def test_an_import_that_other_parts_do_not_fit_writes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, contract = tmp_path / "trial.yaml", tmp_path / "contract.yaml"
    text = (settings.USE_CASES / "cake_popularity.yaml").read_text().replace("name: cake_popularity", "name: trial")
    path.write_text(text)
    contract.write_text(as_yaml(contract_of(case(), "1.0.0")))
    assert main(["contract", "import", str(contract), "--use-case", str(path), "--write"]) == 1
    assert "sweet_tooth" in capsys.readouterr().err
    assert path.read_text() == text
