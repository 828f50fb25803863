"""Runs Terraform on a copy of `terraform/`."""

import shutil

import pytest

from config.settings import PROJECT
from tasks.platform.terraform import SOURCE
from tasks.platform.terraform import run as terraform
from tasks.platform.terraform_plan import copy_sources, planned_resources

__all__ = ["MODULES", "PROJECT", "copy_sources", "needs_terraform", "planned_resources", "terraform"]

MODULES = sorted(path.parent.name for path in SOURCE.glob("modules/*/main.tf"))
needs_terraform = pytest.mark.skipif(shutil.which("terraform") is None, reason="terraform is not on this machine")
