"""What SageMaker's instance types have: vCPUs and memory, by EC2's tables."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass

GIB = 1 << 30
_VCPUS = {"medium": 2, "large": 2, "xlarge": 4, "metal": 96}
# GiB for each vCPU, by the family's letter: compute, general, memory optimised.
_GIB_PER_VCPU = {"c": 2.0, "m": 4.0, "r": 8.0, "x": 16.0, "g": 4.0, "p": 8.0, "i": 8.0}
# Exceptions of the family's rule.
_EXCEPTIONS = {
    "t2.medium": (2, 4),
    "t2.large": (2, 8),
    "t2.xlarge": (4, 16),
    "t2.2xlarge": (8, 32),
    "t3.medium": (2, 4),
    "t3.large": (2, 8),
    "t3.xlarge": (4, 16),
    "t3.2xlarge": (8, 32),
    "c4.large": (2, 3.75),
    "c4.xlarge": (4, 7.5),
    "c4.2xlarge": (8, 15),
    "c4.4xlarge": (16, 30),
    "c4.8xlarge": (36, 60),
    "p3.2xlarge": (8, 61),
    "p3.8xlarge": (32, 244),
    "p3.16xlarge": (64, 488),
    "p4d.24xlarge": (96, 1152),
    "m7i-flex.large": (2, 8),
}


@dataclass(frozen=True)
class InstanceType:
    """vCPUs and bytes of memory."""

    vcpus: int
    memory: int

    @classmethod
    def of(cls, name: str) -> InstanceType:
        """The type of a name such as `ml.m5.xlarge`; unknown names count as ml.m5.large."""
        short = name.removeprefix("ml.")
        if short in _EXCEPTIONS:
            vcpus, gib = _EXCEPTIONS[short]
            return cls(vcpus, int(gib * GIB))
        family, _, size = short.partition(".")
        many = re.fullmatch(r"(\d+)xlarge", size)
        count = int(many.group(1)) * 4 if many else _VCPUS.get(size, 2)
        return cls(count, int(count * _GIB_PER_VCPU.get(family[:1], 4.0) * GIB))

    def cpus_here(self, instances: int = 1) -> int:
        """CPUs reported to each of n instances, capped at the host's."""
        return max(1, min(self.vcpus, (os.cpu_count() or 1) // instances))
