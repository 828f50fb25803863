variable "name" {
  description = "The prefix of every role's name."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{2,29}$", var.name))
    error_message = "name: expected 3 to 30 lowercase letters, digits and hyphens; found \"${var.name}\"."
  }
}

variable "account_id" {
  description = "The AWS account."
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id: expected the 12 digits of an AWS account; found \"${var.account_id}\"."
  }
}

variable "region" {
  description = "The AWS region."
  type        = string
}

variable "use_cases" {
  description = "The use cases, as in config/use_cases/. Each gets a flow, a job and an endpoint role, limited to its own resources."
  type        = set(string)

  validation {
    condition     = alltrue([for use_case in var.use_cases : can(regex("^[a-z][a-z0-9_]{1,22}[a-z0-9]$", use_case))])
    error_message = "use_cases: expected names of 3 to 24 lowercase letters, digits and _; found ${join(", ", var.use_cases)}."
  }

  validation {
    condition     = length([for pair in setproduct(var.use_cases, var.use_cases) : pair if startswith(pair[1], "${pair[0]}_")]) == 0
    error_message = "use_cases: expected that no name is another's beginning before a _, because a role of the first would reach the names of the second (student-* has student-grades-*); found ${join(", ", [for pair in setproduct(var.use_cases, var.use_cases) : "${pair[0]} and ${pair[1]}" if startswith(pair[1], "${pair[0]}_")])}."
  }
}

variable "buckets" {
  description = "Bucket names by purpose: data, artefacts, monitoring, audit."
  type        = map(string)

  validation {
    condition     = alltrue([for purpose in ["data", "artefacts", "monitoring", "audit"] : contains(keys(var.buckets), purpose)])
    error_message = "buckets: expected data, artefacts, monitoring and audit; found ${join(", ", keys(var.buckets))}."
  }
}

variable "database" {
  description = "The Glue database of the datasets' tables."
  type        = string
}

variable "source_buckets" {
  description = "What the flows of a use case read besides the platform's buckets, by use case: names of buckets, or objects by ARN, such as arn:aws:s3:::exports/grades/*."
  type        = map(list(string))
  default     = {}
  nullable    = false

  validation {
    condition     = length(setsubtract(keys(var.source_buckets), var.use_cases)) == 0
    error_message = "source_buckets: expected names of use cases; found ${join(", ", setsubtract(keys(var.source_buckets), var.use_cases))}."
  }

  validation {
    condition     = alltrue([for place in flatten(values(var.source_buckets)) : can(regex("^(arn:[a-z-]+:s3:::[a-z0-9.-]{3,63}/[^*?]*[*]?|[a-z0-9.-]{3,63})$", place))])
    error_message = "source_buckets: expected a bucket's name such as exports, or objects such as arn:aws:s3:::exports/grades/*, with * only at the end; found ${join(", ", flatten(values(var.source_buckets)))}."
  }

  validation {
    condition     = alltrue([for place in flatten(values(var.source_buckets)) : !contains(concat(values(var.buckets), [var.state_bucket]), split("/", reverse(split(":", place))[0])[0])])
    error_message = "source_buckets: expected buckets of others, because the platform's own are separated by use case; found ${join(", ", flatten(values(var.source_buckets)))}."
  }
}

variable "source_secrets" {
  description = "Secrets Manager's secrets that the flows of a use case read, by use case: names, or ARNs of this account. A secret under a key of your own also needs that key's policy."
  type        = map(list(string))
  default     = {}
  nullable    = false

  validation {
    condition     = length(setsubtract(keys(var.source_secrets), var.use_cases)) == 0
    error_message = "source_secrets: expected names of use cases; found ${join(", ", setsubtract(keys(var.source_secrets), var.use_cases))}."
  }

  validation {
    condition     = alltrue([for each in flatten(values(var.source_secrets)) : can(regex("^(arn:[a-z-]+:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:)?[A-Za-z0-9/_+=.@-]{1,512}$", each))])
    error_message = "source_secrets: expected the name of a secret, such as registry/database, or its ARN, without *; found ${join(", ", flatten(values(var.source_secrets)))}."
  }
}

