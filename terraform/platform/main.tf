locals {
  # A new use case is a YAML file here too.
  definitions = {
    for file in fileset("${path.module}/../../config/use_cases", "*.yaml") :
    trimsuffix(file, ".yaml") => yamldecode(file("${path.module}/../../config/use_cases/${file}"))
  }
  use_cases = toset(keys(local.definitions))

  # The bounds on drift and on a live model's quality come from the use case's YAML file.
  quality = {
    for use_case, definition in local.definitions : use_case => [
      for gate in definition.evaluation.gates : { at_least = try(gate.at_least, null), at_most = try(gate.at_most, null) }
      if gate.metric == definition.evaluation.primary
    ]
  }
  # Checks that compare values with another use case's dataset.
  references = {
    for use_case, definition in local.definitions : use_case => distinct([
      for reference in try(definition.quality.references, []) : reference.use_case if can(reference.use_case)
    ])
  }
  # Feature groups of other use cases that a use case reads.
  feature_references = {
    for use_case, definition in local.definitions : use_case => [
      for group in try(definition.source.groups, []) : { use_case = group.use_case, group = group.group } if group.use_case != use_case
    ]
  }
  spark = toset([for use_case, definition in local.definitions : use_case if try(definition.engine, "local") == "spark"])

  # The flow `monitor` deletes captured requests after the days of the YAML; S3 does a week later, if no flow runs.
  expire_prefixes = {
    monitoring = { for use_case, definition in local.definitions : "${use_case}/capture/" => try(definition.monitoring.capture.days, 30) + 7 }
    data       = { for use_case in local.use_cases : "${use_case}/predictions/" => var.prediction_retention_days if var.prediction_retention_days != null }
  }

  hosting = { for use_case, definition in local.definitions : use_case => try(definition.hosting.kind, "serverless") }

  # Prefect's schedules say which use cases are scored every day; AWS's profile names the image of jobs and endpoints.
  deployments = yamldecode(file("${path.module}/../../prefect.yaml")).deployments
  scheduled = toset([
    for deployment in local.deployments : deployment.parameters.use_case
    if anytrue([for schedule in try(deployment.schedules, []) : try(schedule.active, true)])
    && (endswith(deployment.entrypoint, ".lifecycle") || try(deployment.parameters.name, "") == "predict")
  ])
  image = regex("(?P<repository>[^/:]+):(?P<tag>[^/:]+)$", local.profile.image)
  # Our own image is in the environment's repository; the registry of AWS's images is looked up all the same.
  aws_image = local.image.repository == "vishwaops-model" ? { repository = "sagemaker-xgboost", tag = "3.2-0" } : local.image

  name = module.naming.prefix
  tags = module.naming.tags
}

module "naming" {
  source = "../modules/naming"

  environment = var.environment
  account_id  = var.account_id
  owner       = var.owner
  cost_centre = var.cost_centre
  data_class  = var.data_class

  existing_buckets = var.existing_buckets
}

module "storage" {
  source = "../modules/storage"

  name               = local.name
  account_id         = var.account_id
  region             = var.region
  buckets            = module.naming.buckets
  database           = module.naming.database
  existing_buckets   = keys(var.existing_buckets)
  existing_keys      = var.existing_keys
  promote_to         = var.promote_to
  audit_lock         = var.audit_lock
  log_retention_days = var.log_retention_days
  expire_prefixes    = local.expire_prefixes
  force_destroy      = var.disposable
  tags               = local.tags
}

module "identity" {
  source = "../modules/identity"

  name               = local.name
  account_id         = var.account_id
  region             = var.region
  use_cases          = local.use_cases
  buckets            = module.naming.buckets
  database           = module.naming.database
  source_buckets     = var.source_buckets
  references         = local.references
  feature_references = local.feature_references
  spark              = local.spark
  source_secrets     = var.source_secrets
  source_streams     = var.source_streams
  state_bucket       = var.state_bucket
  data_key_arn       = module.storage.data_key_arn
  operations_key_arn = module.storage.operations_key_arn
  signing_key_arn    = module.storage.signing_key_arn
  boundary_name      = module.naming.boundary_name
  parameter_prefix   = module.naming.parameter_prefix
  metric_namespace   = module.naming.metric_namespace
  image_account_id   = module.registry.image_account_id

  spark_image_account_id = module.registry.spark_image_account_id
  in_vpc                 = var.network != null
  vpc_id                 = one(module.network[*].vpc_id)
  feature_stores         = local.use_cases
  readers                = var.readers
  operators              = var.operators
  people_use_mfa         = var.people_use_mfa
  promotion              = var.promotion
  tags                   = local.tags

  create_github_provider = var.create_github_provider
  github_repository      = var.github_repository
  github_owner_id        = var.github_owner_id
  github_repository_id   = var.github_repository_id
  github_branch          = var.github_branch
  github_environment     = var.environment
}

module "network" {
  source = "../modules/network"
  count  = var.network == null ? 0 : 1

