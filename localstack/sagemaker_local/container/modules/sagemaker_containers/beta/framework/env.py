"""Paths in the container, by the names of sagemaker-containers."""

from sagemaker_training.environment import Environment  # type: ignore[import-not-found]

__all__ = ["TrainingEnv", "training_env"]
TrainingEnv = Environment


def training_env() -> Environment:
    return Environment()
