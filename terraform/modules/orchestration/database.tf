locals {
  database_logs = ["postgresql", "upgrade"]
}

resource "aws_db_subnet_group" "this" {
  count = local.self_hosted

  name        = "${var.name}-prefect"
  description = "Prefect's database"
  subnet_ids  = var.network.subnet_ids
  tags        = var.tags
}

resource "aws_db_parameter_group" "this" {
  count = local.self_hosted

  name        = "${var.name}-prefect"
  description = "TLS only, and every statement that changes something is logged"
  family      = "postgres16"
  tags        = var.tags

  parameter {
    name  = "rds.force_ssl"
    value = "1"
  }

  parameter {
    name  = "log_statement"
    value = "mod"
  }

  parameter {
    name  = "log_min_duration_statement"
    value = "1000"
  }
}

# RDS creates them without expiry and key, unless they exist.
resource "aws_cloudwatch_log_group" "database" {
  for_each = toset(local.self_hosted == 1 ? local.database_logs : [])

  name              = "/aws/rds/instance/${var.name}-prefect/${each.key}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
  tags              = var.tags
}

resource "aws_db_instance" "this" {
  count = local.self_hosted

  identifier                          = "${var.name}-prefect"
  engine                              = "postgres"
  engine_version                      = "16"
  instance_class                      = var.database.instance_class
  allocated_storage                   = var.database.storage_in_gb
  max_allocated_storage               = var.database.storage_in_gb * 5
  storage_type                        = "gp3"
  storage_encrypted                   = true
  kms_key_id                          = var.kms_key_arn
  db_name                             = "prefect"
  username                            = "prefect"
  manage_master_user_password         = true
  master_user_secret_kms_key_id       = var.secret_key_arn
  iam_database_authentication_enabled = true
  parameter_group_name                = aws_db_parameter_group.this[0].name
  db_subnet_group_name                = aws_db_subnet_group.this[0].name
  vpc_security_group_ids              = [var.network.security_group_ids["database"]]
  publicly_accessible                 = false
  multi_az                            = var.database.standby
  backup_retention_period             = var.database.backup_days
  copy_tags_to_snapshot               = true
  auto_minor_version_upgrade          = true
  enabled_cloudwatch_logs_exports     = local.database_logs
  monitoring_interval                 = 60
  monitoring_role_arn                 = var.monitoring_role_arn
  performance_insights_enabled        = true
  performance_insights_kms_key_id     = var.kms_key_arn
  deletion_protection                 = var.database.refuse_to_destroy
  skip_final_snapshot                 = !var.database.refuse_to_destroy
  final_snapshot_identifier           = var.database.refuse_to_destroy ? "${var.name}-prefect-final" : null
  tags                                = var.tags

  depends_on = [aws_cloudwatch_log_group.database]
}
