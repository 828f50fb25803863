"""The YAML document of a first use case: its keys in order, each with the reason for its value."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tasks.first_use_case.candidates import PRIMARY, candidates
from tasks.first_use_case.file_formats import Keys
from tasks.first_use_case.gates import QuickScores
from tasks.first_use_case.guess import Guess
from tasks.first_use_case.ranges import RULE
from tasks.first_use_case.targets import TargetGuess
from tasks.first_use_case.yaml_text import Line, entry, flow, joined, wrapped
from tasks.sources.samples import Sample

QUARANTINED, LEAST_ROWS, MOST_LEAST_ROWS = 0.1, 10, 1_000
HOPELESS = "No quick model is better than naive: the gate may refuse every model"
NOTE = "Every guess has its reason beside it. Correct what is wrong, then: vishwaops check --use-case {name}"


@dataclass(frozen=True, kw_only=True)
class Parts:
    """The guesses about one file."""

    name: str
    address: str
    source: Keys
    guesses: list[Guess]
    target: TargetGuess
    key: tuple[str, ...]
    why_key: str
    split: dict[str, Any]
    why_split: str
    features: list[str]
    left_out: dict[str, str]
    read: Sample

    @property
    def rows(self) -> int:
        """The number of rows with a target in the sample."""
        return int(self.target.guess.values.notna().sum())


def document(parts: Parts, scores: QuickScores | None) -> str:
    """Return the YAML of a use case. Without scores, its gate lets every model pass."""
    return joined([*_head(parts), *_source(parts), *_columns(parts), *_features(parts), *_models(parts, scores)])


def _head(parts: Parts) -> Iterator[Line]:
    yield "", f"Written by `vishwaops init` from {parts.read.described} of {parts.address}."
    yield "", NOTE.format(name=parts.name)
    yield entry("name", parts.name)
    yield entry("question", f"What will {parts.target.name} be?", "write the question that the model answers")
    yield "kpis:", ""
    yield "  - {name: Decisions that were right, target: above those of today}", "write your own metric and its goal"
    yield "", ""


def _source(parts: Parts) -> Iterator[Line]:
    yield "source:", ""
    yield entry("kind", "location", indent=2)
    yield entry("location", parts.address, indent=2)
    yield from (entry(name, found.value, found.reason, 2) for name, found in parts.source.items())
    yield entry("key", list(parts.key), parts.why_key)


def _columns(parts: Parts) -> Iterator[Line]:
    yield "", RULE + "."
    yield "columns:", ""
    for guess in parts.guesses:
        yield entry(guess.name, guess.written(), "; ".join(guess.reasons), 2)
    target = parts.target
    classes = {"classes": list(target.classes)} if target.classes else {}
    positive = "; the second class is the positive one" if target.task == "binary" else ""
    yield "", ""
    yield entry("target", {"column": target.name, "task": target.task, **classes}, target.reason + positive)


def _features(parts: Parts) -> Iterator[Line]:
    yield wrapped("features", parts.features), ""
    for name, why in parts.left_out.items():
        yield "", f"no feature: {name}: {why}"
    yield entry("split", parts.split, parts.why_split)


def _models(parts: Parts, scores: QuickScores | None) -> Iterator[Line]:
    yield "candidates:", ""
    yield from ((f"  - {flow(candidate)}", "") for candidate in candidates(parts.target, parts.rows))
    primary = PRIMARY[parts.target.task]
    gate = scores.gate if scores else {"metric": primary, "at_least": 0}
    yield "evaluation:", ""
    yield entry("primary", primary, indent=2)
    yield entry("gates", [gate], gate_reason(scores), 2)
    least = max(LEAST_ROWS, min(parts.rows // 2, MOST_LEAST_ROWS))
    quality = {"minimum_rows": min(least, parts.rows), "maximum_quarantined_share": QUARANTINED}
    yield entry("quality", quality, "half of the rows, at most 1,000")
    monitoring = {"psi_warning": 0.1, "psi_drift": 0.25, "minimum_rows": min(100, least)}
    yield entry("monitoring", monitoring, "the usual limits of the population stability index")
    hosting = {"kind": "serverless", "memory_in_mb": 2048, "max_concurrency": 2}
    yield entry("hosting", hosting, "costs nothing while nobody calls it")


def gate_reason(scores: QuickScores | None) -> str:
    """Return how the gate's bound was found."""
    if scores is None:
        return "too few rows to measure a model: write a bound"
    return scores.reason if scores.learns else f"{scores.reason}. {HOPELESS}"
