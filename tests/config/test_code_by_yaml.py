"""Attempts to run code, or to leave the project's folders, by a use case's YAML. Each is refused when it is read."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from config.errors import ConfigError
from config.use_case import load_use_case
from tests.use_cases import content

RULES = {
    "pandas' local variable": "@os.system('touch {mark}')",
    "pandas' local builtin": "@__builtins__['open']('{mark}', 'w')",
    "pandas' query of a pickle": "@pd.read_pickle('{mark}')",
    "an import": "__import__('os').system('touch {mark}')",
    "open": "open('{mark}', 'w')",
    "exec": 'exec(\'open("{mark}", "w")\')',
    "eval": "eval('1') > 0",
    "a method of a column": "age.to_csv('{mark}')",
    "a column's pickle": "age.to_pickle('{mark}')",
    "attributes up to object": "''.__class__.__mro__[1].__subclasses__()",
    "attributes of a number": "(1).__class__.__base__ == age",
    "globals of a function": "abs.__globals__",
    "a lambda": "(lambda: open('{mark}', 'w'))()",
    "a list comprehension": "[open('{mark}', 'w') for x in [1]]",
    "a generator": "any(open('{mark}', 'w') for x in [1])",
    "a dictionary": "{{'a': open('{mark}', 'w')}}",
    "an f-string": "f\"{{open('{mark}', 'w')}}\" == 'x'",
    "a format string": "'{{0.__class__}}'.format(age)",
    "backticks": "`age` > 1 and `__import__('os')`",
    "a walrus": "(x := open('{mark}', 'w')) is not null",
    "a subscript": "age[open('{mark}', 'w')]",
    "a conditional": "open('{mark}', 'w') if age > 1 else age > 2",
    "a second statement": "age > 1; open('{mark}', 'w')",
    "a second line": "age > 1\nimport os",
    "an assignment": "age = 1",
    "a star": "max(*open('{mark}', 'w')) > 1",
    "a keyword": "max(age, 2, key=open('{mark}', 'w')) > 1",
    "await": "await open('{mark}', 'w')",
    "a template": "{{{{ open('{mark}', 'w') }}}}",
    "a function by another name": "print(open('{mark}', 'w'))",
    "a power tower": "9**9**9**9 > age",
    "a shift": "1 << 10**9 > age",
    "a long text": "'x' * 10**9 == 'y'",
}
TEXTS = {
    "an object": "name: !!python/object/apply:os.system ['touch {mark}']\n",
    "a new object": "name: !!python/object/new:os.system ['touch {mark}']\n",
    "a module": "name: !!python/module:os\n",
    "a name": "name: !!python/name:os.system\n",
    "a tag of its own": "name: !run 'touch {mark}'\n",
    "a tag by a handle": "%TAG !e! tag:yaml.org,2002:python/\n---\nname: !e!object/apply:os.system ['touch {mark}']\n",
    "binary": "name: !!binary dG91Y2g=\n",
    "a bomb": "a: &a [x, x]\n"
    + "".join(f"a{n}: &a{n} [{', '.join(['*a' + str(n - 1 or '')] * 20)}]\n" for n in range(1, 9)),
}
RIDGE = {"name": "a", "algorithm": "ridge"}
CHANGES: dict[str, dict[str, Any]] = {
    "a path as a name": {"name": "../../up"},
    "an absolute path as a name": {"name": "/up"},
    "a newline in a name": {"name": "mine\n../up"},
    "a command as a name": {"name": "mine; touch {mark}"},
    "a path as a candidate": {"candidates": [{"name": "../up", "algorithm": "ridge"}]},
    "a callback": {"candidates": [{"name": "a", "algorithm": "xgboost", "hyperparameters": {"callbacks": ["os"]}}]},
    "an option of the script": {"candidates": [{**RIDGE, "hyperparameters": {"model-dir": "/"}}]},
    "another image's program": {"candidates": [{**RIDGE, "hyperparameters": {"sagemaker_program": "x"}}]},
    "code as a hyperparameter": {"candidates": [{**RIDGE, "hyperparameters": {"alpha": "__import__('os')"}}]},
    "another algorithm": {"candidates": [{"name": "a", "algorithm": "os.system"}]},
    "another package": {"source": {"kind": "package", "package": "os", "dataset": "system"}},
    "a variable in a variable": {"source": {"kind": "location", "location": "${A:-${HOME}}"}},
    "a secret in a question": {"question": "${AWS_SECRET_ACCESS_KEY}"},
    "a terminal's control sequence": {"question": "\x1b]0;touch {mark}\x07"},
}


def write(folder: Path, text: str) -> str:
    path = folder / "mine.yaml"
    path.write_text(text)
    return str(path)


def filled(part: Any, mark: Path) -> Any:
    if isinstance(part, dict):
        return {key: filled(value, mark) for key, value in part.items()}
    if isinstance(part, list):
        return [filled(value, mark) for value in part]
    return part.replace("{mark}", str(mark)) if isinstance(part, str) else part


def refuse(folder: Path, text: str) -> str:
    with pytest.raises(ConfigError) as refused:
        load_use_case(write(folder, text))
    assert not (folder / "mark").exists()
    assert "expected" in str(refused.value)
    assert "found" in str(refused.value)
    return str(refused.value)


@pytest.mark.parametrize("way", RULES)
def test_a_rule_runs_no_code(tmp_path: Path, way: str) -> None:
    target = {"column": "old", "task": "binary", "classes": ["a", "b"]}
    rule = RULES[way].format(mark=tmp_path / "mark")
    case = {**content("student_enrollment"), "name": "mine", "target": {**target, "rule": rule}}
    assert "target.rule: expected" in refuse(tmp_path, yaml.safe_dump(case))


@pytest.mark.parametrize("way", TEXTS)
def test_yaml_makes_no_objects(tmp_path: Path, way: str) -> None:
    refuse(tmp_path, TEXTS[way].replace("{mark}", str(tmp_path / "mark")))


@pytest.mark.parametrize("way", CHANGES)
def test_no_key_gives_access_outside_of_the_use_case(tmp_path: Path, way: str) -> None:
    case = filled({**content("student_grades"), "name": "mine", **CHANGES[way]}, tmp_path / "mark")
    refuse(tmp_path, yaml.safe_dump(case))


def test_a_template_in_a_text_stays_a_text(tmp_path: Path) -> None:
    text = "{{ 7 * 7 }}<script>{% raw %}"
    case = load_use_case(
        write(tmp_path, yaml.safe_dump({**content("student_grades"), "name": "mine", "question": text}))
    )
    assert case.question == text
