"""The instances of an endpoint's variants: chosen for requests, added, removed, drained."""

from __future__ import annotations

import math
import os
import random
import threading
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from sagemaker_local.errors import RuntimeValidationError
from sagemaker_local.executors.instances import Instance, make_instance

if TYPE_CHECKING:
    from sagemaker_local.executors import Tools

MOST_INSTANCES = max(4, 2 * (os.cpu_count() or 1))  # instances of a variant that run; more are accepted and only shown
_DRAIN = 900.0  # seconds for requests, also asynchronous ones, to finish on an instance that is removed
_SETTLE = 0.05  # seconds, for a request of another thread that has just chosen the instance
_MOST_TO_SETTLE = 5.0  # seconds that the event loop may take for one step


class VariantFleet:
    """The instances of one variant."""

    def __init__(self, tools: Tools, endpoint: str, variant: dict[str, Any]) -> None:
        self.variant = variant
        self.name: str = variant["VariantName"]
        self.weight: float = variant["Weight"]
        self.instances: list[Instance] = []
        self.is_plain = _is_plain(variant)
        """Whether a request needs one container, which is always the same."""
        self._tools, self._endpoint = tools, endpoint
        self._turn = 0

    @property
    def requests(self) -> int:
        """The number of requests in progress."""
        return sum(instance.requests for instance in self.instances)

    def pick(self) -> Instance:
        """The least busy healthy instance; equals take turns.

        Raises:
            RuntimeValidationError: the variant was scaled to no instances.
        """
        instances = self.instances
        if len(instances) == 1:
            return instances[0]
        if not instances:
            raise RuntimeValidationError(f"Variant {self.name} of endpoint {self._endpoint} has no instances.")
        self._turn += 1
        start = self._turn % len(instances)
        return min(instances[start:] + instances[:start], key=lambda each: (not each.healthy, each.requests))

    def scale(self, count: int, cancelled: threading.Event) -> None:
        """Returns when `count` instances answer, and surplus ones have finished their requests and ended.

        Raises:
            JobFailure: one did not start; then none of the new ones is left.
        """
        count = min(count, MOST_INSTANCES)
        new = [make_instance(self._tools, self._endpoint, self.variant) for _ in range(count - len(self.instances))]
        try:
            _start_all(new, cancelled)
        except BaseException:
            _stop_all(new)
            raise
        surplus = self.instances[count:]
        self.instances = [*self.instances, *new][:count]
        _drain(surplus)


class Fleet:
    """The variants of an endpoint: production variants, and shadow variants that get copies of requests."""

    def __init__(self, tools: Tools, endpoint: str, spec: dict[str, Any]) -> None:
        self.spec = spec
        self.variants = {v["VariantName"]: VariantFleet(tools, endpoint, v) for v in spec["Variants"]}
        self.shadows = [VariantFleet(tools, endpoint, v) for v in spec["Shadows"]]
        self.is_plain = not self.shadows and all(variant.is_plain for variant in self.variants.values())
        """Whether each request goes to one container, without copies."""

    def pick(self, target: str | None) -> VariantFleet:
        """The target variant, or one chosen by weight.

        Raises:
            RuntimeValidationError: there is no variant of this name.
        """
        if target is not None:
            if target not in self.variants:
                raise RuntimeValidationError(f"Variant {target} not found for Request")
            return self.variants[target]
        variants = [*self.variants.values()]
        if len(variants) == 1:
            return variants[0]
        weights = [variant.weight for variant in variants]
        if not any(weights):
            return variants[0]
        return random.choices(variants, weights)[0]  # noqa: S311

    def shadows_of_this_request(self) -> list[VariantFleet]:
        """The shadow variants that get a copy: chosen by their weight relative to the production variant's."""
        production = sum(variant.weight for variant in self.variants.values())
        return [
            shadow
            for shadow in self.shadows
            if production and random.random() < shadow.weight / production  # noqa: S311
        ]

    def scale(self, share: float, cancelled: threading.Event) -> None:
        """Scales every variant to that share of its instances (at least one, unless the share is 0).

        Raises:
            JobFailure: one did not start.
        """
        every = [*self.variants.values(), *self.shadows]
        with ThreadPoolExecutor(len(every)) as pool:
            scalings = [pool.submit(each.scale, math.ceil(each.variant["Count"] * share), cancelled) for each in every]
        for scaling in scalings:
            scaling.result()

    @property
    def size(self) -> int:
        """The number of instances of the production variants."""
        return sum(len(variant.instances) for variant in self.variants.values())

    def stop(self) -> None:
        """Waits for requests in progress, then ends the instances."""
        _drain(self._instances())

    def kill(self) -> None:
        """Ends the instances without grace, when the server ends."""
        for instance in self._instances():
            instance.kill()

    def _instances(self) -> list[Instance]:
        every = [*self.variants.values(), *self.shadows]
        return [instance for variant in every for instance in variant.instances]


def _is_plain(variant: dict[str, Any]) -> bool:
    containers = variant["Containers"]
    return (
        len(containers) == 1 and containers[0].get("Mode") != "MultiModel" and variant.get("ExecutionMode") != "Direct"
    )


def _start_all(instances: list[Instance], cancelled: threading.Event) -> None:
    if not instances:
        return
    with ThreadPoolExecutor(len(instances)) as pool:
        starts = [pool.submit(instance.start, cancelled) for instance in instances]
    for start in starts:
        start.result()


def _drain(instances: Iterable[Instance]) -> None:
    waiting = list(instances)
    if not waiting:
        return
    time.sleep(_SETTLE)
    for instance in waiting:
        for container in instance.containers:
            container.client.settle(_MOST_TO_SETTLE)
    deadline = time.monotonic() + _DRAIN
    while any(instance.requests for instance in waiting) and time.monotonic() < deadline:
        time.sleep(0.02)
    _stop_all(waiting)


def _stop_all(instances: list[Instance]) -> None:
    if instances:
        with ThreadPoolExecutor(len(instances)) as pool:
            list(pool.map(lambda instance: instance.stop(), instances))
