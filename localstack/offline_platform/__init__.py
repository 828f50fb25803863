"""What the flows run on, on the offline cloud: Terraform applied to it, or a stand-in that makes the same."""

import config as _config  # noqa: F401  prepares the environment before anything else is imported
