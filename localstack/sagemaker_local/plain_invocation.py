"""A request to a model of one container, which needs neither a coroutine nor a task."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from sagemaker_local import data_capture
from sagemaker_local.container_connection import Outcome
from sagemaker_local.container_http import ContainerResponse
from sagemaker_local.invocation_call import Answered, Call, admitted
from sagemaker_local.invocation_failures import container_name, model_error, no_answer

if TYPE_CHECKING:
    from sagemaker_local.engine import Engine
    from sagemaker_local.executors.fleets import Fleet


class PlainInvocation:
    """A request to a model of one container: sent when it is made. `done` gets its result or its error."""

    __slots__ = ("_call", "_container", "_done", "_engine", "_fleet", "_instance", "_measured", "_sent", "_variant")

    def __init__(self, engine: Engine, fleet: Fleet, call: Call, done: Callable[[Answered | Exception], None]) -> None:
        self._engine, self._fleet, self._call, self._done = engine, fleet, call, done
        self._variant = fleet.pick(call.members.get("TargetVariant"))
        self._instance, self._measured = admitted(self._variant, call)
        [self._container] = self._instance.containers
        self._container.requests += 1
        self._sent = time.perf_counter()
        self._container.client.send("/invocations", call.headers, call.body, call.timeout, self._answered)

    def _answered(self, outcome: Outcome) -> None:
        measured, call = self._measured, self._call
        measured.in_model = time.perf_counter() - self._sent
        self._container.requests -= 1
        self._instance.requests -= 1
        if isinstance(outcome, ContainerResponse):
            measured.status = outcome.status
        self._engine.executors.endpoints.metrics.add(measured.taken(call.endpoint, self._variant))
        self._done(self._result(outcome))

    def _result(self, outcome: Outcome) -> Answered | Exception:
        engine, call = self._engine, self._call
        if isinstance(outcome, ContainerResponse) and 200 <= outcome.status < 300:
            data_capture.capture(engine, self._fleet, self._variant.name, call, outcome)
            return Answered(self._variant.name, outcome)
        name = container_name(self._container, [self._container])
        if isinstance(outcome, ContainerResponse):
            return model_error(engine, call, name, outcome.status, outcome.body.decode(errors="replace"))
        return no_answer(engine, call, name, outcome)
