"""The commands `monitor`, `feedback` and the flow `retrain`, each with a small use case and what it makes."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from config.use_case import UseCase
from flows.commands.main import main
from flows.retraining import retrain
from sagemaker_local.data_capture import Captured
from tasks import audit, locations, names, storage
from tasks.audit.entries import decode
from tasks.ground_truth import batches, truths
from tasks.ground_truth.arrivals import take
from tasks.monitoring import history, reports
from tasks.platform import platform
from tasks.platform.seed import seed_use_case
from tasks.retraining import history as retrainings
from tasks.traffic import hours
from tasks.traffic.collect import collect
from tasks.traffic.hours import hour_of
from tasks.traffic.spans import merged_profile, scored_batches
from tests.faulty_cloud import Call
from tests.resilience import points
from tests.resilience.endings import ONE_CANDIDATE, case_of, jobs_in_progress
from tests.resilience.killed_commands import Command, Prepared
from tests.tasks.capture.captured import CONFIG, put_file
from tests.tasks.monitoring.live_hours import MONITORING, frame, held_out_predictions, released_case
from tests.use_cases import small_use_case

JSON = "application/json"
ROWS = 40
"""Of a request."""
NOW = hour_of(datetime.now(UTC))
EXPIRED = timedelta(days=40)


def monitored(folder: Path, name: str) -> Prepared:
    """A use case with an hour that is stored, new files of two hours, an expired one, and ground truth.

    One of the new files repeats a request, and one line is cut.
    """
    case, champion = released_case(
        hosting={"kind": "instances"}, monitoring={**MONITORING, "late_hours": 48, "feature_metrics": True}
    )
    held_out_predictions(case, champion, frame(200, seed=2))
    first, second, third = (_line(number) for number in range(3))
    _put(case, 2, "a", [first])
    collect(case, datetime.now(UTC))
    _put(case, 2, "b", [second, first])
    _put(case, 1, "c", [third, third[:50]])
    _put(case, 0, "expired", [_line(9, EXPIRED)], EXPIRED)
    _give_truth(case, "1.csv", [(f"request-{number}", row, "yes") for number in range(3) for row in range(ROWS)])
    take(case)
    arguments = ["monitor", "--use-case", _written(folder, name, case)]
    return Prepared(partial(main, arguments), lambda: _monitored_state(case))


def _line(number: int, age: timedelta = timedelta(0)) -> str:
    rows = frame(ROWS, seed=10 + number)
    request = {"instances": rows[["age", "colour"]].to_dict("records")}
    answers = [_answer(row) for row in rows.to_dict("records")]
    body, answer = json.dumps(request).encode(), json.dumps({"predictions": answers}).encode()
    moment = NOW - timedelta(hours=2 if number < 2 else 1) - age
    return Captured(CONFIG, "e", "v", moment, body, JSON, answer, JSON, None, f"request-{number}").line()


def _answer(row: Mapping[Any, Any]) -> dict[str, Any]:
    return {
        "prediction": row["prediction"],
        "probabilities": {"no": row["probability_no"], "yes": row["probability_yes"]},
    }


def _put(case: UseCase, hours_ago: int, name: str, lines: Sequence[str], age: timedelta = timedelta(0)) -> None:
    hosted, moment = f"{names.hosted_prefix(case)}1", NOW - timedelta(hours=hours_ago) - age
    put_file(lines, f"{hosted}/e/{platform().variant}/{moment:{hours.FORMAT}}/{name}.jsonl", case.name)


def _give_truth(case: UseCase, name: str, rows: Sequence[tuple[str, int, str]]) -> None:
    table = pd.DataFrame(rows, columns=["inference_id", "inference_row", "passed"])
    storage.put(f"{locations.ground_truth_inbox(case.name)}/{name}", table.to_csv(index=False).encode())


def _written(folder: Path, name: str, case: UseCase) -> str:
    path = folder / f"{name}.yaml"
    path.write_text(yaml.safe_dump(case.model_dump(mode="json", exclude_unset=True, by_alias=True)))
    return str(path)


def _monitored_state(case: UseCase) -> dict[str, Any]:
    stored, [report] = hours.hours(case), reports.latest(case)
    profile = merged_profile(case, stored)
    scored = [row for batch in scored_batches(case, stored) for row in batch.to_pylist()]
    return {
        "hours": [
            (hour.start, hour.counts, len(hour.files), len(hour.events), sorted(hour.segments)) for hour in stored
        ],
        "scored rows": sorted((row["inference_id"], row["row"], row["age"], row["prediction"]) for row in scored),
        "profile": profile,
        "report": (report.verdict, report.counts, report.features, report.segments, report.loss),
        "live figures": sorted(map(str, report.quality)),
        "history": (history.read(case).days, sorted(map(str, history.read(case).figures))),
        "captures": len(list(storage.names(locations.capture(case.name)))),
    }


def fed(folder: Path, name: str) -> Prepared:
    """A use case with a file of ground truth that was taken, and new ones that repeat and correct it."""
    case = small_use_case(name=name)
    seed_use_case(case.name)
    _give_truth(case, "1.csv", [("a", 0, "yes"), ("a", 1, "no")])
    take(case)
    _give_truth(case, "2.csv", [("a", 0, "yes"), ("a", 1, "yes"), ("b", 0, "no"), ("b", 1, "perhaps")])
    _give_truth(case, "3.csv", [("c", 0, "no"), ("b", 0, "yes")])
    arguments = ["feedback", "--use-case", _written(folder, name, case)]
    return Prepared(partial(main, arguments), lambda: _fed_state(case))


def _fed_state(case: UseCase) -> dict[str, Any]:
    known = batches.load(case.name)
    given = truths(case).drop_columns(["received"]).to_pylist()
    counts = ("rows", "new", "duplicates", "corrected", "quarantined", "digest")
    return {
        "truths": sorted(str(sorted(each.items())) for each in given),
        "batches": [tuple(getattr(each, count) for count in counts) for each in known.batches],
        "files": len(known.files),
        "objects": sorted(name.rpartition("/")[2] for name in storage.names(locations.ground_truth(case.name))),
    }


def retrained(folder: Path, name: str) -> Prepared:
    """A use case with one candidate that an event retrains."""
    path, case = case_of(folder, name, candidates=ONE_CANDIDATE, retraining={"loss": 0.1, "on_drift": True})
    return Prepared(partial(_retrain, str(path)), lambda: _retrained_state(case))


def _retrain(use_case: str) -> None:
    retrain(use_case, "measured f1 is worse", "event-1")


def _retrained_state(case: UseCase) -> dict[str, Any]:
    logged = points.mlflow_runs(case)
    entries = list(map(decode, audit.log_of(case.name).read().entries))
    return {
        "retrainings": [
            (each.number, each.outcome, each.events, each.version, each.champion, each.trained is not None)
            for each in retrainings.read(case.name)
        ],
        "training jobs": len(points.jobs(case, "training")),
        "processing jobs": len(points.jobs(case, "processing")),
        "jobs in progress": jobs_in_progress(case),
        "versions": len(points.versions(case)),
        "MLflow runs": Counter((status, parent is None) for _, status, parent in logged),
        "half-written": len(points.half_written(case)),
        "audit entries": Counter(entry["action"] for entry in entries),
        "is served": bool(points.serving(case)),
    }


def _is_own(call: Call) -> bool:
    """Whether a call writes the retraining's record or an entry of the audit log. `kill` hits the stages."""
    return "/retraining/" in call.path or "/audit/tile/entries/" in call.path


TAKING = ("flows.commands.main", "flows.session.runtime", "tasks.ground_truth.arrivals")
MONITORING_IMPORTS = ("flows.monitoring", "tasks.traffic.increments", "tasks.traffic.reading", "whylogs", "scipy.stats")
COMMANDS = (
    Command("monitor", monitored, modules=("flows.commands.main", *MONITORING_IMPORTS)),
    Command("feedback", fed, modules=TAKING),
    Command("retrain", retrained, _is_own, modules=("flows.retraining",)),
)
