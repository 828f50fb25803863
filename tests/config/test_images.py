from config import images
from config.settings import PROJECT

REGISTRY = "111111111111.dkr.ecr.eu-north-1.amazonaws.com"


def test_our_own_image_is_told_from_aws_s() -> None:
    assert images.is_own("vishwaops-model:1.0.0")
    assert not images.is_own("sagemaker-xgboost:3.2-0")
    assert not images.is_own("vishwaops-models:1")


def test_an_image_has_the_profile_s_name_in_every_environment() -> None:
    for environment in ("dev", "prod"):
        assert images.name_of(f"{REGISTRY}/vishwaops-{environment}-model:1.0.0") == "vishwaops-model:1.0.0"
    assert images.name_of(f"{REGISTRY}/sagemaker-xgboost:3.2-0") == "sagemaker-xgboost:3.2-0"
    assert images.name_of(f"{REGISTRY}/vishwaops-dev:1") == "vishwaops-dev:1"
    assert images.name_of(f"{REGISTRY}/vishwaops-dev-models:1") == "vishwaops-dev-models:1"


def test_terraform_knows_our_own_image_by_the_same_name() -> None:
    assert f'local.image.repository == "{images.OWN}"' in (PROJECT / "terraform" / "platform" / "main.tf").read_text()
