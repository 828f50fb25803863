"""A use case in the closed loop: its YAML file, its source, its deployments, and a client that calls its endpoint."""

import json
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import boto3
import pandas as pd
import yaml
from botocore.config import Config
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.actions import DeploymentScheduleCreate
from prefect.client.schemas.schedules import IntervalSchedule

from config.use_case import UseCase, load_use_case
from tasks import clients, locations, storage
from tasks.platform import platform
from tasks.platform.seed import seed_use_case
from tests.closed_loop.students import csv
from tests.patience import at_this_load

ROWS = 25
"""Of a request."""
INTERVAL_SECONDS = 120.0
"""Between the runs of `monitor` and of `feedback`. The first run of each normally suffices."""
SCHEDULER_SECONDS = 6.0
"""Prefect's scheduler looks for changed deployments every five seconds. It makes no run of a time that has passed."""
PAUSE_SECONDS, LATER_PAUSE_SECONDS = 0.2, 1.0
"""Between the requests of a client, and once there is traffic enough."""
FEATURES = ("hours", "attendance", "campus")


@dataclass
class Client:
    """Calls an endpoint on a thread until it is ended. It notes each failure, and the ids of its requests."""

    endpoint: str
    rows: pd.DataFrame
    pause: float = PAUSE_SECONDS
    sent: list[tuple[str, pd.DataFrame]] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    _over: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        once = Config(retries={"total_max_attempts": 1}, read_timeout=30)
        self._runtime = boto3.client("sagemaker-runtime", region_name="us-east-1", config=once)
        self._thread = threading.Thread(target=self._call, name=f"client of {self.endpoint}", daemon=True)
        self._thread.start()

    def _call(self) -> None:
        number = 0
        while not self._over.wait(self.pause):
            rows, number = self.rows.sample(ROWS, random_state=number), number + 1
            try:
                self.ask(rows, inference_id := f"{self.endpoint}-{number}")
                self.sent.append((inference_id, rows))
            except Exception as error:  # noqa: BLE001  the test shows it
                self.failures.append(f"request {number}: {error}")

    def ask(self, rows: pd.DataFrame, inference_id: str) -> list[dict[str, Any]]:
        """Send rows in one request, which is not repeated. Returns the answers."""
        body = json.dumps({"instances": rows[list(FEATURES)].to_dict("records")})
        answer = self._runtime.invoke_endpoint(
            EndpointName=self.endpoint, Body=body, ContentType="application/json", InferenceId=inference_id
        )
        found: list[dict[str, Any]] = json.loads(answer["Body"].read())["predictions"]
        assert len(found) == len(rows), found
        return found

    def end(self) -> None:
        """Send no further request."""
        self._over.set()
        self._thread.join()


class Loop:
    """One use case. `folder` gets its YAML file; its rows are below `s3://<bucket>/closed-loop/<name>/`."""

    def __init__(self, name: str, folder: Path, bucket: str, **changes: Any) -> None:
        self.path, self.bucket, self.prefix, self.files = folder / f"{name}.yaml", bucket, f"closed-loop/{name}", 0
        self.path.write_text(yaml.safe_dump(use_case(name, f"s3://{bucket}/{self.prefix}/") | changes))
        self.case: UseCase = load_use_case(str(self.path))
        seed_use_case(name)

    def add(self, rows: pd.DataFrame) -> None:
        """Add a file of rows to the source."""
        self.files += 1
        key = f"{self.prefix}/rows-{self.files}.csv"
        clients.s3().put_object(Bucket=self.bucket, Key=key, Body=csv(rows))

    def served(self) -> str:
        """The version that the endpoint serves and its settings; empty while there is no endpoint in service."""
        try:
            found = clients.sagemaker().describe_endpoint(EndpointName=platform().endpoint(self.case.name))
        except clients.sagemaker().exceptions.ClientError:
            return ""
        return str(found["EndpointConfigName"]) if found["EndpointStatus"] == "InService" else ""

    def client(self, rows: pd.DataFrame) -> Client:
        """A client that starts now, and sends rows of these."""
        return Client(platform().endpoint(self.case.name), rows)

    def tell(self, sent: Sequence[tuple[str, pd.DataFrame]]) -> None:
        """Put the ground truth of requests into the inbox."""
        truth = [
            rows[["campus", "passed"]].assign(inference_id=inference_id, inference_row=range(len(rows)))
            for inference_id, rows in sent
        ]
        name = f"{locations.ground_truth_inbox(self.case.name)}/{uuid4().hex}.csv"
        storage.put(name, csv(pd.concat(truth)))

    def deployments(self) -> list[dict[str, Any]]:
        """Its deployments, as in prefect.yaml."""
        slug, parameters = self.case.slug, {"use_case": str(self.path)}
        return [
            deployment(f"{slug}-feedback", "flows.feedback.feedback", parameters),
            deployment(f"{slug}-monitor", "flows.monitoring.monitor", parameters),
            deployment(f"{slug}-retrain", "flows.retraining.retrain", parameters, triggers=[retrain_on(self)]),
        ]

    def schedule(self, prefect: SyncPrefectClient, flow: str, after: float) -> None:
        """Let the deployment of a flow run regularly, the first time in `after` seconds, or later on a busy machine."""
        found = prefect.read_deployment_by_name(f"{flow}/{self.case.slug}-{flow}")
        first = datetime.now(UTC) + timedelta(seconds=at_this_load(SCHEDULER_SECONDS + after))
        every = IntervalSchedule(interval=timedelta(seconds=INTERVAL_SECONDS), anchor_date=first)
        prefect.create_deployment_schedules(found.id, [DeploymentScheduleCreate(schedule=every)])


