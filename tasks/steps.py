"""A step of a stage as a Prefect task: retried after a lost connection, limited in time, cached by inputs and code.

The result of a cached step is a reference, stored as JSON in S3 below the use case's `results/`. A later run with equal
inputs and code reuses it, as long as the objects at its addresses exist.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache, wraps
from typing import Any, ParamSpec, TypeVar

from prefect import Task, task
from prefect.client.schemas.objects import State, TaskRun
from prefect.context import TaskRunContext
from prefect.settings import PREFECT_TASKS_REFRESH_CACHE
from prefect.tasks import exponential_backoff
from pydantic import BaseModel

from config import settings
from config.profile import active_profile
from config.use_case import UseCase
from tasks import digests
from tasks.connection import is_transient
from tasks.step_results import RESULTS, ReferenceSerializer

CODE = ("config", "tasks", "sagemaker_scripts")
CODE_SUFFIXES = (".py", ".json", ".j2", ".txt")

P = ParamSpec("P")
R = TypeVar("R")


@dataclass
class CachedSteps:
    """The cached steps of a stage, by name: all of them, and those that ran because no earlier result existed."""

    called: list[str] = field(default_factory=list)
    ran: list[str] = field(default_factory=list)

    @property
    def reused(self) -> bool:
        """Whether the stage has cached steps and all their results come from earlier runs."""
        return bool(self.called) and not self.ran


_cached_steps: ContextVar[CachedSteps] = ContextVar("cached_steps")


def step(
    *,
    cached: bool = False,
    varies_with: Callable[..., str | None] | None = None,
    limited: bool = True,
    **options: Any,
) -> Callable[[Callable[P, R]], Task[P, R]]:
    """Make a function a Prefect task. `options` are Prefect's own.

    With `cached`, the result of an earlier run with equal parameters, use case and code is reused. The function must
    return a reference. `varies_with` is called with the parameters and returns what else the result depends on, or None
    if that is unknown: then the step always runs. With `limited`, the profile's `step.limit_in_seconds` applies. A step
    on another thread can't be limited, because Prefect can't interrupt a waiting thread.
    """
    limits = active_profile().step
    caching = {
        "cache_key_fn": cache_key(varies_with),
        "result_storage": RESULTS,
        "result_serializer": ReferenceSerializer(),
    }
    chosen: dict[str, Any] = {
        "retries": limits.retries,
        "retry_delay_seconds": exponential_backoff(limits.first_retry_after_seconds),
        "retry_jitter_factor": 0.5,
        "retry_condition_fn": may_be_retried,
        "timeout_seconds": limits.limit_in_seconds if limited else None,
        **(caching if cached else {"persist_result": False}),
        **options,
    }
    return lambda function: task(**chosen)(_noted(function) if cached else function)


def _noted(function: Callable[P, R]) -> Callable[P, R]:
    """Wrap the function, so that it records its name when it runs."""

    @wraps(function)
    def run(*arguments: P.args, **named: P.kwargs) -> R:
        _cached_steps.get(CachedSteps()).ran.append(function.__name__)
        return function(*arguments, **named)

    return run


@contextmanager
def noting_steps() -> Iterator[CachedSteps]:
    """Record the cached steps that the body calls, on any thread, and those that run."""
    steps = CachedSteps()
    token = _cached_steps.set(steps)
    try:
        yield steps
    finally:
        _cached_steps.reset(token)


def is_fresh() -> bool:
    """Whether the run repeats every step and replaces cached results (`--fresh`)."""
    return bool(PREFECT_TASKS_REFRESH_CACHE.value())


def may_be_retried(task: Task[..., Any], task_run: TaskRun, state: State[Any]) -> bool:
    """Whether a step failed with a transient error: a lost connection or throttling."""
    return is_transient(state.result(raise_on_failure=False))


def cache_key(varies_with: Callable[..., str | None] | None) -> Callable[[TaskRunContext, dict[str, Any]], str | None]:
    """Return the function of a step's key: `<use case>/results/<step>-<digest of all its inputs>`, or None."""

    def compute(context: TaskRunContext, parameters: dict[str, Any]) -> str | None:
        _cached_steps.get(CachedSteps()).called.append(context.task.name)
        further = varies_with(**parameters) if varies_with else ""
        if further is None:
            return None
        case: UseCase = parameters["use_case"]
        digest = digests.of_json([_plain(parameters), further, code_digest(), _jobs()])
        return f"{case.name}/results/{context.task.name.replace('_', '-')}-{digest}"

    return compute


def _jobs() -> list[Any]:
    """What the profile says of the jobs that a step may run: their image, and their machines."""
    profile = active_profile()
    return [profile.image, profile.jobs.instance_type, profile.jobs.instance_count]


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if isinstance(value, Mapping):
        return {name: _plain(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    if value is None or isinstance(value, str | int | float):
        return value
    raise TypeError(f"expected a parameter that can be part of a cache key; found {type(value).__name__}")


@cache
def code_digest() -> str:
    """Return the digest of the code of steps and jobs, and of the versions of its libraries."""
    files = [path for folder in CODE for path in (settings.PROJECT / folder).rglob("*") if path.suffix in CODE_SUFFIXES]
    lock = settings.PROJECT / "requirements.lock"
    parts = {path.relative_to(settings.PROJECT).as_posix(): digests.of_bytes(path.read_bytes()) for path in files}
    return digests.of_json([parts, digests.of_bytes(lock.read_bytes()) if lock.is_file() else ""])
