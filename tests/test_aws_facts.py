"""The tables of facts about AWS: each path of code and each test that they name exists."""

import re
from pathlib import Path

import pytest

from tests.test_project import PROJECT

FACTS = PROJECT / "localstack" / "aws-facts.md"
TEST = re.compile(r"`([\w./-]+)::(\w+)`")
PATH = re.compile(r"`([\w./-]+)`")
BASES = ("run", "source", "document")


def rows(page: Path, heading: str) -> list[list[str]]:
    """The cells of the tables below the headings that match, without their heads."""
    sections = re.split(r"(?m)^## ", page.read_text())
    text = "\n".join(part for part in sections if re.match(heading, part))
    found = [
        [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in text.splitlines() if line[:1] == "|"
    ]
    return [row for number, row in enumerate(found) if not _is_head(found, number)]


def _is_head(lines: list[list[str]], number: int) -> bool:
    return any(set("".join(line)) <= set("-: ") for line in lines[number : number + 2])


KNOWN = rows(FACTS, r"(?!Suspected|Not done|# True)")
SUSPECTED = rows(FACTS, "Suspected")
ESSENCE = rows(PROJECT / "README.md", "True to AWS")


def test_the_page_has_the_facts() -> None:
    assert len(KNOWN) > 80
    assert len(SUSPECTED) > 15
    assert {len(row) for row in KNOWN + SUSPECTED} == {4}
    facts = [row[0] for row in KNOWN + SUSPECTED]
    assert sorted(set(facts)) == sorted(facts)


def test_each_fact_says_what_it_rests_on() -> None:
    assert [fact for fact, rests, *_ in KNOWN if not rests.startswith(BASES)] == []


@pytest.mark.parametrize("row", KNOWN + SUSPECTED, ids=lambda row: row[0][:40])
def test_the_code_of_a_fact_exists(row: list[str]) -> None:
    paths = [path for path in PATH.findall(row[2]) if "/" in path or "." in path]
    assert [path for path in paths if not (PROJECT / path).exists()] == []
    assert paths or "`Dockerfile`" in row[2]


@pytest.mark.parametrize("row", KNOWN, ids=lambda row: row[0][:40])
def test_a_fact_is_caught_by_tests_that_exist(row: list[str]) -> None:
    named = TEST.findall(row[3])
    assert named or row[3].startswith("nothing: ")
    assert [f"{file}::{name}" for file, name in named if not exists(file, name)] == []


def exists(file: str, name: str) -> bool:
    """Whether a test is in its file. A Terraform test's file is named without its folder."""
    path = next((PROJECT / "terraform" / "modules").glob(f"*/tests/{file}"), PROJECT / file)
    pattern = rf'^run "{name}"' if path.suffix == ".hcl" else rf"^def {name}\("
    return path.is_file() and re.search(pattern, path.read_text(), re.M) is not None


def test_the_readme_shows_the_most_important_facts_with_code_and_tests_that_exist() -> None:
    assert 10 <= len(ESSENCE) <= 15
    for _, code, test in ESSENCE:
        assert [path for path in PATH.findall(code) if not (PROJECT / path).exists()] == []
        assert [found for found in TEST.findall(test) if not exists(*found)] == []
        assert TEST.findall(test)
