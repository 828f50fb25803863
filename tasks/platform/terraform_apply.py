"""Applies Terraform to an offline cloud. Needs Terraform and its AWS provider on this machine."""

import json
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.errors import TerraformFailed
from tasks.platform import terraform
from tasks.platform.terraform_bootstrap import local_backend

ENVIRONMENT = "../environments/offline"
BOTH = f"-var-file={ENVIRONMENT}/environment.tfvars"
"""The variables of the roots bootstrap and platform."""
VARIABLES = (BOTH, f"-var-file={ENVIRONMENT}/platform.tfvars")
APPLY = ("apply", "-auto-approve", "-input=false", "-parallelism=60")  # creating most resources is only waiting
BUCKET_SECONDS = 60
PROGRESS_SECONDS = 10.0


def missing() -> str | None:
    """Return what is missing for an apply without a network, as a sentence, or None."""
    if not terraform.is_installed():
        return "Terraform is not on this machine"
    if terraform.provider_mirror() is None and not terraform.FETCHED.is_dir():
        return "Terraform's AWS provider is not on this machine (make tf-apply ENV=offline fetches it)"
    return None


@dataclass(frozen=True)
class OfflineApply:
    """An apply of `source` (the folder terraform/) to the cloud of the environment variables `cloud`.

    Terraform's local state and its logs are in the folder `state`. `announce` is called with lines of progress.
    """

    source: Path
    state: Path
    cloud: Mapping[str, str]
    announce: Callable[[str], None]

    def run(self) -> None:
        """Apply bootstrap (the bucket of the state) and platform. Raises TerraformFailed with Terraform's errors."""
        self.state.mkdir(parents=True, exist_ok=True)
        with ThreadPoolExecutor() as pool:
            # The bucket exists at once; the provider then waits a minute until its lifecycle rules are stable.
            bootstrapped = pool.submit(self._bootstrap)
            self._init(bootstrapped)
            self._follow("platform", *APPLY, *VARIABLES)
            bootstrapped.result()

    def _bootstrap(self) -> None:
        # The state stays local: moving it into the bucket has nothing to offer to a cloud that ends with this machine.
        with local_backend(self.source / "bootstrap", self.state / "bootstrap-offline.tfstate"):
            self._follow("bootstrap", "init", "-input=false", "-reconfigure")
            self._follow("bootstrap", *APPLY, BOTH, quiet=True)

    def _init(self, bootstrapped: "Future[None]") -> None:
        """Initialise the root platform as soon as the bucket of its state exists."""
        backend = f"-backend-config={ENVIRONMENT}/backend.hcl"
        deadline = time.monotonic() + BUCKET_SECONDS
        while True:
            try:
                return self._follow("platform", "init", "-input=false", "-reconfigure", backend)
            except TerraformFailed:
                if time.monotonic() > deadline or (bootstrapped.done() and bootstrapped.exception()):
                    raise
                time.sleep(0.5)

    def _follow(self, root: str, *arguments: str, quiet: bool = False) -> None:
        """Run Terraform to its end and announce its progress every PROGRESS_SECONDS."""
        log = self.state / f"{root}-{arguments[0]}.log"
        started = announced = time.monotonic()
        made = planned = 0
        for event in self._events(root, arguments, log):
            planned += event.get("type") == "planned_change" and event["change"]["action"] != "read"
            made += event.get("type") == "apply_complete" and event["hook"]["action"] != "read"
            if not quiet and planned and time.monotonic() - announced > PROGRESS_SECONDS:
                announced = time.monotonic()
                self.announce(f"platform  {made} of {planned} resources by Terraform after {announced - started:.0f} s")
        if made and not quiet:
            self.announce(f"platform  {made} resources by Terraform in {time.monotonic() - started:.0f} s")

    def _events(self, root: str, arguments: tuple[str, ...], log: Path) -> Iterator[dict[str, Any]]:
        """Yield each event of Terraform, and write every line to `log`. Raises TerraformFailed when Terraform fails."""
        command = ["terraform", f"-chdir={self.source / root}", arguments[0], "-json", *arguments[1:]]
        environment = terraform.variables(terraform.write_cli_config(self.state), self.cloud)
        with (
            log.open("w") as file,
            subprocess.Popen(
                command, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
            ) as process,
        ):
            for line in process.stdout or ():
                file.write(line)
                if line.startswith("{"):
                    yield json.loads(line)
        if process.returncode:
            errors = terraform.error_messages(log.read_text())
            raise TerraformFailed(f"terraform {arguments[0]} of terraform/{root} failed:\n{errors}\nIts log: {log}")
