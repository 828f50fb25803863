"""The stages of the lifecycle: the one table that flows, command line, records and documentation read.

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
    """One stage. Its function takes a use case and what earlier stages left, and leaves one reference.

    The function's annotations say what it takes and leaves. A parameter `source` is where it reads rows from.
    """

    name: str
    """Also the name of its function."""
    module: str
    """Where its function is."""
    does: str
    """What it does, for the command line's help."""
    source: Literal["run", "stage"] | None = None
    """Whether a run can name the rows that it reads: in a lifecycle as well (`run`), or only by itself (`stage`)."""

    @cached_property
    def function(self) -> Callable[..., Reference]:
        """The function that runs it."""
        return getattr(import_module(self.module), self.name)  # type: ignore[no-any-return]

    @cached_property
    def takes(self) -> dict[str, type[Reference]]:
        """The references that it takes, by the names of its parameters."""
        hints = {name: hint for name, hint in self._hints.items() if name != "return"}
        return {name: hint for name, hint in hints.items() if isinstance(hint, type) and issubclass(hint, Reference)}

    @cached_property
    def leaves(self) -> type[Reference]:
        """The reference that it leaves."""
        return self._hints["return"]  # type: ignore[no-any-return]

    @cached_property
    def _hints(self) -> dict[str, Any]:
        return typing.get_type_hints(getattr(self.function, "fn", self.function))  # a Prefect task, or a function

    def __call__(self, use_case: UseCase, inputs: dict[str, Reference], source: str | None) -> Reference:
        """Run it."""
        return self.function(use_case, **inputs, **({"source": source} if source else {}))


STAGES = (
    Stage("ingest", "tasks.ingest", "publish the source's rows as a dataset version", source="run"),
    Stage("validate", "tasks.validate", "separate the rows that fit the schema from the others"),
    Stage("split", "tasks.split", "divide the good rows into training, validation and test"),
    Stage("train", "flows.compound_stages", "train every candidate"),
    Stage("evaluate", "flows.compound_stages", "judge the best candidate on the held-out rows"),
    Stage("register", "flows.compound_stages", "register the model, and make it champion if it has earned it"),
    Stage("deploy", "tasks.deploy", "make the endpoint serve the champion"),
    Stage("predict", "flows.compound_stages", "score the held-out rows, or those of --source", source="stage"),
    Stage("monitor", "flows.compound_stages", "measure the drift of the rows that were scored last"),
)
"""In the order of the lifecycle."""
NAMES = tuple(stage.name for stage in STAGES)


def stage_named(name: str) -> Stage:
    """The stage of a name. Raises ConfigError when there is none."""
    for stage in STAGES:
        if stage.name == name:
            return stage
    raise ConfigError(f"stage: expected one of {', '.join(NAMES)}; found {name!r}")


def inputs_of(stage: Stage) -> tuple[Stage, ...]:
    """The stages that leave what this one takes, in the order of the lifecycle."""
    return tuple(each for each in STAGES if each.leaves in stage.takes.values())
