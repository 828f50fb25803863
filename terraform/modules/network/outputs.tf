output "vpc_id" {
  description = "The VPC."
  value       = local.vpc_id
}

output "subnet_ids" {
  description = "The private subnets, of jobs, endpoints and the database, in the zones' order."
  value       = local.private_subnets
}

output "task_subnet_ids" {
  description = "The subnets of ECS tasks: public ones where internet is public_ips, else the private ones."
  value       = local.task_subnets

  precondition {
    condition     = var.internet != "public_ips" || try(length(var.existing.task_subnet_ids), 0) > 0 || var.existing == null
    error_message = "internet: expected existing.task_subnet_ids with public_ips, because a public address reaches nothing from a private subnet; found none."
  }
}

output "public_addresses" {
  description = "Whether ECS tasks get a public address."
  value       = var.internet == "public_ips"
}

output "security_group_ids" {
  description = "The security groups by purpose: job, task, server, database."
  value       = { for purpose in ["job", "task", "server", "database"] : purpose => aws_security_group.this[purpose].id }
}
