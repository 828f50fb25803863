"""The values that only a person has, and texts without them."""

import json
from datetime import date
from typing import Any

from tasks.forgetting.person import person_of
from tasks.forgetting.values import Values, values_of
from tasks.model_contract import TEXT, UNREAD
from tests.use_cases import small_use_case

COLUMNS = {
    "id": {"type": "integer", "minimum": 1},
    "age": {"type": "integer", "minimum": 10, "maximum": 30},
    "score": {"type": "number"},
    "born": {"type": "date"},
    "colour": {"type": "category", "categories": ["green", "red"], "nullable": True},
    "origin": {"type": "category"},
    "passed": {"type": "category", "categories": ["no", "yes"]},
}


def values(rows: list[dict[str, Any]], key: str = "7", others: frozenset[Any] = frozenset()) -> Values:
    case = small_use_case(columns=COLUMNS)
    return values_of(case, person_of(case, [key]), rows, others)


def test_only_values_of_no_other_row_and_no_category_are_removed() -> None:
    row = {"id": 7, "colour": "red", "origin": "Xanadia", "age": 17, "score": 771.25, "born": date(1993, 7, 17)}
    found = values([{**row, "write_time": date(2026, 7, 7)}, {"origin": "shared"}], others=frozenset({"shared"}))
    text = "red Xanadia shared 17 771.25 1993-07-17 Xanadian 3771.25 771.255 /1993-07-17/ 2026-07-07 key '7'"
    assert found.removed_from(text) == (
        "red [removed] shared 17 [removed] [removed] Xanadian 3771.25 771.255 /1993-07-17/ 2026-07-07 [removed]"
    )


def test_cells_of_malformed_rows_and_unread_cells_are_values() -> None:
    found = values([{TEXT: "7,mauve-ish,yes,,y", UNREAD: '{"age": "sevenish"}'}])
    text = found.removed_from("line 3: found 'sevenish'; mauve-ish, yes")
    assert text == "line 3: found '[removed]'; [removed], yes"


def test_numbers_of_json_stay_and_only_texts_change() -> None:
    found = values([{"score": 7712.5}], key="7712")
    body = json.dumps({"rows": 7712, "score": 7712.5, "reasons": ["row 3: found 7712.5"]}).encode()
    assert json.loads(found.removed_from_body("run.json", body)) == {
        "rows": 7712, "score": 7712.5, "reasons": ["row 3: found [removed]"],
    }  # fmt: skip
    assert found.removed_from_body("page.html", b"<b>7,712.50</b> &#39;") == b"<b>[removed]</b> &#39;"
    untouched = b'{"rows":  1}'
    assert found.removed_from_body("run.json", untouched) is untouched
    assert found.removed_from_body("a.log", b"\xff 7712") == b"\xff [removed]"


def test_nothing_is_removed_without_a_distinctive_value() -> None:
    assert not Values(frozenset())
    assert Values(frozenset()).removed_from("7") == "7"