variable "source_streams" {
  description = "The Kinesis streams that the flows of a use case read, by use case: names of this account."
  type        = map(list(string))
  default     = {}
  nullable    = false

  validation {
    condition     = length(setsubtract(keys(var.source_streams), var.use_cases)) == 0
    error_message = "source_streams: expected names of use cases; found ${join(", ", setsubtract(keys(var.source_streams), var.use_cases))}."
  }

  validation {
    condition     = alltrue([for each in flatten(values(var.source_streams)) : can(regex("^[a-zA-Z0-9_.-]{1,128}$", each))])
    error_message = "source_streams: expected the name of a stream, without *; found ${join(", ", flatten(values(var.source_streams)))}."
  }
}

variable "references" {
  description = "The other use cases whose values the checks of a use case need (`quality.references` of its YAML), by use case. Its flow may read their datasets."
  type        = map(list(string))
  default     = {}
  nullable    = false

  validation {
    condition     = length(setsubtract(concat(keys(var.references), flatten(values(var.references))), var.use_cases)) == 0
    error_message = "references: expected names of use cases; found ${join(", ", setsubtract(concat(keys(var.references), flatten(values(var.references))), var.use_cases))}."
  }
}

variable "spark" {
  description = "The use cases with `engine: spark`. Their jobs also read the sources, pull AWS's Spark image, and delete their own intermediate files."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = length(setsubtract(var.spark, var.use_cases)) == 0
    error_message = "spark: expected names of use cases; found ${join(", ", setsubtract(var.spark, var.use_cases))}."
  }
}

variable "spark_image_account_id" {
  description = "AWS's account of the SageMaker Spark images in this region; null where no use case needs them."
  type        = string
  default     = null

  validation {
    condition     = length(var.spark) == 0 || var.spark_image_account_id != null
    error_message = "spark_image_account_id: expected AWS's account of the Spark images, because ${join(", ", var.spark)} use engine: spark; found null."
  }
}

variable "state_bucket" {
  description = "The bucket of Terraform's state, which CI reads and writes."
  type        = string
}

variable "data_key_arn" {
  description = "The key of datasets, models and monitoring data."
  type        = string
}

variable "signing_key_arn" {
  description = "The key that signs models and the audit logs' checkpoints."
  type        = string
}

variable "operations_key_arn" {
  description = "The key of logs, alerts, queues, images and secrets."
  type        = string
}

variable "boundary_name" {
  description = "The permission boundary's name."
  type        = string
}

variable "parameter_prefix" {
  description = "The path of the SSM parameters that the flows read."
  type        = string

  validation {
    condition     = startswith(var.parameter_prefix, "/") && !endswith(var.parameter_prefix, "/")
    error_message = "parameter_prefix: expected a path such as /vishwaops/dev; found \"${var.parameter_prefix}\"."
  }
}

variable "metric_namespace" {
  description = "The CloudWatch namespace of the drift and quality metrics that jobs and flows write."
  type        = string
}

variable "image_account_id" {
  description = "The account of AWS's prebuilt SageMaker images in this region; null for the one that the AWS provider knows."
  type        = string
  default     = null
}

variable "in_vpc" {
  description = "Whether jobs and endpoints run in the platform's VPC, with network interfaces there."
  type        = bool
  default     = false
}

variable "vpc_id" {
  description = "The platform's VPC, the only one in which SageMaker may create network interfaces; null without a VPC."
  type        = string
  default     = null

  validation {
    condition     = !var.in_vpc || var.vpc_id != null
    error_message = "vpc_id: expected the VPC's id where in_vpc = true; found null."
  }
}

variable "feature_references" {
  description = "The feature groups of other use cases that a use case reads, by the reading use case."
  type        = map(list(object({ use_case = string, group = string })))
  default     = {}

  validation {
    condition     = alltrue([for group in flatten(values(var.feature_references)) : contains(var.use_cases, group.use_case)])
    error_message = "feature_references: expected groups of use cases, found other names: ${join(", ", [for group in flatten(values(var.feature_references)) : group.use_case if !contains(var.use_cases, group.use_case)])}."
  }
}

variable "feature_stores" {
  description = "The use cases that have feature groups. Each gets a role that writes their offline store."
  type        = set(string)
  default     = []

  validation {
    condition     = length(setsubtract(var.feature_stores, var.use_cases)) == 0
    error_message = "feature_stores: expected names of use cases; found ${join(", ", setsubtract(var.feature_stores, var.use_cases))}."
  }
}

