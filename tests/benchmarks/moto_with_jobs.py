"""`python -m tests.benchmarks.moto_with_jobs PORT COUNT`: moto's server with so many training jobs stored."""

import sys
from typing import Any

from moto.backends import get_backend
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.server import main

from tests.benchmarks.sagemaker_local import job_request

_NOT_GIVEN = (
    "vpc_config",
    "tags",
    "enable_network_isolation",
    "enable_inter_container_traffic_encryption",
    "enable_managed_spot_training",
    "checkpoint_config",
    "debug_hook_config",
    "debug_rule_configurations",
    "tensor_board_output_config",
    "experiment_config",
)


def seed(count: int) -> None:
    """Writes jobs to moto's backend, as its API does."""
    backend = get_backend("sagemaker")[DEFAULT_ACCOUNT_ID]["us-east-1"]
    absent: dict[str, Any] = dict.fromkeys(_NOT_GIVEN)
    for number in range(count):
        request = job_request(number)
        backend.create_training_job(
            training_job_name=request["TrainingJobName"],
            hyper_parameters=request["HyperParameters"],
            algorithm_specification=request["AlgorithmSpecification"],
            role_arn=request["RoleArn"],
            input_data_config=request["InputDataConfig"],
            output_data_config=request["OutputDataConfig"],
            resource_config=request["ResourceConfig"],
            stopping_condition=request["StoppingCondition"],
            **absent,
        )


if __name__ == "__main__":
    seed(int(sys.argv[2]))
    main(["-H", "127.0.0.1", "-p", sys.argv[1]])
