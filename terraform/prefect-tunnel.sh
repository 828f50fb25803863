#!/usr/bin/env bash
# Reach an environment's self-hosted Prefect server, which has no address outside its VPC: forward a port of this machine to
# it until this is stopped. It needs the AWS CLI with its session-manager-plugin, and `prefect.execute_command = true`.
#
#   terraform/prefect-tunnel.sh ENVIRONMENT [PORT]
set -euo pipefail

environment=${1:?"expected an environment, such as dev"}
port=${2:-4200}
cluster=vishwaops-$environment
secret=$cluster/prefect-auth-string

refuse() {
  echo "prefect-tunnel.sh: $1" >&2
  exit 1
}

task=$(aws ecs list-tasks --cluster "$cluster" --service-name "$cluster-server" --desired-status RUNNING --query 'taskArns[0]' --output text)
[ "$task" != None ] ||
  refuse "expected a running task of the service $cluster-server; found none. Is prefect.image_tag set, and the secret $secret? See terraform/runbook.md#prefect-tasks-missing"

container="containers[?name=='server'] | [0]"
read -r runtime agent < <(aws ecs describe-tasks --cluster "$cluster" --tasks "$task" --output text \
  --query "tasks[0].$container.[runtimeId, managedAgents[?name=='ExecuteCommandAgent'].lastStatus | [0]]")
[ "$agent" = RUNNING ] ||
  refuse "expected Systems Manager's agent to run in the task ${task##*/}; found $agent. Set prefect.execute_command = true, apply, and wait for the new task"

cat >&2 <<TEXT
http://127.0.0.1:$port is the Prefect server of $environment, until this ends. In another shell:
  export PREFECT_API_URL=http://127.0.0.1:$port/api
  export PREFECT_API_AUTH_STRING=\$(aws secretsmanager get-secret-value --secret-id $secret --query SecretString --output text)
TEXT
exec aws ssm start-session --target "ecs:${cluster}_${task##*/}_$runtime" \
  --document-name AWS-StartPortForwardingSession --parameters "portNumber=4200,localPortNumber=$port"