variable "github_repository" {
  description = "The GitHub repository whose workflows plan and apply, as owner/name; null for none."
  type        = string
  default     = null

  validation {
    condition     = var.github_repository == null ? true : can(regex("^[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+$", var.github_repository))
    error_message = "github_repository: expected owner/name, without wildcards, or anybody's workflow could assume the role; found \"${coalesce(var.github_repository, "null")}\"."
  }
}

variable "github_owner_id" {
  description = "The number that GitHub gave the repository's owner (`gh api repos/OWNER/NAME --jq .owner.id`); null only for a repository older than July 2026."
  type        = string
  default     = null

  validation {
    condition     = var.github_owner_id == null ? var.github_repository_id == null : can(regex("^[0-9]+$", var.github_owner_id)) && var.github_repository_id != null
    error_message = "github_owner_id: expected the owner's number, together with github_repository_id; found \"${coalesce(var.github_owner_id, "null")}\"."
  }
}

variable "github_repository_id" {
  description = "The number that GitHub gave the repository (`gh api repos/OWNER/NAME --jq .id`), which no other repository ever has; null as github_owner_id."
  type        = string
  default     = null

  validation {
    condition     = var.github_repository_id == null ? true : can(regex("^[0-9]+$", var.github_repository_id)) && var.github_repository != null
    error_message = "github_repository_id: expected the number of github_repository; found \"${coalesce(var.github_repository_id, "null")}\"."
  }
}

variable "github_branch" {
  description = "The branch whose workflows may plan without a pull request, and apply; null for any, where the partition's STS knows no `ref` of GitHub's tokens."
  type        = string
  default     = "main"

  validation {
    condition     = var.github_branch == null ? true : can(regex("^[A-Za-z0-9][A-Za-z0-9_./-]*$", var.github_branch))
    error_message = "github_branch: expected a branch's name without wildcards, or others' branches could apply; found \"${coalesce(var.github_branch, "null")}\"."
  }
}

variable "github_environment" {
  description = "The GitHub environment that must approve an apply."
  type        = string
  default     = "prod"
}

variable "create_github_provider" {
  description = "Whether to create the account's OIDC provider for GitHub; false where it exists already."
  type        = bool
  default     = true
}

variable "readers" {
  description = "ARNs of the principals that may assume the reader role; when empty, any principal of the account."
  type        = list(string)
  default     = []
}

variable "operators" {
  description = "ARNs of the principals that may assume the flow roles, to run flows from a laptop; none when empty."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for arn in concat(var.readers, var.operators) : can(regex("^arn:[a-z-]+:(iam|sts)::[0-9]{12}:[^*]+$", arn))])
    error_message = "readers, operators: expected ARNs of IAM principals, without wildcards; found ${join(", ", concat(var.readers, var.operators))}."
  }
}

variable "promotion" {
  description = "The environment whose models are promoted into this one: its account, the names of its buckets data and artefacts, and the ARNs of its data key and of its signing key; null for none."
  type = object({
    account_id = string
    buckets    = object({ data = string, artefacts = string })
    key_arn    = string

    signing_key_arn = optional(string)
  })
  default = null

  validation {
    condition     = var.promotion == null ? true : can(regex("^[0-9]{12}$", var.promotion.account_id)) && var.promotion.account_id != var.account_id
    error_message = "promotion.account_id: expected the 12 digits of another environment's account; found \"${try(var.promotion.account_id, "")}\"."
  }

  validation {
    condition     = var.promotion == null ? true : can(regex("^arn:[a-z-]+:kms:${var.region}:${var.promotion.account_id}:key/[^*]+$", var.promotion.key_arn))
    error_message = "promotion.key_arn: expected the ARN of the other environment's data key, in its account and in ${var.region}; found \"${try(var.promotion.key_arn, "")}\"."
  }

  validation {
    condition     = var.promotion == null ? true : alltrue([for name in values(var.promotion.buckets) : can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", name))])
    error_message = "promotion.buckets: expected names of buckets, without wildcards; found ${join(", ", try(values(var.promotion.buckets), []))}."
  }

  validation {
    condition     = var.promotion == null || var.github_repository != null || length(var.operators) > 0
    error_message = "promotion: expected github_repository or operators, or nobody could assume the promoter's role; found neither."
  }
}

variable "people_use_mfa" {
  description = "Whether readers and operators need an MFA device in their session; false for IAM Identity Center, whose sessions show none."
  type        = bool
  default     = true
}

variable "tags" {
  description = "Tags."
  type        = map(string)
  default     = {}
}
