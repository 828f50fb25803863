"""Wires the stages of the lifecycle together; decides nothing else."""

import config as _config  # noqa: F401  prepares the environment before Prefect reads it
