"""Preparing a flow."""

from pathlib import Path

import yaml

from flows.session.runtime import begin
from tasks.platform import platform
from tests.use_cases import content


def test_a_use_case_in_another_folder_has_its_own_roles(bucket: str, prefect: str, tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(yaml.safe_dump({**content("cake_popularity"), "name": "my_cake"}))
    assert begin(str(tmp_path / "mine.yaml")).name == "my_cake"
    assert platform().role("endpoint", "my_cake").endswith(":role/vishwaops-offline-endpoint-my-cake")
