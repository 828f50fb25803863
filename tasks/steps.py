"""A step of a stage as a Prefect task: retried after a lost connection, limited in time, cached by inputs and code.

The result of a cached step is a reference, stored as JSON in S3 below the use case's `results/`. A later run with the
same inputs and the same code takes it from there, as long as the objects that it names are there.
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
    """The cached steps of a stage, by name: those that it asked for, and those that ran for want of a result."""

    asked: list[str] = field(default_factory=list)
    ran: list[str] = field(default_factory=list)

    @property
    def reused(self) -> bool:
        """Whether all of its cached steps, of which it has one at least, were taken from earlier runs."""
        return bool(self.asked) and not self.ran


_cached_steps: ContextVar[CachedSteps] = ContextVar("cached_steps")


def step(
    *,
    cached: bool = False,
    varies_with: Callable[..., str | None] | None = None,
    limited: bool = True,
    **options: Any,
) -> Callable[[Callable[P, R]], Task[P, R]]:
    """Make a function a Prefect task. `options` are Prefect's own.

    With `cached`, its result is taken from an earlier run with the same parameters, use case and code. Only a step
    that leaves a reference can be. `varies_with` is called with the parameters and returns what else the result
    depends on, or None where that can't be known: then the step runs. With `limited`, it may take the profile's
    `step.limit_in_seconds`; a step on a thread of its own can't be limited, for Prefect can't interrupt a thread that
    waits.
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
    """The function, which notes its name when it runs."""

    @wraps(function)
    def run(*arguments: P.args, **named: P.kwargs) -> R:
        _cached_steps.get(CachedSteps()).ran.append(function.__name__)
        return function(*arguments, **named)

    return run


@contextmanager
def noting_steps() -> Iterator[CachedSteps]:
    """Yield what cached steps the body asks for and runs, on whatever thread."""
    steps = CachedSteps()
    token = _cached_steps.set(steps)
    try:
        yield steps
    finally:
        _cached_steps.reset(token)


def is_fresh() -> bool:
    """Whether the run asks for every step to be repeated, with cached results replaced."""
    return bool(PREFECT_TASKS_REFRESH_CACHE.value())


def may_be_retried(task: Task[..., Any], task_run: TaskRun, state: State[Any]) -> bool:
    """Whether a step failed for a reason that may pass: no answer, or too many requests."""
    return is_transient(state.result(raise_on_failure=False))


def cache_key(varies_with: Callable[..., str | None] | None) -> Callable[[TaskRunContext, dict[str, Any]], str | None]:
    """What computes a step's key: `<use case>/results/<step>-<digest of all that decides>`; None is no key."""

    def compute(context: TaskRunContext, parameters: dict[str, Any]) -> str | None:
        _cached_steps.get(CachedSteps()).asked.append(context.task.name)
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
    raise TypeError(f"expected a parameter of which a key can be made; found {type(value).__name__}")


@cache
def code_digest() -> str:
    """The digest of the code that a step runs, here and in a job, and of the versions of its libraries."""
    files = [path for folder in CODE for path in (settings.PROJECT / folder).rglob("*") if path.suffix in CODE_SUFFIXES]
    lock = settings.PROJECT / "requirements.lock"
    parts = {path.relative_to(settings.PROJECT).as_posix(): digests.of_bytes(path.read_bytes()) for path in files}
    return digests.of_json([parts, digests.of_bytes(lock.read_bytes()) if lock.is_file() else ""])