  name                = local.name
  account_id          = var.account_id
  region              = var.region
  existing            = var.existing_network
  cidr                = var.network.cidr
  zones               = var.network.zones
  internet            = var.network.internet
  interface_endpoints = var.network.interface_endpoints
  source_object_arns  = module.identity.source_object_arns
  runs_tasks          = var.prefect != null
  distributed_jobs    = var.network.distributed_jobs
  flow_log_bucket     = var.emulated ? null : { name = module.storage.buckets.logs }
  alert_topic_arns    = [module.alerts.topic_arn]
  tags                = local.tags
}

module "registry" {
  source = "../modules/registry"

  name                    = local.name
  use_cases               = local.use_cases
  kms_key_arn             = module.storage.operations_key_arn
  data_key_arn            = module.storage.data_key_arn
  bucket                  = module.storage.buckets.artefacts
  sagemaker_image         = local.aws_image
  feature_groups          = var.feature_groups
  feature_store_role_arns = module.identity.feature_store_role_arns
  promote_to              = var.promote_to
  force_delete            = var.disposable
  tags                    = local.tags

  mlflow = var.mlflow == null ? null : {
    size               = var.mlflow.size
    version            = local.profile.mlflow_server
    role_arn           = module.identity.tracking_role_arn
    schedule           = var.mlflow.schedule
    scheduler_role_arn = module.identity.scheduler_role_arn
  }
}

module "alerts" {
  source = "../modules/alerts"

  name        = local.name
  account_id  = var.account_id
  kms_key_arn = module.storage.operations_key_arn
  emails      = var.alert_emails
  tags        = local.tags
}

module "serving" {
  source = "../modules/serving"

  name                 = local.name
  hosting              = local.hosting
  autoscaling          = var.autoscaling
  latency_milliseconds = var.latency_milliseconds
  alert_topic_arns     = [module.alerts.topic_arn]
  tags                 = local.tags
}

module "orchestration" {
  source = "../modules/orchestration"
  count  = var.prefect == null ? 0 : 1

  name                 = local.name
  region               = var.region
  network              = module.network[0]
  image_repository     = module.registry.repository_url
  image_tag            = var.prefect.image_tag
  architecture         = var.prefect.architecture
  spot                 = var.prefect.spot
  container_insights   = var.prefect.container_insights
  execute_command      = var.prefect.execute_command
  prefect              = { kind = var.prefect.kind, api_url = var.prefect.api_url }
  events_environment   = var.prefect.webhook == null ? var.environment : null
  worker               = { for name, value in var.prefect.worker : name => value if value != null }
  server               = { for name, value in var.prefect.server : name => value if value != null }
  flow_run             = { for name, value in var.prefect.flow_run : name => value if value != null }
  database             = { for name, value in var.prefect.database : name => value if value != null }
  worker_role_arn      = module.identity.worker_role_arn
  server_role_arn      = module.identity.server_role_arn
  execution_role_arn   = module.identity.execution_role_arn
  monitoring_role_arn  = module.identity.monitoring_role_arn
  secret_key_arn       = var.emulated ? null : module.storage.operations_key_arn
  kms_key_arn          = module.storage.operations_key_arn
  metric_namespace     = module.naming.metric_namespace
  alert_topic_arns     = [module.alerts.topic_arn]
  log_retention_days   = var.log_retention_days
  secret_recovery_days = var.disposable ? 0 : 30
  tags                 = local.tags
}

module "observability" {
  source = "../modules/observability"

  name                = local.name
  account_id          = var.account_id
  region              = var.region
  use_cases           = local.use_cases
  scheduled_use_cases = var.prefect == null ? [] : setintersection(local.scheduled, local.use_cases)
  metric_namespace    = module.naming.metric_namespace
  endpoint_alarms     = module.serving.alarms
  topic_arn           = module.alerts.topic_arn
  drift_thresholds    = { for use_case, definition in local.definitions : use_case => definition.monitoring.psi_drift }
  quality_thresholds  = { for use_case, gates in local.quality : use_case => gates[0] if length(gates) > 0 }
  log_retention_days  = var.log_retention_days
  kms_key_arn         = module.storage.operations_key_arn
  prefect_webhook     = try(var.prefect.webhook, null)
  events_role_arn     = module.identity.events_role_arn
  tags                = local.tags
}

module "governance" {
  source = "../modules/governance"

  name               = local.name
  trail              = var.trail
  audit_bucket       = module.storage.buckets.audit
  recorded_buckets   = [module.storage.buckets.data, module.storage.buckets.artefacts]
  audit_key_arn      = module.storage.audit_key_arn
  logs_key_arn       = module.storage.operations_key_arn
  trail_role_arn     = module.identity.trail_role_arn
  topic_arn          = module.alerts.topic_arn
  budget_alerts      = !var.emulated
  cost_centre        = var.cost_allocation_tags_active ? var.cost_centre : null
  monthly_budget_usd = var.monthly_budget_usd
  anomaly_usd        = var.anomaly_monitor ? max(20, var.monthly_budget_usd / 10) : null
  log_retention_days = var.log_retention_days
  tags               = local.tags

  anomaly_monitor_arn = var.existing_anomaly_monitor_arn
}
