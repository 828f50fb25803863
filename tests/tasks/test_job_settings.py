import json
from pathlib import Path

from config.candidates import Evaluation
from tabular import job_settings as scripts_settings
from tasks import job_settings, storage
from tests.tasks.releases import new_use_case

GATES = [{"metric": "roc_auc", "at_least": 0.6}]


def test_a_script_reads_the_settings_that_were_published_for_it(bucket: str, tmp_path: Path) -> None:
    case = new_use_case(evaluation={"primary": "roc_auc", "gates": GATES, "improvement": 0.25})
    (tmp_path / scripts_settings.FILE).write_bytes(storage.get(f"{job_settings.publish(case)}/{scripts_settings.FILE}"))
    found = scripts_settings.read(tmp_path)["evaluation"]
    assert (found["primary"], found["improvement"]) == ("roc_auc", 0.25)
    assert set(found) == set(Evaluation.model_fields) - job_settings.DECIDED_LATER
    assert scripts_settings.read(None) == {}


def test_equal_settings_have_one_address_and_a_bound_of_a_gate_does_not_change_it(bucket: str) -> None:
    case = new_use_case(evaluation={"primary": "roc_auc", "gates": GATES})
    first = job_settings.publish(case)
    other = case.evaluation.model_copy(update={"gates": ()})
    assert job_settings.publish(case.model_copy(update={"evaluation": other})) == first
    changed = case.evaluation.model_copy(update={"improvement": 0.1})
    assert job_settings.publish(case.model_copy(update={"evaluation": changed})) != first


def test_a_job_gets_only_the_keys_that_it_reads(bucket: str) -> None:
    case = new_use_case(evaluation={"primary": "roc_auc", "gates": GATES})
    uri = f"{job_settings.publish(case, evaluation=('primary', 'gates'))}/{scripts_settings.FILE}"
    assert json.loads(storage.get(uri))["evaluation"] == {"primary": "roc_auc"}
