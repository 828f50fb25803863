"""One module a stage of the lifecycle; each takes and returns references to data in S3 and knows no other stage."""

import config as _config  # noqa: F401  prepares the environment before Prefect and MLflow read it
