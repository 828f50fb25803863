import json
from typing import Any

from config.retraining import Retraining
from config.use_case import UseCase
from tasks.references import MonitoringReport
from tasks.retraining.events import DRIFT_DETECTED, QUALITY_FELL, RETRAIN, asks_for_retraining, effect, events_of
from tests.monitoring_reports import measured, moved, report
from tests.use_cases import small_use_case

CASE = small_use_case(source={"kind": "synthetic_survey", "respondents": 60, "seed": 1}, retraining={"loss": 0.5})
WITHOUT = CASE.model_copy(update={"retraining": None})
DRIFTED = {"verdict": "drift", "features": (moved("age", 0.4),)}
LOST = {"loss": measured(0.6, 0.2, group="origin=here")}


def test_drift_and_a_loss_are_an_event_each_and_only_the_reason_starts_a_retraining() -> None:
    found = {each.event: each.resource[RETRAIN] for each in events_of(CASE, report(CASE.name, **DRIFTED, **LOST))}
    assert found == {DRIFT_DETECTED: "false", QUALITY_FELL: "true"}


def test_stable_traffic_is_no_event() -> None:
    assert events_of(CASE, report(CASE.name, loss=measured(0.6, -0.1))) == ()


def test_drift_alone_starts_a_retraining_with_on_drift() -> None:
    drifting = CASE.model_copy(update={"retraining": Retraining(on_drift=True)})
    assert [each.resource[RETRAIN] for each in events_of(drifting, report(CASE.name, **DRIFTED))] == ["true"]
    assert [each.resource[RETRAIN] for each in events_of(CASE, report(CASE.name, **DRIFTED))] == ["false"]


def test_without_retraining_the_events_start_none() -> None:
    found = events_of(WITHOUT, report(CASE.name, **DRIFTED, **LOST))
    assert [(each.event, each.resource[RETRAIN]) for each in found] == [
        (DRIFT_DETECTED, "false"),
        (QUALITY_FELL, "false"),
    ]


def test_a_report_has_the_same_events_each_time_and_another_report_others() -> None:
    def ids(made: MonitoringReport) -> list[str]:
        return [str(each.id) for each in events_of(CASE, made)]

    first = report(CASE.name, **DRIFTED, **LOST)
    assert ids(first) == ids(first)
    assert not set(ids(first)) & set(ids(first.model_copy(update={"uri": "s3://b/2/report.json"})))


def test_a_payload_is_json_with_the_figures_and_without_a_value_of_a_row() -> None:
    drift, loss = events_of(CASE, report(CASE.name, **DRIFTED, **LOST))
    text = json.dumps([drift.payload, loss.payload])
    assert "purple" not in text  # the value that has moved
    assert "here" not in text  # the subgroup's value
    assert loss.payload["reason"].endswith("in a group of origin")
    assert drift.payload["drifted"] == {"age": 0.4}
    assert loss.payload["loss"] == {"metric": "rmse", "kind": "measured", "loss": 0.6, "low": 0.2}


def test_each_event_says_why_it_asks_for_no_retraining() -> None:
    def effects(case: UseCase, **changes: Any) -> list[str]:
        return [effect(case, each).partition(": ")[2] for each in events_of(case, report(case.name, **changes))]

    assert effects(CASE, **DRIFTED, **LOST) == ["the quality is known, and decides", ""]
    assert effects(CASE, **DRIFTED) == ["retraining.on_drift is false"]
    assert effects(WITHOUT, **DRIFTED) == ["the use case has no `retraining`"]
    assert asks_for_retraining(CASE, report(CASE.name, **LOST))
    assert not asks_for_retraining(CASE, report(CASE.name, **DRIFTED))
