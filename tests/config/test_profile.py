import re
from pathlib import Path
from typing import Any

import botocore.session
import pytest
import yaml

from config import settings
from config.documents import read_document
from config.errors import ConfigError
from config.instance_types import require_volume_key
from config.profile import EXPANDED, VARIABLE, Profile, active_profile, load_profile


def test_offline_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    assert active_profile().offline


def test_the_aws_profile_runs_on_the_environment_that_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VISHWAOPS_ENVIRONMENT", "prod")
    load_profile.cache_clear()
    profile = load_profile("aws")
    load_profile.cache_clear()
    assert (profile.parameters, profile.offline) == ("/vishwaops/prod", False)


def test_jobs_and_endpoints_use_aws_s_image_unless_the_profile_names_our_own(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable, own in (("", False), ("vishwaops-model:1.0.0", True)):
        monkeypatch.setenv("VISHWAOPS_IMAGE", variable) if variable else monkeypatch.delenv("VISHWAOPS_IMAGE", False)
        load_profile.cache_clear()
        assert load_profile("offline").own_image is own
    load_profile.cache_clear()
    assert not load_profile("aws").own_image


def test_every_profile_runs_on_an_environment_that_terraform_has() -> None:
    known = {path.name for path in (settings.PROJECT / "terraform" / "environments").iterdir()}
    assert {load_profile(name).environment for name in ("aws", "offline")} <= known


def test_a_variable_that_is_not_set_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("NOBODY_SETS_THIS", raising=False)
    (tmp_path / "p.yaml").write_text("region: ${NOBODY_SETS_THIS}")
    with pytest.raises(ConfigError, match="region: needs the environment variable NOBODY_SETS_THIS"):
        read_document(tmp_path / "p.yaml", Profile, expanded=EXPANDED)


def test_an_unknown_profile_is_answered_with_the_known_ones() -> None:
    with pytest.raises(ConfigError, match="expected one of aws, offline; found 'mars'"):
        load_profile("mars")


def changed(tmp_path: Path, **changes: Any) -> Path:
    """The offline profile with other values, written to a file."""
    content = yaml.safe_load((settings.PROFILES / "offline.yaml").read_text())
    for key, value in changes.items():
        content[key] = {**content[key], **value} if isinstance(value, dict) else value
    path = tmp_path / "changed.yaml"
    path.write_text(yaml.safe_dump(content))
    return path


def mistake(tmp_path: Path, **changes: Any) -> str:
    with pytest.raises(ConfigError) as refused:
        read_document(changed(tmp_path, **changes), Profile, expanded=EXPANDED)
    return str(refused.value)


def test_more_than_one_instance_is_refused_because_the_script_is_not_distributed(tmp_path: Path) -> None:
    assert "jobs.instance_count: expected 1, because it also counts for jobs that are not distributed" in mistake(
        tmp_path, jobs={"instance_count": 2}
    )


@pytest.mark.parametrize(
    "family", ["c5d", "dl1", "g4dn", "g5", "g6e", "m5d", "m6gd", "p3dn", "p4d", "p5", "r7gd", "trn1"]
)
def test_a_type_with_local_storage_is_refused_because_its_volume_takes_no_key(tmp_path: Path, family: str) -> None:
    for part in ("jobs", "endpoint"):
        found = mistake(tmp_path, **{part: {"instance_type": f"ml.{family}.xlarge"}})
        assert f"{part}.instance_type: expected a type without local NVMe storage" in found
        assert f"found ml.{family}.xlarge. Use a type such as ml.m5.large" in found


def is_refused(instance_type: str) -> bool:
    try:
        require_volume_key(instance_type)
    except ValueError:
        return True
    return False


def test_of_sagemaker_s_types_exactly_those_with_local_storage_are_refused() -> None:
    model: Any = botocore.session.get_session().get_service_model("sagemaker")
    shapes = ("TrainingInstanceType", "ProcessingInstanceType", "ProductionVariantInstanceType")
    types = {name for shape in shapes for name in model.shape_for(shape).enum}
    with_disks = r"ml\.([cmr]\d+g?d|g4dn|g[567]e?|p3dn|p4de?|p5e?n?|p6.*|dl1|trn.*)\..*"
    assert {name for name in types if is_refused(name)} == {name for name in types if re.fullmatch(with_disks, name)}


@pytest.mark.parametrize(
    "image", ["683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:3.2-0", "sagemaker-xgboost"]
)
def test_an_image_is_a_repository_and_tag_without_the_registry_of_a_region(tmp_path: Path, image: str) -> None:
    assert "image: expected a text of the form" in mistake(tmp_path, image=image)


def test_an_instance_of_a_transform_job_must_hold_its_requests(tmp_path: Path) -> None:
    found = mistake(tmp_path, transform={"max_concurrent_transforms": 20, "max_payload_in_mb": 6})
    assert "expected max_concurrent_transforms * max_payload_in_mb of at most 100" in found
    assert "found 120" in found
