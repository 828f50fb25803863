"""Paths and settings of a training job, with the names of aws/sagemaker-training-toolkit, `environment.py`."""

import json
import os
from typing import Any


class Environment:
    """The values of the SM_ variables."""

    def __init__(self) -> None:
        self.channel_input_dirs = {name: os.environ[f"SM_CHANNEL_{name.upper()}"] for name in _read("SM_CHANNELS", [])}
        self.hosts: list[str] = _read("SM_HOSTS", ["algo-1"])
        self.current_host = os.environ.get("SM_CURRENT_HOST", "algo-1")
        self.hyperparameters: dict[str, Any] = _read("SM_HPS", {})
        self.additional_framework_parameters: dict[str, Any] = _read("SM_FRAMEWORK_PARAMS", {})
        self.resource_config: dict[str, Any] = _read("SM_RESOURCE_CONFIG", {})
        self.input_data_config: dict[str, Any] = _read("SM_INPUT_DATA_CONFIG", {})
        self.network_interface_name = os.environ.get("SM_NETWORK_INTERFACE_NAME", "lo")
        self.input_dir = os.environ.get("SM_INPUT_DIR", "/opt/ml/input")
        self.input_config_dir = os.environ.get("SM_INPUT_CONFIG_DIR", "/opt/ml/input/config")
        self.model_dir = os.environ.get("SM_MODEL_DIR", "/opt/ml/model")
        self.output_dir = os.environ.get("SM_OUTPUT_DIR", "/opt/ml/output")
        self.output_data_dir = os.environ.get("SM_OUTPUT_DATA_DIR", "/opt/ml/output/data")
        self.output_intermediate_dir = os.environ.get("SM_OUTPUT_INTERMEDIATE_DIR", "/opt/ml/output/intermediate")
        self.module_dir = os.environ.get("SM_MODULE_DIR", "/opt/ml/code")
        self.module_name = os.environ.get("SM_MODULE_NAME", "")
        self.user_entry_point = os.environ.get("SM_USER_ENTRY_POINT", "")
        self.job_name = os.environ.get("TRAINING_JOB_NAME", "")
        self.log_level = int(os.environ.get("SM_LOG_LEVEL", "20"))
        self.num_cpus = int(os.environ.get("SM_NUM_CPUS") or os.cpu_count() or 1)
        self.num_gpus = int(os.environ.get("SM_NUM_GPUS", "0"))
        self.master_hostname = sorted(self.hosts)[0]
        self.is_master = self.current_host == self.master_hostname


def _read(name: str, default: Any) -> Any:
    return json.loads(os.environ[name]) if os.environ.get(name) else default
