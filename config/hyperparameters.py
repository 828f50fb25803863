"""Checks hyperparameters against a table of each estimator's documented values, before anything starts.

`python -m config.hyperparameter_table` writes `config/hyperparameters.json` from the classes of scikit-learn and
XGBoost. The table avoids importing these libraries, which takes seconds. A test compares the two.
"""

import json
import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, Literal

from pydantic import TypeAdapter

from config import settings
from config.candidates import Candidate
from config.documents import Document
from config.explanations import shown
from config.hyperparameter_clashes import clashes
from config.schema import Target
from config.tuning import Range
from tabular.suggestions import did_you_mean

PATH = settings.CONFIG / "hyperparameters.json"
LEFT_OUT = {
    "callbacks": "a callback is code",
    "copy_X": "each job has its own copy of the rows",
    "estimators": "the candidate's key `of` names them",
    "enable_categorical": "categories are encoded before the estimator",
    "feature_types": "categories are encoded before the estimator",
    "feature_weights": "the estimator sees encoded columns, not the features",
    "final_estimator": "a stack combines its candidates by logistic regression, or ridge for numbers",
    "interaction_constraints": "the estimator sees encoded columns, not the features",
    "missing": "missing values are filled before the estimator",
    "monotone_constraints": "the estimator sees encoded columns, not the features",
    "monotonic_cst": "the estimator sees encoded columns, not the features",
    "n_jobs": "each job uses all processors of its instance",
    "stack_method": "a stack combines probabilities, or predicted numbers",
    "warm_start": "each job fits once",
}
"""Parameters of the estimators that a use case can't set, and why."""


class Form(Document):
    """One kind of value that a hyperparameter may have, in the terms of JSON Schema."""

    type: Literal["boolean", "integer", "integers", "number", "fraction", "text", "null", "class weights"]
    """A `fraction` is a number with a decimal point, and `integers` are a list of them."""
    enum: tuple[str, ...] | None = None
    minimum: float | None = None
    exclusive_minimum: float | None = None
    maximum: float | None = None
    exclusive_maximum: float | None = None

    def accepts(self, value: Any, target: Target) -> bool:
        """Whether a value is of this form, for a model of `target`."""
        if self.type == "class weights":
            return isinstance(value, dict) and bool(value) and all(map(_weighs(target), value.items()))
        if self.type == "integers":
            return (
                isinstance(value, list)
                and bool(value)
                and all(type(each) is int and self._within(each) for each in value)
            )
        if self.type == "text":
            return isinstance(value, str) and value in (self.enum or (value,))
        if self.type in ("boolean", "null"):
            return isinstance(value, bool) if self.type == "boolean" else value is None
        kinds = {"integer": (int,), "fraction": (float,), "number": (int, float)}[self.type]
        return type(value) in kinds and self._within(value)

    def _within(self, value: float) -> bool:
        return (
            (isinstance(value, int) or math.isfinite(value))
            and (self.minimum is None or value >= self.minimum)
            and (self.exclusive_minimum is None or value > self.exclusive_minimum)
            and (self.maximum is None or value <= self.maximum)
            and (self.exclusive_maximum is None or value < self.exclusive_maximum)
        )

    def words(self, target: Target) -> str:
        """The form as a message shows it."""
        if self.type == "class weights":
            return f"a weight above 0 for classes of {', '.join(target.classes or ())}"
        if self.type == "text":
            return " or ".join(self.enum) if self.enum else "a text"
        plain = {
            "boolean": "true or false", "null": "nothing (null)", "integer": "a whole number",
            "integers": "a list of whole numbers",
        }  # fmt: skip
        kind = plain.get(self.type, "a number with a decimal point" if self.type == "fraction" else "a number")
        bounds = [
            f"{name} {f'{bound:,.0f}' if bound.is_integer() else f'{bound:g}'}"
            for name, bound in {
                "at least": self.minimum,
                "above": self.exclusive_minimum,
                "at most": self.maximum,
                "below": self.exclusive_maximum,
            }.items()
            if bound is not None
        ]
        return f"{kind} {' and '.join(bounds)}".strip()


Table = dict[str, dict[str, tuple[Form, ...]]]
"""The forms of each hyperparameter of each estimator."""


def _weighs(target: Target) -> Any:
    number = Form(type="number", exclusive_minimum=0)
    return lambda pair: pair[0] in (target.classes or ()) and number.accepts(pair[1], target)


def estimator_key(algorithm: str, classes: bool) -> str:
    """The key of an algorithm's classifier (`classes`) or regressor in the table."""
    return f"{algorithm} of {'classes' if classes else 'numbers'}"


@cache
def table() -> Table:
    """Return config/hyperparameters.json."""
    return TypeAdapter(Table).validate_python(json.loads(PATH.read_text(encoding="utf-8")))


def problems(candidate: Candidate, key: str, target: Target) -> Iterator[str]:
    """Each mistake in a candidate's hyperparameters, which are below `key` in the file, as one line."""
    known = _known(candidate, target)
    for name, value in candidate.hyperparameters.items():
        if problem := _name_problem(candidate, known, name, shown(value)):
            yield f"{key}: {problem}"
        elif not any(form.accepts(value, target) for form in known[name]):
            yield f"{key}.{name}: expected {_words(known[name], target)}; found {shown(value)}"
    yield from clashes(candidate.algorithm, candidate.hyperparameters, key)


def range_problems(candidate: Candidate, key: str, target: Target) -> Iterator[str]:
    """Each mistake in the ranges of a candidate's tuning, which are below `key` in the file, as one line.

    A range of numbers is valid where one form accepts both of its bounds. A tuned hyperparameter must have no fixed
    value, and none of its values may be invalid together with the fixed ones.
    """
    known, found = _known(candidate, target), set[str]()
    for name, values in (candidate.tune.ranges if candidate.tune else {}).items():
        described = ", ".join(map(shown, values.samples))
        if problem := _name_problem(candidate, known, name, described):
            yield f"{key}: {problem}"
        elif name in candidate.hyperparameters:
            yield f"{key}.{name}: expected no fixed value of a tuned hyperparameter; found one in hyperparameters"
        elif not _accepts(known[name], values, target):
            yield f"{key}.{name}: expected values of {_words(known[name], target)}; found {described}"
        else:
            given = ({**candidate.hyperparameters, name: value} for value in values.samples)
            found.update(problem for each in given for problem in clashes(candidate.algorithm, each, key))
    yield from sorted(found - set(clashes(candidate.algorithm, candidate.hyperparameters, key)))


def _accepts(forms: Sequence[Form], values: Range, target: Target) -> bool:
    if values.choice is not None:
        return all(any(form.accepts(value, target) for form in forms) for value in values.choice)
    bounds = values.bounds if values.integer else tuple(map(float, values.bounds))
    return any(all(form.accepts(bound, target) for bound in bounds) for form in forms)


def _known(candidate: Candidate, target: Target) -> Mapping[str, tuple[Form, ...]]:
    return table()[estimator_key(candidate.algorithm, target.task != "regression")]


def _name_problem(candidate: Candidate, known: Collection[str], name: str, found: str) -> str | None:
    if name in LEFT_OUT:
        return f"expected no {name!r}, because {LEFT_OUT[name]}; found {found}"
    if name in known:
        return None
    near = did_you_mean(name, known) or f": they are {', '.join(known)}"
    return f"expected names of {candidate.algorithm}'s hyperparameters; found {name!r}{near}"


def _words(forms: Sequence[Form], target: Target) -> str:
    return ", or ".join(form.words(target) for form in forms)
