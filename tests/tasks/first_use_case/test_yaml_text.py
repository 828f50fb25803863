"""YAML with comments."""

import yaml

from tasks.first_use_case.yaml_text import WIDTH, entry, joined, wrapped

ODD = {"no": "yes", "a: b": "#", "x": "1", "y": ["0", "01", "null", "ä", "{"], "z": 5.0, "t": "\t", "w": None}


def test_every_value_is_read_as_it_was() -> None:
    lines = [entry(key, value, "a comment: with # marks") for key, value in ODD.items()]
    assert yaml.safe_load(joined(lines)) == ODD


def test_comments_are_aligned_beside_their_lines_or_above_long_ones() -> None:
    text = joined(
        [entry("a", 1, "one"), entry("longer", 22, "two"), entry("b", "x" * 110, "a long line"), ("", "alone")]
    )
    first, second, above, _, alone = text.splitlines()
    assert first.index("#") == second.index("#")
    assert (above, alone) == ("# a long line", "# alone")


def test_a_comment_is_one_line_whatever_the_file_holds() -> None:
    assert joined([entry("a", 1, "x\ny\u202e\0z")]) == "a: 1  # x y  z\n"


def test_a_long_list_is_wrapped() -> None:
    names = [f"column_{number}" for number in range(60)] + ["no"]
    text = wrapped("features", names)
    assert max(map(len, text.splitlines())) <= WIDTH
    assert yaml.safe_load(text) == {"features": names}
