"""The platform: its parameters, which every stage reads, and how Terraform, or offline the seed, makes it.

parameters     what Terraform made, read from SSM
terraform*     runs Terraform: plan without an account, apply to the offline cloud
seed*          makes on the offline cloud what the flows use of the platform, without Terraform
*cost*         what a planned environment costs in a month
"""

from tasks.platform.parameters import COMPLETE, Kind, Network, Platform, Purpose, platform, read_platform

__all__ = ["COMPLETE", "Kind", "Network", "Platform", "Purpose", "platform", "read_platform"]
