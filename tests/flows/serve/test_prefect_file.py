"""A prefect.yaml with a mistake is refused in one sentence, before anything starts."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from config.errors import ConfigError
from flows.serve.prefect_file import read_prefect_file
from tests.flows.conftest import PROJECT

GOOD: dict[str, Any] = {
    "name": "grades",
    "entrypoint": "flows.lifecycle.lifecycle",
    "parameters": {"use_case": "student_grades"},
    "schedules": [{"cron": "0 2 * * *", "timezone": "Europe/Paris"}],
    "work_pool": {"name": "vishwaops"},
}


def written(folder: Path, *deployments: Any) -> Path:
    path = folder / "prefect.yaml"
    path.write_text(yaml.safe_dump({"deployments": list(deployments)}))
    return path


def test_the_shipped_file_is_sound_and_in_one_pool() -> None:
    found = read_prefect_file(PROJECT / "prefect.yaml")
    assert found.pool == "vishwaops"
    assert "student-grades" in found.names
    assert "student-grades-retrain" in found.triggered
    assert "student-grades" not in found.triggered


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"schedules": [{"cron": "0 25 * * *"}]},
            r"prefect\.yaml: deployment grades: schedule 1: cron: expected one such as \"0 2 \* \* \*\", found "
            r"'0 25 \* \* \*'$",
        ),
        (
            {"schedules": [{"cron": "0 2 * * *", "timezone": "Europe/Nowhere"}]},
            r"deployment grades: schedule 1: timezone: expected one such as UTC or Europe/Paris, found 'Europe/No",
        ),
        (
            {"schedules": [{"crom": "0 2 * * *"}]},
            r"schedule 1: expected one of cron, interval, rrule, such as .*; found",
        ),
        ({"parameters": {"use_case": "student_grade"}}, r"deployment grades: parameters: .* found 'student_grade'"),
        (
            {"entrypoint": "flows.lifecycl.lifecycle"},
            r"entrypoint: expected a module and its flow, .*flows\.lifecycl\.",
        ),
        ({"work_pool": {}}, r"work_pool: expected the name of a work pool, found none\. Add: work_pool: \*pool$"),
    ],
)
def test_a_mistake_is_named_with_its_deployment(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        read_prefect_file(written(tmp_path, {**GOOD, **change}))


def test_deployments_of_two_pools_are_refused(tmp_path: Path) -> None:
    other = {**GOOD, "name": "other", "work_pool": {"name": "gpu"}}
    with pytest.raises(ConfigError, match=r"expected one pool, .* found gpu, vishwaops\. Move"):
        read_prefect_file(written(tmp_path, GOOD, other))


def test_a_file_that_is_missing_or_no_list_of_deployments_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.yaml: expected a file with deployments, found none: --prefect-file"):
        read_prefect_file(tmp_path / "none.yaml")
    with pytest.raises(ConfigError, match=r"deployments: expected a list of deployments, each with a name; found"):
        read_prefect_file(written(tmp_path, {"entrypoint": "flows.lifecycle.lifecycle"}))
