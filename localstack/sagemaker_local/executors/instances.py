"""One instance of a production variant: the containers of its model, each in its own process."""

from __future__ import annotations

import asyncio
import threading
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Protocol

from sagemaker_local.errors import JobFailure, ModelNotReady, RuntimeValidationError
from sagemaker_local.executors.containers import ServingContainer

if TYPE_CHECKING:
    from sagemaker_local.executors import Tools

_MOST_LOADED = 8  # models of a multi-model container that are in memory at once
_LOAD_TIMEOUT = 55.0


class Instance(Protocol):
    """One instance, which answers requests of a variant."""

    requests: int
    """The number of requests in progress."""

    @property
    def containers(self) -> list[ServingContainer]:
        """The containers that run."""
        ...

    @property
    def healthy(self) -> bool: ...

    def start(self, cancelled: threading.Event) -> None:
        """Returns when it answers; raises JobFailure when it does not start."""

    async def route(self, target_model: str | None, target_container: str | None) -> list[ServingContainer]:
        """The containers that a request passes, in order.

        Raises:
            RuntimeValidationError: the target does not exist, or this model has no such targets.
        """
        ...

    def stop(self) -> None: ...

    def kill(self) -> None: ...


def make_instance(tools: Tools, endpoint: str, variant: dict[str, Any]) -> Instance:
    """An instance for a variant's `Containers`, not started."""
    if variant["Containers"][0].get("Mode") == "MultiModel":
        return MultiModelInstance(tools, endpoint, variant)
    return ContainerInstance(tools, endpoint, variant)


class ContainerInstance:
    """One container, or several: each gets the previous one's answer, or requests name one by its hostname."""

    def __init__(self, tools: Tools, endpoint: str, variant: dict[str, Any]) -> None:
        self._endpoint = endpoint
        self._direct = variant.get("ExecutionMode") == "Direct"
        self.containers = [
            ServingContainer(tools, endpoint, {**variant, "Container": container})
            for container in variant["Containers"]
        ]
        self._by_hostname = {c.variant["Container"].get("ContainerHostname"): c for c in self.containers}
        self.requests = 0

    @property
    def healthy(self) -> bool:
        return all(container.healthy for container in self.containers)

    def start(self, cancelled: threading.Event) -> None:
        if len(self.containers) == 1:
            self.containers[0].start(cancelled)
            return
        with ThreadPoolExecutor(len(self.containers)) as pool:
            starts = [pool.submit(container.start, cancelled) for container in self.containers]
        for start in starts:
            start.result()

    async def route(self, target_model: str | None, target_container: str | None) -> list[ServingContainer]:
        if target_model is not None:
            raise RuntimeValidationError(
                f"Endpoint {self._endpoint} is not a multi-model endpoint and does not support target model header."
            )
        if not self._direct:
            if target_container is not None:
                raise RuntimeValidationError(
                    f"Endpoint {self._endpoint} does not support target container hostname header: its inference "
                    "execution mode is not Direct."
                )
            return self.containers
        if target_container is None:
            raise RuntimeValidationError(
                f"Target container hostname header is required to invoke endpoint {self._endpoint}, whose inference "
                "execution mode is Direct."
            )
        if target_container not in self._by_hostname:
            raise RuntimeValidationError(
                f"Container {target_container} is not one of endpoint {self._endpoint}'s: "
                f"{', '.join(sorted(map(str, self._by_hostname)))}."
            )
        return [self._by_hostname[target_container]]

    def stop(self) -> None:
        for container in self.containers:
            container.stop()

    def kill(self) -> None:
        for container in self.containers:
            container.kill()


class MultiModelInstance:
    """A MultiModel container: a process per model, started at its first request. The least recently used is evicted."""

    def __init__(self, tools: Tools, endpoint: str, variant: dict[str, Any]) -> None:
        self._tools, self._endpoint, self._variant = tools, endpoint, variant
        self._loaded: OrderedDict[str, asyncio.Task[ServingContainer]] = OrderedDict()
        self._cancelled = threading.Event()
        self.requests = 0

    @property
    def healthy(self) -> bool:
        return True

    @property
    def containers(self) -> list[ServingContainer]:
        return [container for _, container in self._running()]

    @property
    def loaded(self) -> list[str]:
        """The models in memory, the least recently used first."""
        return list(self._loaded)

    def start(self, cancelled: threading.Event) -> None:
        """Does nothing: models are loaded at their first request."""

    async def route(self, target_model: str | None, target_container: str | None) -> list[ServingContainer]:
        if target_model is None:
            raise RuntimeValidationError(
                f"Request to multi-model endpoint {self._endpoint} is missing a target model header."
            )
        if target_model not in self._loaded:
            self._loaded[target_model] = asyncio.create_task(self._load(target_model))
        self._loaded.move_to_end(target_model)
        loading = self._loaded[target_model]
        try:
            container = await asyncio.wait_for(asyncio.shield(loading), _LOAD_TIMEOUT)
        except TimeoutError:
            raise ModelNotReady(f"Model {target_model} is still being loaded. Please try again.") from None
        except BaseException:
            if loading.done() and self._loaded.get(target_model) is loading:
                del self._loaded[target_model]
            raise
        container.requests += 1  # so that it is not evicted before the request
        self._evict()
        container.requests -= 1
        return [container]

    def stop(self) -> None:
        self._cancelled.set()
        for _, container in self._running():
            container.stop()

    def kill(self) -> None:
        self._cancelled.set()
        for _, container in self._running():
            container.kill()

    async def _load(self, target_model: str) -> ServingContainer:
        """A container that serves one of the models.

        Raises:
            RuntimeValidationError: there is no such object.
            JobFailure: the model does not load.
        """
        definition = self._variant["Containers"][0]
        url = f"{definition['ModelDataUrl'].rstrip('/')}/{target_model.lstrip('/')}"
        return await asyncio.to_thread(self._start, {**definition, "ModelDataUrl": url})

    def _start(self, definition: dict[str, Any]) -> ServingContainer:
        container = ServingContainer(self._tools, self._endpoint, {**self._variant, "Container": definition})
        try:
            container.start(self._cancelled)
        except BaseException as error:
            container.stop()
            if isinstance(error, JobFailure) and "Data download failed" in str(error):
                raise RuntimeValidationError(_no_model_data(definition["ModelDataUrl"])) from error
            raise
        return container

    def _evict(self) -> None:
        idle = [name for name, container in self._running() if not container.requests]
        for name in idle[: max(len(self._loaded) - _MOST_LOADED, 0)]:
            container = self._loaded.pop(name).result()
            threading.Thread(target=container.stop, daemon=True).start()

    def _running(self) -> list[tuple[str, ServingContainer]]:
        tasks = list(self._loaded.items())
        return [(name, task.result()) for name, task in tasks if task.done() and not _failed(task)]


def _failed(task: asyncio.Task[ServingContainer]) -> bool:
    return task.cancelled() or task.exception() is not None


def _no_model_data(url: str) -> str:
    bucket, key = url.removeprefix("s3://").split("/", 1)
    return (
        f"Failed to download model data(bucket: {bucket}, key: {key}). Please ensure that there is an object located "
        "at the URL and that the role passed to CreateModel has permissions to download the model."
    )
