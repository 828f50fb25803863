"""Which isolations of jobs this machine offers; found out once, by doing it."""

from sagemaker_local.sandbox import ISOLATIONS, refusal_of

OFFERED = [name for name, isolation in ISOLATIONS.items() if not refusal_of(isolation)]
WITH_OWN_ML = [name for name in OFFERED if ISOLATIONS[name].own_ml]
