"""The isolations of jobs that work on this machine. Each is tried once."""

from sagemaker_local.sandbox import ISOLATIONS, refusal_of

OFFERED = [name for name, isolation in ISOLATIONS.items() if not refusal_of(isolation)]
WITH_OWN_ML = [name for name in OFFERED if ISOLATIONS[name].own_ml]
