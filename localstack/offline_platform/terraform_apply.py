"""Applies Terraform to an offline cloud, where both Terraform and its AWS provider are on this machine."""

import json
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config import terraform
from config.errors import TerraformFailed

ENVIRONMENT = "../environments/offline"
BOTH = f"-var-file={ENVIRONMENT}/environment.tfvars"
VARIABLES = (BOTH, f"-var-file={ENVIRONMENT}/platform.tfvars")
APPLY = ("apply", "-auto-approve", "-input=false", "-parallelism=60")  # most resources only wait
BUCKET_SECONDS = 60
PROGRESS_SECONDS = 10.0


def missing() -> str | None:
    """Say what an apply lacks that asks no network; None where it lacks nothing."""
    if shutil.which("terraform") is None:
        return "Terraform is not on this machine"
    if terraform.provider_mirror() is None and not terraform.FETCHED.is_dir():
        return "Terraform's AWS provider is not on this machine (make tf-apply ENV=offline fetches it)"
    return None


@dataclass(frozen=True)
class OfflineApply:
    """An apply of `source` (the folder terraform/) to the cloud that `cloud`'s variables point at.

    What Terraform itself keeps on this machine, and its log, go to the folder `state`.
    """

    source: Path
    state: Path
    cloud: Mapping[str, str]
    announce: Callable[[str], None]

    def run(self) -> None:
        """Make the bucket of the state, and the platform. Raises TerraformFailed with what Terraform said."""
        self.state.mkdir(parents=True, exist_ok=True)
        with ThreadPoolExecutor() as pool:
            # Its bucket is there at once; that the lifecycle rules hold takes the provider a minute to believe.
            bootstrapped = pool.submit(self._bootstrap)
            self._init(bootstrapped)
            self._follow("platform", *APPLY, *VARIABLES)
            bootstrapped.result()

    def _bootstrap(self) -> None:
        self._follow("bootstrap", "init", "-input=false")
        self._follow("bootstrap", *APPLY, f"-state={self.state / 'bootstrap-offline.tfstate'}", BOTH, quiet=True)

    def _init(self, bootstrapped: "Future[None]") -> None:
        deadline = time.monotonic() + BUCKET_SECONDS
        while True:
            try:
                self._follow(
                    "platform", "init", "-input=false", "-reconfigure", f"-backend-config={ENVIRONMENT}/backend.hcl"
                )
            except TerraformFailed:
                if time.monotonic() > deadline or (bootstrapped.done() and bootstrapped.exception()):
                    raise
                time.sleep(0.5)
            else:
                return

    def _follow(self, root: str, *words: str, quiet: bool = False) -> None:
        """Run Terraform to its end and tell of its progress now and then."""
        log = self.state / f"{root}-{words[0]}.log"
        begun = told = time.monotonic()
        made = planned = 0
        for event in self._events(root, words, log):
            if event["type"] == "planned_change":
                planned += 1
            made += event["type"] == "apply_complete"
            if not quiet and planned and time.monotonic() - told > PROGRESS_SECONDS:
                told = time.monotonic()
                self.announce(f"platform  {made} of {planned} resources by Terraform after {told - begun:.0f} s")
        if made and not quiet:
            self.announce(f"platform  {made} resources by Terraform in {time.monotonic() - begun:.0f} s")

    def _events(self, root: str, words: tuple[str, ...], log: Path) -> Iterator[dict[str, Any]]:
        command = ["terraform", f"-chdir={self.source / root}", words[0], "-json", *words[1:]]
        with (
            log.open("w") as kept,
            subprocess.Popen(
                command,
                env=terraform.environment(terraform.write_cli_config(self.state), self.cloud),
                text=True,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
            ) as process,
        ):
            for line in process.stdout or ():
                kept.write(line)
                if line.startswith("{"):
                    yield {"type": "", **json.loads(line)}
        if process.returncode:
            raise TerraformFailed(f"terraform {words[0]} of terraform/{root} failed:\n{_errors(log)}\nIts log: {log}")


def _errors(log: Path) -> str:
    events = [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]
    said = [event["@message"] for event in events if event.get("@level") == "error"]
    return "\n".join(said) or log.read_text()[-2000:]
