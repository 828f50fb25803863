"""The platform: its SSM parameters, and its creation by Terraform or, offline, from the seed.

parameters     names and ARNs of Terraform's resources, read from SSM
terraform*     runs Terraform: plan without an account, apply to the offline cloud
seed*          creates the resources that the flows need on the offline cloud, without Terraform
*cost*         the cost of a planned environment in a month
"""

from tasks.platform.parameters import COMPLETE, Kind, Network, Platform, Purpose, platform, read_platform

__all__ = ["COMPLETE", "Kind", "Network", "Platform", "Purpose", "platform", "read_platform"]
