"""The executors: they run jobs, endpoints, pipelines and servers beside the requests."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from sagemaker_local.clock import Pace
from sagemaker_local.docker import Docker
from sagemaker_local.events import EventBus
from sagemaker_local.feature_store import FeatureStore
from sagemaker_local.logs import LogWriter
from sagemaker_local.metrics import MetricListeners
from sagemaker_local.s3 import S3
from sagemaker_local.sandbox import Sandbox

if TYPE_CHECKING:
    from sagemaker_local.engine import Engine


@dataclass(frozen=True)
class Tools:
    """The tools that every executor uses."""

    sandbox: Sandbox
    s3: S3
    logs: LogWriter
    folder: Path
    region: str
    pace: Pace = field(default_factory=Pace)
    docker: Docker | None = None
    """Runs training and processing jobs in real containers, with `--containers docker`."""
    metrics: MetricListeners = field(default_factory=MetricListeners)
    """The listeners of the metrics of running training jobs."""

    @property
    def state(self) -> Path:
        """The folder of the state that outlives the server."""
        return self.folder.parent


class Executors:
    """All executors. They work only after `bind`."""

    def __init__(self, tools: Tools, slots: int) -> None:
        from sagemaker_local.executors.endpoints import EndpointExecutor
        from sagemaker_local.executors.job_executor import JobExecutor
        from sagemaker_local.executors.pipelines import PipelineExecutor
        from sagemaker_local.executors.processing import ProcessingRun
        from sagemaker_local.executors.tracking_servers import TrackingServers
        from sagemaker_local.executors.training import TrainingRun
        from sagemaker_local.executors.transform import TransformRun
        from sagemaker_local.executors.tuning_executor import TuningExecutor

        self.tools = tools
        self.events = EventBus(tools.region)
        pool = ThreadPoolExecutor(slots, thread_name_prefix="job")
        self.training = JobExecutor(tools, pool, "TrainingJob", TrainingRun)
        self.processing = JobExecutor(tools, pool, "ProcessingJob", ProcessingRun)
        self.transform = JobExecutor(tools, pool, "TransformJob", TransformRun)
        self.tuning = TuningExecutor(tools)
        self.endpoints = EndpointExecutor(tools)
        self.pipelines = PipelineExecutor(tools)
        self.tracking = TrackingServers(tools)
        self.features = FeatureStore(tools.state / "feature-store.sqlite3", tools.region)
        self._pool = pool
        self.ending = False

    def bind(self, engine: Engine) -> None:
        """Continues from an earlier server's state: its jobs have failed, its endpoints start again."""
        for executor in (
            self.training,
            self.processing,
            self.transform,
            self.tuning,
            self.endpoints,
            self.features,
            self.pipelines,
        ):
            executor.bind(engine)
        self.tracking.bind(engine)

    def shutdown(self) -> None:
        """Ends every job and container at once."""
        self.ending = True
        self.pipelines.shutdown()
        self.tuning.shutdown()
        self.training.shutdown()
        self.processing.shutdown()
        self.transform.shutdown()
        self.endpoints.shutdown()
        self.features.shutdown()
        self.tracking.shutdown()
        self._pool.shutdown(wait=True, cancel_futures=True)
        self.tools.logs.close()
        self.events.shutdown()
