# What the flows read: names and ARNs below one path, repeated nowhere in config/.
locals {
  parameters = merge(
    {
      "region"               = var.region
      "account"              = var.account_id
      "bucket/data"          = module.storage.buckets.data
      "bucket/artefacts"     = module.storage.buckets.artefacts
      "bucket/monitoring"    = module.storage.buckets.monitoring
      "key/data"             = module.storage.data_key_arn
      "key/signing"          = module.storage.signing_key_arn
      "glue/database"        = module.storage.database
      "image/repository"     = module.registry.repository_url
      "image/model"          = module.registry.model_repository_url
      "alerts/topic"         = module.alerts.topic_arn
      "metrics/namespace"    = module.naming.metric_namespace
      "metrics/dashboard"    = module.observability.dashboard
      "metrics/unwell"       = module.observability.composite_alarm
      "events/lost"          = module.observability.lost_events_queue_url
      "events/queue"         = module.observability.events_queue_url
      "image/registry"       = module.registry.image_registry
      "image/spark_registry" = module.registry.spark_image_registry
      "tags"                 = jsonencode(module.naming.flow_tags)
      "serving/variant"      = module.serving.variant
    },
    { for use_case, arn in module.identity.flow_role_arns : "role/flow/${use_case}" => arn },
    { for use_case, arn in module.identity.job_role_arns : "role/job/${use_case}" => arn },
    { for use_case, arn in module.identity.endpoint_role_arns : "role/endpoint/${use_case}" => arn },
    { for use_case, arn in module.identity.feature_store_role_arns : "role/features/${use_case}" => arn },
    { for use_case, group in module.registry.model_package_groups : "model_package_group/${use_case}" => group },
    { for use_case, endpoint in module.serving.endpoints : "endpoint/${use_case}" => endpoint },
    { for use_case, alarms in module.serving.guardrail_alarms : "guardrail_alarms/${use_case}" => join(",", alarms) },
    { for name, value in { "mlflow/tracking_server" = module.registry.tracking_server_arn } : name => value if var.mlflow != null },
    var.network == null ? {} : {
      "network/subnets"         = join(",", module.network[0].subnet_ids)
      "network/security_groups" = module.network[0].security_group_ids["job"]
    },
    var.prefect == null ? {} : {
      "prefect/api_url"                                         = module.orchestration[0].api_url
      "prefect/${module.orchestration[0].credential.parameter}" = module.orchestration[0].credential.arn
      "prefect/work_pool"                                       = jsonencode(module.orchestration[0].work_pool)
    },
  )
}

resource "aws_ssm_parameter" "this" {
  #checkov:skip=CKV2_AWS_34:Names and ARNs that roles may read; no secret is among them
  #checkov:skip=CKV_AWS_337:Names and ARNs that roles may read; no secret is among them
  for_each = local.parameters

  name  = "${module.naming.parameter_prefix}/${each.key}"
  type  = "String"
  value = each.value
  tags  = local.tags
}

# One environment in an account and region: names of models, jobs and endpoints carry no environment. A second environment
# would write this parameter too: checks.tf refuses it, and AWS creates no parameter twice.
resource "aws_ssm_parameter" "environment" {
  #checkov:skip=CKV2_AWS_34:An environment's name is no secret
  #checkov:skip=CKV_AWS_337:An environment's name is no secret
  name  = module.naming.environment_parameter
  type  = "String"
  value = var.environment
  tags  = local.tags
}

# Written last and removed first: where it exists, everything else does.
resource "aws_ssm_parameter" "use_cases" {
  #checkov:skip=CKV2_AWS_34:Names that roles may read; no secret is among them
  #checkov:skip=CKV_AWS_337:Names that roles may read; no secret is among them
  name  = "${module.naming.parameter_prefix}/use_cases"
  type  = "String"
  value = join(",", sort(local.use_cases))
  tags  = local.tags

  depends_on = [
    aws_ssm_parameter.this, module.storage, module.identity, module.network, module.registry, module.alerts,
    module.serving, module.orchestration, module.observability, module.governance,
  ]
}

output "parameters" {
  description = "The values that the flows read, by SSM parameter."
  value       = { for name, parameter in aws_ssm_parameter.this : "${module.naming.parameter_prefix}/${name}" => local.parameters[name] }
}

output "ci_roles" {
  description = "The roles of the repository's workflows: `plan` for the variable AWS_PLAN_ROLE_<ENVIRONMENT>, `apply` for the environment's AWS_APPLY_ROLE."
  value       = { plan = module.identity.ci_plan_role_arn, apply = module.identity.ci_apply_role_arn }
}

output "promotion" {
  description = "`role`, of the workflow promote: the environment's variable AWS_PROMOTE_ROLE, and an entry of the other environment's promote_to. `from`: the value of the variable promotion in an environment that receives models of this one."
  value = {
    role = module.identity.promoter_role_arn
    from = {
      account_id = var.account_id
      buckets    = { data = module.storage.buckets.data, artefacts = module.storage.buckets.artefacts }
      key_arn    = module.storage.data_key_arn

      signing_key_arn = module.storage.signing_key_arn
    }
  }
}

output "reader_role" {
  description = "The read-only role for people."
  value       = module.identity.reader_role_arn
}
