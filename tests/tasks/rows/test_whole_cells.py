import json
import re

import pytest

from tasks.rows.whole_cells import whole_cell


@pytest.mark.parametrize("value", ["7", "007", "Ann", 'Zoë "Z"', "a.b", "x\\y"])
def test_a_value_is_found_in_csv_and_json_and_not_within_a_longer_one(value: str) -> None:
    quoted = value.replace('"', '""')
    texts = [f"1,{value},x", f'1,"{quoted}";', json.dumps({"a": value}), json.dumps([value], ensure_ascii=False)]
    assert all(re.search(whole_cell(value), text) for text in texts)
    assert not any(re.search(whole_cell(value), text) for text in (f"1,1{value},x", f"1,{value}1,x", "axb", ""))
