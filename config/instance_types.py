"""SageMaker's instance types: which of them have local NVMe storage.

Their volume is that storage, encrypted by the instance's hardware. SageMaker refuses a KMS key for it (API reference:
ResourceConfig.VolumeKmsKeyId, CreateEndpointConfig.KmsKeyId; Amazon EC2 User Guide: Instance store volumes).
"""

LOCAL_STORAGE = frozenset(
    {
        *("c5ad", "c5d", "c6gd", "c6id", "c7gd", "c8gd"),
        *("m5ad", "m5d", "m5dn", "m6gd", "m6id", "m6idn", "m7gd", "m8gd"),
        *("r5ad", "r5d", "r5dn", "r6gd", "r6id", "r6idn", "r7gd", "r8gd", "x2gd", "x2idn", "x2iedn", "z1d"),
        *("i3", "i3en", "i4g", "i4i", "i7i", "i7ie", "i8g", "im4gn", "is4gen"),
        *("g4ad", "g4dn", "g5", "g6", "g6e", "g7", "g7e", "gr6"),
        *("p3dn", "p4d", "p4de", "p5", "p5e", "p5en", "p6-b200", "p6-b300", "p6e-gb200"),
        *("dl1", "trn1", "trn1n", "trn2", "f1", "f2"),
    }
)
"""The families with local NVMe storage. A family is the middle of a type's name: `m5d` in `ml.m5d.large`."""


def require_volume_key(instance_type: str) -> str:
    """Return the type. Raises ValueError when its volume can't have a KMS key."""
    family = instance_type.removeprefix("ml.").partition(".")[0]
    if family in LOCAL_STORAGE:
        raise ValueError(
            f"expected a type without local NVMe storage, because the platform encrypts every volume with its own key, "
            f"which SageMaker refuses for local storage; found {instance_type}. Use a type such as ml.m5.large, "
            "ml.c5.xlarge or ml.r5.large"
        )
    return instance_type
