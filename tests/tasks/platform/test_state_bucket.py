from pathlib import Path

import pytest

from config.errors import TerraformFailed
from tasks.platform.state_bucket import StateBucket

BACKEND = 'bucket = "states"\nkey    = "vishwaops-dev/terraform.tfstate"\nregion = "eu-west-1"\n'


def environment(folder: Path, variables: str) -> Path:
    """The settings of an environment `dev`."""
    dev = folder / "dev"
    dev.mkdir()
    (dev / "backend.hcl").write_text(BACKEND)
    (dev / "environment.tfvars").write_text(variables)
    return dev


def test_the_bootstrap_keeps_its_state_beside_the_platforms(tmp_path: Path) -> None:
    bucket = StateBucket.read(environment(tmp_path, 'account_id = "123456789012"\n'))
    assert (bucket.name, bucket.key) == ("states", "vishwaops-dev/bootstrap.tfstate")
    assert (bucket.region, bucket.account) == ("eu-west-1", "123456789012")


def test_a_missing_setting_is_named_with_its_file(tmp_path: Path) -> None:
    dev = environment(tmp_path, 'owner = "mlops"\n')
    with pytest.raises(
        TerraformFailed, match=r'environment\.tfvars: expected a line account_id = "\.\.\.", found none'
    ):
        StateBucket.read(dev)


def test_an_unknown_environment_is_answered_with_the_known_ones(tmp_path: Path) -> None:
    environment(tmp_path, "")
    with pytest.raises(TerraformFailed, match="ENV: expected one of dev; found 'test'"):
        StateBucket.read(tmp_path / "test")
