"""The stages, in one table for the flows, the command line, the records and the documentation.

To add a stage, write its module in `tasks/` and a row here. Reading the table imports no stage.
"""

import typing
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from typing import Any, Literal

from config.errors import ConfigError
from config.use_case import UseCase
from tasks.references import Reference


@dataclass(frozen=True)
class Stage:
    """One stage. Its function takes a use case and outputs of earlier stages, and returns one reference.

    The annotations of the function define its inputs and its output. A parameter `source` is the location of rows.
    """

    name: str
    """The name of the stage and of its function."""
    module: str
    """The module of its function."""
    does: str
    """Its help text."""
    source: Literal["configured", "given"] | None = None
    """Which rows it reads: those of the configured source, which `--source` replaces, or only those of `--source`."""

    @cached_property
    def function(self) -> Callable[..., Reference]:
        """The stage's function."""
        return getattr(import_module(self.module), self.name)  # type: ignore[no-any-return]

    @cached_property
    def inputs(self) -> dict[str, type[Reference]]:
        """The classes of its inputs, by parameter name."""
        hints = {name: hint for name, hint in self._hints.items() if name != "return"}
        return {name: hint for name, hint in hints.items() if isinstance(hint, type) and issubclass(hint, Reference)}

    @cached_property
    def output(self) -> type[Reference]:
        """The class of its output."""
        return self._hints["return"]  # type: ignore[no-any-return]

    @cached_property
    def _hints(self) -> dict[str, Any]:
        return typing.get_type_hints(getattr(self.function, "fn", self.function))  # a Prefect task, or a function

    def __call__(
        self, use_case: UseCase, inputs: dict[str, Reference], source: str | None, **options: Any
    ) -> Reference:
        """Run the stage. `options` are further parameters of its function."""
        return self.function(use_case, **inputs, **({"source": source} if source else {}), **options)


STAGES = (
    Stage("ingest", "tasks.ingest", "publish the source's rows as a dataset version", source="configured"),
    Stage("validate", "flows.compound_stages", "separate the rows that fit the schema from the others"),
    Stage("split", "tasks.split", "divide the good rows into training, validation and test"),
    Stage("train", "flows.compound_stages", "train every candidate"),
    Stage("evaluate", "flows.compound_stages", "judge the best candidate on the held-out rows"),
    Stage("register", "flows.compound_stages", "register the model, and make it champion if it is better"),
    Stage("deploy", "tasks.deploy", "make the endpoint serve the champion"),
    Stage("predict", "flows.compound_stages", "score the held-out rows, or those of --source", source="given"),
    Stage("monitor", "flows.compound_stages", "measure the drift of the latest scored rows"),
)
"""In the order of the lifecycle."""
NAMES = tuple(stage.name for stage in STAGES)
SCORE = Stage("score", "flows.compound_stages", "score many rows by batch transform", source="configured")
"""No part of the lifecycle. It reads the champion, not the output of another stage."""
ALL_STAGES = (*STAGES, SCORE)
ALL_NAMES = tuple(stage.name for stage in ALL_STAGES)


def stage_named(name: str) -> Stage:
    """Return the stage called `name`. Raises ConfigError for an unknown name."""
    for stage in ALL_STAGES:
        if stage.name == name:
            return stage
    raise ConfigError(f"stage: expected one of {', '.join(ALL_NAMES)}; found {name!r}")


def inputs_of(stage: Stage) -> tuple[Stage, ...]:
    """Return the stages whose outputs this stage reads, in the order of the lifecycle."""
    return tuple(each for each in STAGES if each.output in stage.inputs.values())
