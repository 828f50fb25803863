"""Wires the stages of the lifecycle together; decides nothing else."""

from tasks import environment

environment.prepare()  # before a module of this package imports Prefect
