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
}

output "public_addresses" {
  description = "Whether ECS tasks get a public address."
  value       = var.internet == "public_ips"
}

output "security_group_ids" {
  description = "The security groups by purpose: job, task, server, database."
  value       = { for purpose in ["job", "task", "server", "database"] : purpose => aws_security_group.this[purpose].id }
}
