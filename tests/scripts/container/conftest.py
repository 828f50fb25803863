from pathlib import Path

import pytest

from tests.scripts.container.opt_ml import OptMl


@pytest.fixture
def opt_ml(tmp_path: Path) -> OptMl:
    """An empty /opt/ml."""
    return OptMl(tmp_path / "ml")
