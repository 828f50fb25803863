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

  # A search trains `parallel` candidates at the same time. Spot instances have a quota of their own.
  at_once = {
    for use_case, definition in local.definitions : use_case => {
      spot = try(definition.training.spot, false)
      jobs = sum([for candidate in definition.candidates : try(candidate.tune.parallel, 1)])
    }
  }
  on_demand = [for use_case in local.at_once : use_case.jobs if !use_case.spot]
  on_spot   = [for use_case in local.at_once : use_case.jobs if use_case.spot]

  # A deployment starts the new fleet beside the old one; with a shadow, one of the two has twice the instances.
  shadowed = anytrue([for definition in local.definitions : can(definition.release.shadow.minutes)])
  fleets   = local.served == 0 ? 0 : local.served + (local.shadowed ? 2 : 1)

  # The endpoint of a contract test takes two requests at a time.
  doubled = length(local.requests) == 0 ? 0 : max(2, local.requests...)

  quotas = {
    training   = { quota = "${local.profile.jobs.instance_type} for training job usage", needed = local.profile.jobs.instance_count * max(0, local.on_demand...), reason = "a run trains its candidates, and those of its searches, at the same time" }
    spot       = { quota = "${local.profile.jobs.instance_type} for spot training job usage", needed = local.profile.jobs.instance_count * max(0, local.on_spot...), reason = "a run trains its candidates, and those of its searches, at the same time" }
    processing = { quota = "${local.profile.jobs.instance_type} for processing job usage", needed = local.profile.jobs.instance_count, reason = "a run evaluates its models in a job" }
    transform  = { quota = "${local.profile.transform.instance_type} for transform job usage", needed = local.profile.transform.instance_count, reason = "vishwaops run score scores on these instances" }
    endpoints  = { quota = "${local.profile.endpoint.instance_type} for endpoint usage", needed = local.fleets * local.profile.endpoint.initial_instance_count, reason = "${local.served} endpoints run on instances, and a deployment starts a second fleet of one${local.shadowed ? ", with a shadow beside it" : ""}" }
    serverless = { quota = "Maximum total concurrency that can be allocated across all serverless endpoints", needed = sum(concat([0], local.requests)) + local.doubled, reason = "${length(local.requests)} endpoints are serverless, and a deployment doubles one" }
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
