"""Sends the OpenLineage events of a run's stages."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import version
from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_URL, UUID, uuid5

from config import settings
from config.errors import VishwaOpsError
from config.profile import active_profile
from config.use_case import UseCase
from tasks.open_lineage.datasets import Name, names_of, source_name
from tasks.progress import log
from tasks.references import DatasetVersion, Reference

if TYPE_CHECKING:  # the client takes a third of a second to import
    from openlineage.client import OpenLineageClient
    from openlineage.client.event_v2 import InputDataset, OutputDataset

FILE = settings.STATE / "lineage" / "events.jsonl"
"""The events of this machine, one JSON object per line."""
API_KEY = "OPENLINEAGE_API_KEY"
"""The environment variable with the key of the server of `kind: http`: OpenLineage's own name."""
PRODUCER = f"urn:{settings.NAME}:{version(settings.NAME)}"


@dataclass
class StageEvents:
    """The events of one stage of a run."""

    use_case: UseCase
    run: str
    flow: str
    stage: str
    inputs: tuple[Name, ...]
    source: str = ""
    _output: Reference | None = field(default=None, init=False)

    def completed(self, output: Reference) -> None:
        """Set the output of the stage, for the event COMPLETE."""
        self._output = output

    def send(self, state: str, error: BaseException | None = None) -> None:
        """Send an event: START, COMPLETE, FAIL or ABORT. A failure to send is logged once, and nothing else fails."""
        if (client := _client()) is None:
            return
        try:
            client.emit(self._event(state, error))
        except Exception as failure:  # noqa: BLE001  # whatever the transport raises: lineage never stops a run
            _log_once(f"{type(failure).__name__}: {failure}")

    def _event(self, state: str, error: BaseException | None) -> Any:
        from openlineage.client.event_v2 import Job, Run, RunEvent, RunState
        from openlineage.client.facet_v2 import error_message_run, job_type_job, parent_run

        namespace, job = f"{settings.NAME}-{active_profile().environment}", f"{self.use_case.name}.{self.stage}"
        parent = parent_run.ParentRunFacet(
            run=parent_run.Run(runId=str(run_id(self.use_case.name, self.run))),
            job=parent_run.Job(namespace=namespace, name=f"{self.use_case.name}.{self.flow}"),
        )
        facets: dict[str, Any] = {"parent": parent}
        if isinstance(error, VishwaOpsError):  # its message holds no secret and no sensitive value
            facets["errorMessage"] = error_message_run.ErrorMessageRunFacet(str(error), "python")
        kind = job_type_job.JobTypeJobFacet(processingType="BATCH", integration="VISHWAOPS", jobType="STAGE")
        return RunEvent(
            eventType=RunState[state],
            eventTime=datetime.now(UTC).isoformat(),
            run=Run(str(run_id(self.use_case.name, self.run, self.stage)), facets),
            job=Job(namespace, job, {"jobType": kind}),
            inputs=list(self._inputs()),
            outputs=list(self._outputs()),
            producer=PRODUCER,
        )

    def _inputs(self) -> "Iterator[InputDataset]":
        from openlineage.client.event_v2 import InputDataset

        named = self._output.source if isinstance(self._output, DatasetVersion) else self.source
        for name in (*self.inputs, *([source_name(named)] if named else [])):
            yield InputDataset(*name)

    def _outputs(self) -> "Iterator[OutputDataset]":
        from openlineage.client.event_v2 import OutputDataset

        if self._output is None:
            return
        facets = _dataset_facets(self.use_case, self._output) if isinstance(self._output, DatasetVersion) else {}
        for name in names_of(self._output):
            if name not in self.inputs:
                yield OutputDataset(*name, facets=facets)


def _dataset_facets(use_case: UseCase, dataset: DatasetVersion) -> dict[str, Any]:
    """Return the version and the columns of a dataset, without any value."""
    from openlineage.client.facet_v2 import dataset_version_dataset, schema_dataset, symlinks_dataset

    columns = [
        schema_dataset.SchemaDatasetFacetFields(name=name, type=column.type, description=column.description)
        for name, column in use_case.columns.items()
    ]
    glue = symlinks_dataset.Identifier(namespace="glue", name=dataset.table, type="TABLE")
    return {
        "symlinks": symlinks_dataset.SymlinksDatasetFacet(identifiers=[glue]),
        "version": dataset_version_dataset.DatasetVersionDatasetFacet(datasetVersion=dataset.digest),
        "schema": schema_dataset.SchemaDatasetFacet(fields=columns),
    }


def run_id(use_case: str, run: str, stage: str = "") -> UUID:
    """Return the UUID of a run, or of one stage of it. OpenLineage requires UUIDs."""
    return uuid5(NAMESPACE_URL, "/".join(filter(None, (settings.NAME, use_case, run, stage))))


@contextmanager
def stage_events(
    use_case: UseCase, run: str, flow: str, stage: str, inputs: Mapping[str, Reference], source: str
) -> Iterator[Callable[[Reference], None]]:
    """Send START, and at the end COMPLETE, FAIL or ABORT. Yields a function that takes the stage's output.

    `source` describes the source of a stage that reads one; otherwise it is empty.
    """
    names = tuple(dict.fromkeys(name for reference in inputs.values() for name in names_of(reference)))
    events = StageEvents(use_case, run, flow, stage, names, source)
    events.send("START")
    try:
        yield events.completed
    except Exception as error:
        events.send("FAIL", error)
        raise
    except BaseException:
        events.send("ABORT")
        raise
    events.send("COMPLETE")


@cache
def _client() -> "OpenLineageClient | None":
    lineage = active_profile().lineage
    if lineage.kind == "none":
        return None
    from openlineage.client import OpenLineageClient
    from openlineage.client.transport.file import FileConfig, FileTransport
    from openlineage.client.transport.http import ApiKeyTokenProvider, HttpConfig, HttpTransport, TokenProvider

    if lineage.kind == "file":
        FILE.parent.mkdir(parents=True, exist_ok=True)
        return OpenLineageClient(transport=FileTransport(FileConfig(log_file_path=str(FILE), append=True)))
    key = ApiKeyTokenProvider({"apiKey": os.environ[API_KEY]}) if API_KEY in os.environ else TokenProvider({})
    config = HttpConfig(url=str(lineage.url), auth=key, retry={"total": 1, "backoff_factor": 0.3})
    return OpenLineageClient(transport=HttpTransport(config))


@cache
def _log_once(failure: str) -> None:
    log.warning("lineage   events are not sent: %s", failure)
