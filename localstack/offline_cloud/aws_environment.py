"""The environment variables that point any AWS client at the offline cloud, and nowhere else."""

import os
import shlex
from collections.abc import Mapping
from pathlib import Path

from sagemaker_local.moto_services import endpoint_variables
from sagemaker_local.private_files import private_folder, write_private

REGION = "us-east-1"
_CONFIG = f"[default]\nregion = {REGION}\n"
_CREDENTIALS = "[default]\naws_access_key_id = test\naws_secret_access_key = test\n"


def aws_environment(state_dir: Path, localstack_url: str, sagemaker_url: str) -> dict[str, str]:
    """Endpoints, dummy credentials and region; the user's own profile, token, proxy and settings have no effect.

    AWS_PROFILE can't just be empty (clients then look for a profile without a name), so it names a profile
    in separate files, written by `write_profile`.
    """
    profile = state_dir / "aws"
    no_proxy = ",".join(filter(None, ["127.0.0.1,localhost", os.environ.get("NO_PROXY")]))
    return {
        "AWS_ENDPOINT_URL": localstack_url,
        "AWS_ENDPOINT_URL_S3": localstack_url,
        "AWS_ENDPOINT_URL_SAGEMAKER": sagemaker_url,
        "AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME": sagemaker_url,
        "AWS_ENDPOINT_URL_SAGEMAKER_FEATURESTORE_RUNTIME": sagemaker_url,
        **endpoint_variables(sagemaker_url),
        "SAGEMAKER_MLFLOW_CUSTOM_ENDPOINT": sagemaker_url,
        "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "false",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_SESSION_TOKEN": "",
        "AWS_PROFILE": "default",
        "AWS_DEFAULT_PROFILE": "default",
        "AWS_CONFIG_FILE": str(profile / "config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(profile / "credentials"),
        "AWS_DEFAULT_REGION": REGION,
        "AWS_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_USE_FIPS_ENDPOINT": "",  # empty, because Terraform's S3 backend treats "false" as true
        "AWS_USE_DUALSTACK_ENDPOINT": "",
        "NO_PROXY": no_proxy,
        "no_proxy": no_proxy,
    }


def write_profile(state_dir: Path) -> None:
    """Write the AWS configuration and credential files that `aws_environment` names."""
    profile = private_folder(state_dir / "aws")
    write_private(profile / "config", _CONFIG)
    write_private(profile / "credentials", _CREDENTIALS)


def export_lines(environment: Mapping[str, str]) -> str:
    """`export NAME=value` lines, quoted for a POSIX shell to eval, with a newline at the end."""
    return "".join(f"export {name}={shlex.quote(value)}\n" for name, value in environment.items())
