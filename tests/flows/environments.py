"""A second environment on the tests' offline cloud: buckets, a model package group and an endpoint of its own."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest
import yaml

from config import settings
from config.profile import VARIABLE, active_profile, load_profile
from config.use_case import UseCase
from tasks import clients
from tasks.platform import platform

PURPOSES = ("data", "artefacts", "monitoring")


@dataclass(frozen=True)
class Environment:
    """Its profile and what it has for one use case."""

    profile: str
    buckets: tuple[str, ...]
    group: str
    endpoint: str

    def objects(self) -> list[str]:
        """The keys of all objects in its buckets."""
        pages = [page for name in self.buckets for page in _pages(name)]
        return sorted(item["Key"] for page in pages for item in page.get("Contents", []))

    def versions(self) -> list[int]:
        """The versions of its model package group."""
        found = clients.sagemaker().list_model_packages(ModelPackageGroupName=self.group)["ModelPackageSummaryList"]
        return sorted(package["ModelPackageVersion"] for package in found)


def _pages(bucket: str) -> Iterator[dict[str, list[dict[str, str]]]]:
    yield from clients.s3().get_paginator("list_objects_v2").paginate(Bucket=bucket)  # type: ignore[misc]


def new_environment(case: UseCase, folder: Path, patch: pytest.MonkeyPatch) -> Environment:
    """Create an environment with the use case, next to the one that the tests share, and its profile in `folder`."""
    name = f"p{uuid4().hex[:8]}"
    buckets = tuple(f"{name}-{purpose}" for purpose in PURPOSES)
    group = endpoint = f"{case.slug}-{name}"
    own = {f"bucket/{purpose}": found for purpose, found in zip(PURPOSES, buckets, strict=True)} | {
        f"model_package_group/{case.name}": group,
        f"endpoint/{case.name}": endpoint,
        f"guardrail_alarms/{case.name}": " ",
    }
    for found in buckets:
        clients.s3().create_bucket(Bucket=found)
    clients.sagemaker().create_model_package_group(ModelPackageGroupName=group)
    before = active_profile()
    pages = clients.ssm().get_paginator("get_parameters_by_path").paginate(Path=before.parameters, Recursive=True)
    shared = {p["Name"].removeprefix(f"{before.parameters}/"): p["Value"] for page in pages for p in page["Parameters"]}
    for key, value in (shared | own).items():
        clients.ssm().put_parameter(Name=f"/{settings.NAME}/{name}/{key}", Value=value, Type="String")
    for profile in settings.PROFILES.glob("*.yaml"):
        (folder / profile.name).write_text(profile.read_text())
    content = yaml.safe_load((settings.PROFILES / f"{before.name}.yaml").read_text())
    (folder / f"{name}.yaml").write_text(yaml.safe_dump({**content, "name": name, "environment": name}))
    patch.setattr(settings, "PROFILES", folder)
    return Environment(name, buckets, group, endpoint)


@contextmanager
def within(environment: Environment) -> Iterator[None]:
    """Make the environment the active one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, environment.profile)
        _forget()
        yield
    _forget()


def _forget() -> None:
    load_profile.cache_clear()
    platform.cache_clear()
