# What a plan refuses, and what it only warns of.
locals {
  example_accounts = ["111111111111", "222222222222"]

  placeholders = compact([
    contains(local.example_accounts, var.account_id) ? "account_id" : "",
    anytrue([for account in local.example_accounts : strcontains(var.state_bucket, account)]) ? "state_bucket, here and in backend.hcl" : "",
    anytrue([for address in var.alert_emails : endswith(address, "@example.org")]) ? "alert_emails" : "",
    try(startswith(var.github_repository, "example/"), false) ? "github_repository, whose owner could apply" : "",
    can(regex("ACCOUNT|WORKSPACE", var.prefect.api_url)) ? "prefect.api_url" : "",
  ])

  # SSM parameters directly below the project's path: each environment writes `environment`.
  others = [
    for value in data.aws_ssm_parameters_by_path.account.values : value if value != var.environment
  ]

  profile = yamldecode(file("${path.module}/../../config/profiles/aws.yaml"))

  # Without the key `hosting`, a use case is serverless with the concurrency that config/ gives it.
  served   = length([for definition in local.definitions : definition if try(definition.hosting.kind, "serverless") == "instances"])
  requests = [for definition in local.definitions : try(definition.hosting.max_concurrency, 5) if try(definition.hosting.kind, "serverless") == "serverless"]

  # A deployment starts the new fleet beside the old one.
  quotas = {
    training   = { quota = "${local.profile.jobs.instance_type} for training job usage", needed = local.profile.jobs.instance_count * max([for definition in local.definitions : length(definition.candidates)]...), reason = "a run trains its candidates at the same time" }
    processing = { quota = "${local.profile.jobs.instance_type} for processing job usage", needed = local.profile.jobs.instance_count, reason = "a run evaluates its models in a job" }
    transform  = { quota = "${local.profile.transform.instance_type} for transform job usage", needed = local.profile.transform.instance_count, reason = "vishwaops run score scores on these instances" }
    endpoints  = { quota = "${local.profile.endpoint.instance_type} for endpoint usage", needed = local.served == 0 ? 0 : (local.served + 1) * local.profile.endpoint.initial_instance_count, reason = "${local.served} endpoints run on instances, and a deployment doubles one" }
    serverless = { quota = "Maximum total concurrency that can be allocated across all serverless endpoints", needed = sum(concat([0], local.requests)) + max(concat([0], local.requests)...), reason = "${length(local.requests)} endpoints are serverless, and a deployment doubles one" }
  }
}

data "aws_ssm_parameters_by_path" "account" {
  path = dirname(module.naming.parameter_prefix)
}

module "quota" {
  source   = "../modules/quota"
  for_each = var.emulated ? {} : { for name, quota in local.quotas : name => quota if quota.needed > 0 }

  quota  = each.value.quota
  needed = each.value.needed
  reason = each.value.reason
}

output "account" {
  description = "The account and the region."
  value       = "${var.account_id} ${var.region}"

  precondition {
    condition     = var.emulated || var.allow_placeholders || length(local.placeholders) == 0
    error_message = "environments/${var.environment}: expected your own values in environment.tfvars and platform.tfvars; found the example's: ${join("; ", local.placeholders)}."
  }

  precondition {
    condition     = length(local.others) == 0
    error_message = "Account ${var.account_id} in ${var.region}: expected no environment but ${var.environment}, because names of SageMaker's resources are shared; found ${nonsensitive(join(", ", local.others))}. Use another account or region."
  }
}
