"""Runs Terraform on a copy of `terraform/`."""

from config.settings import PROJECT
from config.terraform import SOURCE
from flows.terraform_plan import copy_sources, planned_resources, terraform

__all__ = ["MODULES", "PROJECT", "copy_sources", "planned_resources", "terraform"]

MODULES = sorted(path.parent.name for path in SOURCE.glob("modules/*/main.tf"))
