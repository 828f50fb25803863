"""`python -m sagemaker_local.action_table README`: every action of SageMaker, and whether it is implemented.

The table is made from the service models and from the tables of this package, and is between the markers
`<!-- actions -->` and `<!-- /actions -->` of the file.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from pathlib import Path

from sagemaker_local import feature_store_runtime, service_model
from sagemaker_local.resource_kind import ResourceKind
from sagemaker_local.resources import KINDS, OPERATIONS, STATE_ONLY_KINDS

RUNS, STATE_ONLY, ABSENT = "runs", "state only", "absent"
# The actions that `server.py` answers of the runtime APIs.
RUNTIME_ACTIONS = {
    "sagemaker-runtime": {"InvokeEndpoint", "InvokeEndpointAsync", "InvokeEndpointWithResponseStream"},
    "sagemaker-featurestore-runtime": set(feature_store_runtime.ACTIONS),
}
_BLOCK = re.compile(r"<!-- actions -->.*?<!-- /actions -->", re.DOTALL)
_VERB = re.compile(r"(Batch)?[A-Z][a-z]+|ListTrainingJobsFor")
_NO_KIND = "other actions"


@dataclass(frozen=True)
class Action:
    """One action of one of SageMaker's APIs: `ListTrainingJobs` is the verb `List` of the noun `TrainingJob`."""

    name: str
    api: str
    state: str
    verb: str
    noun: str


def every_action() -> list[Action]:
    """The actions of the control plane and of the runtime APIs, by API and name."""
    answered = set(OPERATIONS) | {kind.action(verb) for kind in KINDS.values() for verb in kind.verbs}
    found = [
        Action(name, service_model.SAGEMAKER, _state(name, answered), *_parted(name))
        for name in service_model.service_model().operation_names
    ]
    for api, ours in RUNTIME_ACTIONS.items():
        names = service_model.service_model(api).operation_names
        found += [Action(name, api, RUNS if name in ours else ABSENT, name, api) for name in names]
    return sorted(found, key=lambda action: (action.noun == _NO_KIND, action.noun.lower(), action.name))


def table() -> str:
    """As Markdown: the counts, a row for every kind that is implemented, and the names of absent actions."""
    actions = every_action()
    counts = {state: sum(action.state == state for action in actions) for state in (RUNS, STATE_ONLY, ABSENT)}
    summary = ", ".join(f"{count} {state}" for state, count in counts.items())
    lines = [
        f"Of {len(actions)} actions: {summary}.",
        "",
        "| of | runs | state only | absent |",
        "|---|---|---|---|",
    ]
    for noun in dict.fromkeys(action.noun for action in actions):
        row = [action for action in actions if action.noun == noun]
        cells = [", ".join(action.verb for action in row if action.state == state) for state in counts]
        if noun == _NO_KIND:
            absent, cells[-1] = cells[-1], "listed below"
        lines.append(f"| {noun} | {' | '.join(cells)} |")
    return "\n".join([*lines, "", f"Absent: {absent}.", ""])


def inserted(text: str) -> str:
    """A text with the table between its markers."""
    block = f"<!-- actions -->\n{table()}<!-- /actions -->"
    return _BLOCK.sub(lambda _: block, text)


def _names(kind: ResourceKind) -> tuple[str, ...]:
    return kind.plural or f"{kind.name}s", kind.name


def _state(action: str, answered: set[str]) -> str:
    if action not in answered:
        return ABSENT
    nouns = [noun for kind in STATE_ONLY_KINDS for noun in (*_names(kind), f"{kind.name}Url")]
    return STATE_ONLY if action.endswith(tuple(nouns)) else RUNS


def _parted(action: str) -> tuple[str, str]:
    """Verb and noun, as with `List` of `TrainingJob`; of an action on no kind its whole name, and no noun."""
    for kind in sorted(KINDS.values(), key=lambda kind: -len(kind.name)):
        for noun in _names(kind):
            verb = action.removesuffix(noun)
            if verb != action and _VERB.fullmatch(verb):
                return verb, kind.name
    return action, _NO_KIND


def main() -> None:
    """Writes the table into the file that is named."""
    file = Path(sys.argv[1])
    file.write_text(inserted(file.read_text()))


if __name__ == "__main__":
    main()