def deployment(name: str, entrypoint: str, parameters: dict[str, Any], **more: Any) -> dict[str, Any]:
    """An entry of prefect.yaml."""
    one_at_a_time = {"limit": 1, "collision_strategy": "CANCEL_NEW"}
    pool = {"name": "closed-loop"}
    known = {"name": name, "entrypoint": entrypoint, "parameters": parameters}
    return {**known, "concurrency_limit": one_at_a_time, "work_pool": pool, **more}


def retrain_on(loop: Loop) -> dict[str, Any]:
    """The automation of a retraining, as in prefect.yaml."""
    jinja = {"__prefect_kind": "jinja", "template": "{{ event.id }}"}
    reason = {"__prefect_kind": "jinja", "template": "{{ event.payload.reason | tojson }}"}
    return {
        "expect": ["vishwaops.drift.detected", "vishwaops.quality.fell"],
        "for_each": ["prefect.resource.id"],
        "match": {"prefect.resource.id": f"vishwaops.use-case.{loop.case.slug}", "vishwaops.retrain": "true"},
        "posture": "Reactive",
        "threshold": 1,
        "within": 600,
        "parameters": {
            "use_case": str(loop.path),
            "reason": {"__prefect_kind": "json", "value": reason},
            "event": jinja,
        },
    }


def use_case(name: str, location: str) -> dict[str, Any]:
    """The YAML of a use case on instances, whose new versions are released as a canary."""
    return {
        "name": name,
        "question": "Will this student pass?",
        "kpis": [{"name": "students who were helped in time", "target": "90 %"}],
        "source": {"kind": "s3_prefix", "location": location, "pattern": "*.csv"},
        "columns": {
            "id": {"type": "integer", "minimum": 1},
            "hours": {"type": "number"},
            "attendance": {"type": "number"},
            "campus": {"type": "category", "categories": ["north", "south"]},
            "part": {"type": "category", "categories": ["train", "validation", "test"]},
            "passed": {"type": "category", "categories": ["no", "yes"]},
        },
        "key": ["id"],
        "target": {"column": "passed", "task": "binary", "classes": ["no", "yes"]},
        "features": list(FEATURES),
        "split": {"by": "random", "seed": 7, "validation": 0.2, "test": 0.25},
        "candidates": [{"name": "logistic", "algorithm": "logistic_regression"}],
        "training": {"refit": False},
        "evaluation": {"primary": "accuracy", "gates": [{"metric": "accuracy", "at_least": 0.7}]},
        "quality": {"minimum_rows": 50, "maximum_quarantined_share": 0.1},
        "monitoring": {"psi_warning": 0.1, "psi_drift": 0.25, "minimum_rows": 100, "segments": ["campus"]},
        "hosting": {"kind": "instances"},
        "release": {"steps": {"kind": "canary", "percent": 50, "minutes": 1}},
        "retraining": {
            "loss": 0.1,
            "on_drift": True,
            "debounce_minutes": 0,
            "cool_down_hours": 0,
            "at_most_per_day": 24,
        },
    }
