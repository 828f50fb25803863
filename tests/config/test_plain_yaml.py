from pathlib import Path

import pytest

from config.errors import ConfigError
from config.plain_yaml import read_yaml


def read(folder: Path, text: str | bytes) -> object:
    path = folder / "file.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass"))
    return read_yaml(path)


def test_plain_yaml_is_read_with_its_aliases_and_merges(tmp_path: Path) -> None:
    text = "a: &flag {type: category, n: 1}\nb: *flag\nc: {<<: *flag, n: 2}\nd: |\n  two\n  lines\né: [1.5, no, ~]\n"
    flag = {"type": "category", "n": 1}
    expected = {"a": flag, "b": flag, "c": {**flag, "n": 2}, "d": "two\nlines\n", "é": [1.5, False, None]}
    assert read(tmp_path, text) == expected
    assert read(tmp_path, "\ufeffa: 1\r\n") == {"a": 1}
    assert read(tmp_path, "# nothing\n") is None


def test_a_key_is_a_text_also_where_yaml_reads_it_as_true_or_false(tmp_path: Path) -> None:
    assert read(tmp_path, "on: [id]\nno: {yes: yes}\n") == {"on": ["id"], "no": {"yes": True}}


BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{new}: &{new} [{', '.join([f'*{old}'] * 9)}]\n" for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\nb: 2\na: 3\n", r"line 3: expected each key once, found 'a' again; it is on line 1 as well"),
        ("c: {a: 1, 'a': 2}\n", r"line 1: expected each key once, found 'a' again"),
        ("a:\n\tb: 1\n", r"line 2: is not YAML: expected spaces before the key, found a tab"),
        ("a: [", r"line 1: is not YAML: expected one document of keys and values, found"),
        ("a: 1\n---\nb: 2\n", r"is not YAML: expected one document"),
        ("a: {b: ${C}}\n", r"line 1: is not YAML: .*Quote a text that has \$\{...\}"),
        ("a: %d/%m/%Y\n", r"line 1: is not YAML: .*Quote a text that begins with %"),
        ("a: b: c\n", r"line 1: is not YAML"),
        ("a: *nowhere\n", r"line 1: is not YAML: .*undefined alias"),
        ("a: =\n", r"line 1: expected a plain value, found 'a: ='. Quote it"),
        ("? [a, b]\n: 1\n", r"line 1: expected a text as a key, found a list or a mapping"),
        ("a: 2020-13-45\n", r"expected plain values, found an invalid date or number"),
        ("a: " + "9" * 5000, r"line 1: expected a number of at most 50 digits, found 5,000"),
        ("a: 0x" + "f" * 5000, r"line 1: expected a number of at most 50 digits"),
        ("a: 010\n", r"line 1: expected a number without leading zeros and colons, found 010. Quote it"),
        ("a: 2:48\n", r"expected a number without leading zeros and colons, found 2:48"),
        ("a: -1:30.5\n", r"expected a number without leading zeros and colons, found -1:30.5"),
        ('a: "\\e]0;title\\a"\n', r"line 1: expected text that can be seen, found the control character U\+001B"),
        ('a: "\\ud800"\n', r"found the control character U\+D800"),
        ('a: "\u202eevil"\n', r"found the control character U\+202E"),
        ('"a\\0": 1\n', r"found the control character U\+0000"),
        ("a: \x00", r"expected YAML, found a character that it does not allow"),
        (b"a: \xff\xfe\n", r"expected text in UTF-8, found the byte 0xff at 3. Save the file as UTF-8"),
        (BOMB, r"expected at most 50,000 values with aliases expanded, found 490,329,064"),
        ("a: &a [*a]\n", r"line 1: expected an alias of another value, found one of its parent"),
        ("[" * 5000, r"expected at most 50 levels of nesting, found more"),
        ("a: " + "[" * 60 + "]" * 60, r"expected at most 50 levels of nesting, found more"),
        ("a: " + "x" * 2**19, r"expected at most 524,288 bytes"),
        ("a: !!str 5\n", r"line 1: expected a plain value, found the tag !!str. Remove it"),
    ],
)
def test_other_yaml_is_refused_with_its_line(tmp_path: Path, text: str | bytes, message: str) -> None:
    with pytest.raises(ConfigError, match=r"file\.yaml: .*" + message):
        read(tmp_path, text)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"expected a file that can be read, found: Is a directory"):
        read_yaml(tmp_path)


def test_numbers_are_read_as_decimal(tmp_path: Path) -> None:
    assert read(tmp_path, "a: [0, -0.5, 0x10, 1e3, '010', 10:a]\n") == {"a": [0, -0.5, 16, "1e3", "010", "10:a"]}
