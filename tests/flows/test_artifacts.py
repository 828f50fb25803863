"""Prefect's artifacts of a run."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from prefect import flow
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterKey
from prefect.client.schemas.objects import Artifact

from flows.artifacts import show_page, show_stage
from flows.lifecycle import stage
from tasks.references import LifecycleRun, StageRecord
from tests.references import a_split

pytestmark = pytest.mark.usefixtures("prefect")
RECORD = StageRecord(
    use_case="small_one", run="r", stage="split", started=datetime(2026, 1, 1, tzinfo=UTC), seconds=1.0,
    ran=(), reused=True, reference=a_split(),
)  # fmt: skip


def artifact(key: str) -> Artifact:
    """The artifact of a key that is made once."""
    wanted = ArtifactFilter(key=ArtifactFilterKey(any_=[key]))
    with get_client(sync_client=True) as client:
        return client.read_artifacts(artifact_filter=wanted)[-1]


def test_a_stage_is_a_table_of_its_figures(tmp_path: Path) -> None:
    @flow
    def shown() -> None:
        show_stage(RECORD)

    shown()
    found = artifact("small-one-split")
    assert found.type == "table"
    assert '{"figure": "train_rows", "value": 6}' in str(found.data)
    assert found.description == f"{a_split().headline} (reused)"


def test_the_page_is_a_link(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    run = LifecycleRun(
        use_case="small_one", run="r", started=RECORD.started, records=(), page=str(page), page_uri="s3://b/page.html"
    )

    @flow
    def shown() -> None:
        show_page(run)
        show_page(run.model_copy(update={"page": None, "use_case": "on_aws"}))

    shown()
    assert page.as_uri() in str(artifact("small-one-page").data)
    assert "s3://b/page.html" in str(artifact("on-aws-page").data)
    assert artifact("on-aws-page").description == "The page of run r: s3://b/page.html"


def test_the_state_of_a_failed_run_names_the_source_and_what_is_wrong_with_it(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("respondent,age\n1,12\n")
    state = stage("ingest", "cake_popularity", str(tmp_path / "rows.csv"), return_state=True)
    assert state.is_failed()
    assert "rows.csv: lacks 5 column(s): expected" in str(state.message)
