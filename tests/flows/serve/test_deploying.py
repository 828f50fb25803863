"""The work pool and the deployments, on the run's Prefect server."""

from pathlib import Path
from uuid import uuid4

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import WorkPoolCreate

from config.errors import ConfigError
from flows.serve.deploying import deploy, ensure_pool
from flows.serve.prefect_file import PrefectFile


def test_a_missing_pool_is_created_and_an_existing_one_stays(prefect: str) -> None:
    name = f"serve-{uuid4().hex[:8]}"
    with get_client(sync_client=True) as client:
        ensure_pool(client, name)
        made = client.read_work_pool(name)
        assert made.type == "process"
        ensure_pool(client, name)
        assert client.read_work_pool(name).id == made.id


def test_a_pool_of_other_workers_is_refused(prefect: str) -> None:
    name = f"serve-{uuid4().hex[:8]}"
    with get_client(sync_client=True) as client:
        client.create_work_pool(WorkPoolCreate(name=name, type="ecs"))
        with pytest.raises(ConfigError, match=rf"work pool {name} .*: expected the type process, found ecs, which"):
            ensure_pool(client, name)


def test_what_prefect_refuses_is_shown(prefect: str, tmp_path: Path) -> None:
    path = tmp_path / "prefect.yaml"
    path.write_text(
        "deployments: [{name: a, entrypoint: flows.lifecycle.lifecycl, work_pool: {name: none}, concurrency_limit: 1}]"
    )
    with pytest.raises(ConfigError, match=rf"^{path}: Prefect refuses it: .*lifecycl"):
        deploy(PrefectFile(path, "none", ("a",)))
