"""Applies terraform/bootstrap, whose own state is in the bucket that it creates.

The first apply writes a local state and moves it into the bucket. A later apply, on any machine, finds it there. An
interrupted one continues on the machine where it began. `python -m tasks.platform.terraform_bootstrap apply dev`
"""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from config import settings
from config.errors import TerraformFailed, VishwaOpsError
from tasks.platform import terraform
from tasks.platform.state_bucket import StateBucket

OVERRIDE = "backend_override.tf"
"""Replaces the backend of versions.tf while the state is local. Not in git."""
ATTENDED = "prod"
"""The environment whose changes a person confirms."""


@contextmanager
def local_backend(root: Path, state: Path) -> Iterator[None]:
    """Let the root module in `root` keep its state in the file `state` while the body runs."""
    state.parent.mkdir(parents=True, exist_ok=True)
    override = root / OVERRIDE
    override.write_text(f'terraform {{\n  backend "local" {{\n    path = "{state.absolute()}"\n  }}\n}}\n')
    try:
        yield
    finally:
        override.unlink()


@dataclass(frozen=True)
class Bootstrap:
    """The root bootstrap of an environment. `source` is the folder terraform/.

    `local` is the file of the state before it is in the bucket. `cloud` are the environment variables of AWS.
    """

    source: Path
    environment: str
    local: Path
    cli_config: Path
    cloud: Mapping[str, str]

    def apply(self) -> None:
        """Create or update the bucket.

        Raises TerraformFailed with the command that failed, and when the bucket exists without a state of its own.
        """
        if self._is_in_the_bucket():
            self._init(*self._backend)
            self._change("apply")
        else:
            with local_backend(self._root, self.local):
                self._init("-reconfigure")
                self._change("apply")
            self._move_to_the_bucket()

    def destroy(self) -> None:
        """Destroy the bucket with the states in it. Terraform refuses that unless the environment is emulated."""
        if self._is_in_the_bucket():
            self._init(*self._backend)
            with local_backend(self._root, self.local):
                self._init("-migrate-state", "-force-copy")
        with local_backend(self._root, self.local):
            self._init("-reconfigure")
            self._change("destroy")
        self._forget_local()

    def _is_in_the_bucket(self) -> bool:
        bucket = self._bucket
        if self.local.exists() or not bucket.exists():
            return False
        if bucket.has_state():
            return True
        raise TerraformFailed(
            f"s3://{bucket.name}/{bucket.key}: expected the state of terraform/bootstrap, because the bucket exists; "
            f"found none. The first apply was interrupted: repeat it on the machine where it began, which has the "
            f"file {self.local}"
        )

    def _move_to_the_bucket(self) -> None:
        self._init("-migrate-state", "-force-copy", *self._backend[1:])
        if not self._bucket.has_state():
            raise TerraformFailed(f"s3://{self._bucket.name}/{self._bucket.key}: expected the moved state, found none")
        self._forget_local()

    def _forget_local(self) -> None:
        for name in (self.local.name, f"{self.local.name}.backup"):
            self.local.with_name(name).unlink(missing_ok=True)

    def _init(self, *arguments: str) -> None:
        self._terraform("init", "-input=false", *arguments)

    def _change(self, action: str) -> None:
        unattended = () if self.environment == ATTENDED else ("-auto-approve",)
        self._terraform(action, *unattended, f"-var-file=../environments/{self.environment}/environment.tfvars")

    def _terraform(self, *arguments: str) -> None:
        environment = terraform.variables(self.cli_config, self.cloud)
        if subprocess.run(["terraform", *arguments], cwd=self._root, env=environment).returncode:
            raise TerraformFailed(f"terraform {arguments[0]} of terraform/bootstrap failed for {self.environment}")

    @property
    def _root(self) -> Path:
        return self.source / "bootstrap"

    @property
    def _bucket(self) -> StateBucket:
        return StateBucket.read(self.source / "environments" / self.environment)

    @property
    def _backend(self) -> tuple[str, ...]:
        file = f"../environments/{self.environment}/backend.hcl"
        return ("-reconfigure", f"-backend-config={file}", f"-backend-config=key={self._bucket.key}")


def local_state(environment: str) -> Path:
    """The file of an environment's local state. `make clean` deletes only that of the offline cloud."""
    if environment == "offline":
        return settings.STATE / "terraform" / "bootstrap-offline.tfstate"
    return terraform.SOURCE / "bootstrap" / f"{environment}.tfstate"


def main(action: str, environment: str) -> None:
    """Apply or destroy, and exit with the error's message."""
    cli_config = terraform.write_cli_config(settings.STATE / "terraform")
    bootstrap = Bootstrap(terraform.SOURCE, environment, local_state(environment), cli_config, os.environ)
    try:
        {"apply": bootstrap.apply, "destroy": bootstrap.destroy}[action]()
    except VishwaOpsError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main(*sys.argv[1:])
