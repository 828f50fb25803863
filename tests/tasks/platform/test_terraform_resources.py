"""A planned resource: the module that it belongs to, and its values."""

import pytest

from config.errors import ConfigError
from tasks.platform.terraform_resources import PlannedResource


@pytest.mark.parametrize(
    ("address", "module"),
    [
        ("module.storage.module.data_key.aws_kms_key.this", "storage"),
        ("module.network[0].aws_vpc.this", "network"),
        ('aws_ssm_parameter.this["region"]', "platform"),
    ],
)
def test_a_resource_belongs_to_the_first_module_of_its_address(address: str, module: str) -> None:
    assert PlannedResource(address, "aws_any", {}).module == module


def test_a_value_that_is_not_in_the_plan_is_named() -> None:
    resource = PlannedResource("aws_db_instance.this", "aws_db_instance", {"multi_az": None})
    with pytest.raises(ConfigError, match=r"aws_db_instance\.this: multi_az: expected a value in the plan"):
        resource.value("multi_az")
