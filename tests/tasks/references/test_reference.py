from pathlib import Path

import pytest

import tasks
from tasks.references.reference import Reference, decode, encode
from tests.references import a_model, a_split
from tests.tasks.pages.runs import evaluation, references, release

OWN_STAGE = """
from tasks.references import Reference

class Counted(Reference):
    rows: int
"""
EXPECTED = {
    "ingest": "607 rows from rows.csv; version 0123456789abcdef",
    "validate": "600 rows fit the schema, 7 in quarantine",
    "split": "360 train, 120 validation, 120 test; without height (constant)",
    "train": "2 models in 6.2 s of training: logistic, xgboost",
    "evaluate": "logistic on 120 held-out rows: roc_auc 0.8123, naive 0.5000, champion 0.7900",
    "register": "version 3 approved",
    "deploy": "endpoint vishwaops-offline-small-one serves version 3 since this run",
    "predict": "120 rows scored; primary metric 0.8123",
    "monitor": "warning over 2 features; largest drift: age, PSI 0.182",
}


@pytest.mark.parametrize("stage", EXPECTED)
def test_a_headline_has_the_main_figures(stage: str) -> None:
    assert references()[stage].headline == EXPECTED[stage]


def test_a_headline_reports_exceptions() -> None:
    left = references()
    assert (
        left["ingest"].model_copy(update={"malformed": 2}).headline.startswith("607 rows from rows.csv, 2 malformed;")
    )
    assert left["validate"].model_copy(update={"without_target": 9}).headline.endswith(", 9 without a target")
    assert evaluation(champion=None).headline.endswith("no champion yet")
    assert release(approved=False, reasons=("a", "b")).headline == "version 3 rejected: a; b"
    assert left["deploy"].model_copy(update={"changed": False}).headline.endswith("as before")
    assert left["predict"].model_copy(update={"quarantined": 3, "quality": None}).headline == "120 rows scored, 3 not"


def test_every_output_of_a_stage_has_a_headline() -> None:
    silent = [stage for stage, reference in references().items() if type(reference).headline is Reference.headline]
    assert silent == []
    assert a_split().headline
    assert a_model(metrics={"train:f1": 1.0, "validation:f1": 0.5}).headline == "a: validation:f1 0.5000; 1.0 s"


def test_a_reference_in_the_module_of_its_stage_is_read_where_that_module_is_not_imported_yet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "count_rows.py").write_text(OWN_STAGE)
    monkeypatch.setattr(tasks, "__path__", [*tasks.__path__, str(tmp_path)])
    stored = b'{"kind": "tasks.count_rows.Counted", "value": {"use_case": "small_one", "rows": 3}}'
    reference = decode(stored)
    assert reference.model_dump() == {"use_case": "small_one", "rows": 3}
    assert decode(encode(reference)) == reference


@pytest.mark.parametrize("kind", ["Nothing", "tasks.nothing.Nothing", "tasks.names.stamp", "this.Reference"])
def test_a_kind_that_there_is_not_is_refused_and_no_module_outside_tasks_is_imported(
    kind: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(ValueError, match=f"kind: expected one of BatchScores, Champion, .*; found '{kind}'"):
        decode(f'{{"kind": "{kind}", "value": {{}}}}')
    assert capfd.readouterr().out == ""  # the module `this` prints when it is imported


def test_a_reference_survives_its_json() -> None:
    assert decode(encode(a_split())) == a_split()
