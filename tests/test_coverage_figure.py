"""The coverage figure in README.md."""

from pathlib import Path
from typing import Any

import pytest

from tests.coverage_figure import figure, inserted


def file(lines: int, covered: int, branches: int = 0, covered_branches: int = 0) -> dict[str, Any]:
    counts = {"num_statements": lines, "covered_lines": covered}
    return {"summary": {**counts, "num_branches": branches, "covered_branches": covered_branches}}


REPORT = {
    "totals": {"percent_covered": 91.66},
    "files": {
        "config/a.py": file(10, 10),
        "config/b.py": file(6, 4, 4, 2),
        "tasks/a.py": file(100, 95),
        "flows/a.py": file(0, 0),
        "sagemaker_scripts/tabular/a.py": file(3, 2),
    },
}


def test_the_figure_counts_lines_and_branches_of_each_package() -> None:
    assert figure(REPORT) == (
        "The tests run 91.7 % of lines and branches: "
        "`config` 80.0 %, `tasks` 95.0 %, `flows` 100.0 %, `sagemaker_scripts` 66.7 %."
    )


def test_it_replaces_the_figure_of_before_and_nothing_else() -> None:
    text = "# Title\n<!-- coverage -->\nold\n<!-- /coverage -->\nrest\n"
    once = inserted(text, "new")
    assert once == "# Title\n<!-- coverage -->\nnew\n<!-- /coverage -->\nrest\n"
    assert inserted(once, "new") == once


def test_a_readme_without_the_marks_is_refused() -> None:
    with pytest.raises(ValueError, match="expected <!-- coverage -->"):
        inserted("# Title\n", "new")


def test_the_project_s_readme_has_a_place_for_the_figure() -> None:
    assert "new" in inserted((Path(__file__).parents[1] / "README.md").read_text(), "new")
