output "vpc_id" {
  description = "The VPC."
  value       = aws_vpc.this.id
}

output "subnet_ids" {
  description = "The private subnets, in the zones' order."
  value       = [for zone in sort(keys(local.zones)) : aws_subnet.private[zone].id]
}

output "workload_security_group_id" {
  description = "The security group of jobs, endpoints and tasks."
  value       = aws_security_group.workload.id
}
