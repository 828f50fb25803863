"""The bucket of an environment's Terraform states, as terraform/environments/<name>/ names it."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from config.errors import TerraformFailed

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


@dataclass(frozen=True)
class StateBucket:
    """The bucket, the account and the region of an environment, and the key of the bootstrap's own state."""

    name: str
    key: str
    region: str
    account: str
    folder: Path

    @classmethod
    def read(cls, folder: Path) -> "StateBucket":
        """Read backend.hcl and environment.tfvars in `folder`. Raises TerraformFailed for a missing setting."""
        backend, variables = folder / "backend.hcl", folder / "environment.tfvars"
        name, platform = _setting(backend, "bucket"), _setting(backend, "key")
        key = f"{platform.rpartition('/')[0]}/bootstrap.tfstate"
        return cls(name, key, _setting(backend, "region"), _setting(variables, "account_id"), folder)

    def exists(self) -> bool:
        """Whether the account has the bucket. Raises TerraformFailed when another account has it."""
        try:
            # Not of tasks.clients: those are the active profile's, and the environment is an argument here.
            self._s3().head_bucket(Bucket=self.name, ExpectedBucketOwner=self.account)
        except (BotoCoreError, ClientError) as error:
            if isinstance(error, ClientError) and error.response["Error"]["Code"] == "404":
                return False
            raise TerraformFailed(
                f"s3://{self.name}: expected no bucket, or one of the account {self.account}; found: {error}. Sign in "
                f"to that account, or change state_bucket in {self.folder} (environment.tfvars and backend.hcl)"
            ) from error
        return True

    def has_state(self) -> bool:
        """Whether the bucket has the bootstrap's state."""
        listed = self._s3().list_objects_v2(Bucket=self.name, Prefix=self.key)  # a lock's key is longer
        return self.key in [each["Key"] for each in listed.get("Contents", [])]

    def _s3(self) -> "S3Client":
        return boto3.client("s3", region_name=self.region)


def _setting(file: Path, name: str) -> str:
    if not file.is_file():
        known = sorted(folder.name for folder in file.parents[1].glob("*/"))
        raise TerraformFailed(f"ENV: expected one of {', '.join(known)}; found {file.parent.name!r}")
    if found := re.search(rf'(?m)^{name}\s*=\s*"([^"]+)"', file.read_text()):
        return found[1]
    raise TerraformFailed(f'{file}: expected a line {name} = "...", found none')
