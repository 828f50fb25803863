"""prefect.yaml: its deployments are checked before anything starts."""

import importlib.util
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from config.errors import ConfigError
from config.use_case import use_case_path

KINDS = ("cron", "interval", "rrule")
EXAMPLE = '{cron: "0 2 * * *", timezone: UTC}'


@dataclass(frozen=True)
class PrefectFile:
    """A checked prefect.yaml: all its deployments are in one work pool."""

    path: Path
    pool: str
    names: tuple[str, ...]
    triggered: frozenset[str] = frozenset()
    """The deployments that an event starts."""


def read_prefect_file(path: Path) -> PrefectFile:
    """Return a prefect.yaml. Raises ConfigError for what `prefect deploy` would refuse, or would accept and not run."""
    deployments = _deployments(path)
    for each in deployments:
        _check(f"{path}: deployment {each['name']}", each)
    pools = sorted({_pool(f"{path}: deployment {each['name']}", each) for each in deployments})
    if len(pools) > 1:
        raise ConfigError(
            f"{path}: work_pool: expected one pool, which this command's worker serves; found {', '.join(pools)}. "
            "Move the deployments of other pools to another file"
        )
    triggered = frozenset(each["name"] for each in deployments if each.get("triggers"))
    return PrefectFile(path, pools[0], tuple(each["name"] for each in deployments), triggered)


def _deployments(path: Path) -> list[dict[str, Any]]:
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError(f"{path}: expected a file with deployments, found none: --prefect-file names it") from None
    except yaml.YAMLError as error:
        raise ConfigError(f"{path}: expected YAML; {' '.join(str(error).split())}") from None
    found = content.get("deployments") if isinstance(content, Mapping) else None
    if not found or not all(isinstance(each, Mapping) and each.get("name") for each in found):
        raise ConfigError(f"{path}: deployments: expected a list of deployments, each with a name; found {found!r}")
    return list(found)


def _pool(where: str, deployment: Mapping[str, Any]) -> str:
    name = (deployment.get("work_pool") or {}).get("name")
    if not name:
        raise ConfigError(f"{where}: work_pool: expected the name of a work pool, found none. Add: work_pool: *pool")
    return str(name)


def _check(where: str, deployment: Mapping[str, Any]) -> None:
    module = str(deployment.get("entrypoint") or "").rpartition(".")[0]
    if not _exists(module):
        raise ConfigError(
            f"{where}: entrypoint: expected a module and its flow, such as flows.lifecycle.lifecycle; found "
            f"{deployment.get('entrypoint')!r}"
        )
    if use_case := (deployment.get("parameters") or {}).get("use_case"):
        try:
            use_case_path(use_case)
        except ConfigError as error:
            raise ConfigError(f"{where}: parameters: {error}") from None
    for number, schedule in enumerate(deployment.get("schedules") or (), 1):
        for problem in _problems(schedule):
            raise ConfigError(f"{where}: schedule {number}: {problem}")


def _exists(module: str) -> bool:
    try:
        return bool(module) and importlib.util.find_spec(module) is not None
    except (ImportError, ValueError):
        return False


def _problems(schedule: Any) -> Iterator[str]:
    kinds = [kind for kind in KINDS if isinstance(schedule, Mapping) and schedule.get(kind)]
    if len(kinds) != 1:
        yield f"expected one of {', '.join(KINDS)}, such as {EXAMPLE}; found {schedule!r}"
    elif kinds == ["cron"]:
        yield from _cron_problems(schedule)


def _cron_problems(schedule: Mapping[str, Any]) -> Iterator[str]:
    from prefect.client.schemas.schedules import CronSchedule

    for key, example in (("timezone", "UTC or Europe/Paris"), ("cron", '"0 2 * * *"')):
        given = {"cron": "0 2 * * *", "timezone": "UTC", key: schedule.get(key, "UTC")}
        try:
            CronSchedule(**given)
        except (ValidationError, ValueError):
            yield f"{key}: expected one such as {example}, found {schedule.get(key)!r}"
