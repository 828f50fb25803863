"""Connects the stages of the lifecycle, and contains no other logic."""

from tasks import environment

environment.prepare()  # before a module of this package imports Prefect
