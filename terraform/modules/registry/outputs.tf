output "model_package_groups" {
  description = "The model package group of each use case."
  value       = { for use_case, group in aws_sagemaker_model_package_group.this : use_case => group.model_package_group_name }
}

output "repository_url" {
  description = "The repository of the flows' image."
  value       = aws_ecr_repository.this["flows"].repository_url
}

output "model_repository_url" {
  description = "The repository of our own image of jobs and endpoints."
  value       = aws_ecr_repository.this["model"].repository_url
}

output "feature_groups" {
  description = "The feature groups' names."
  value       = [for group in aws_sagemaker_feature_group.this : group.feature_group_name]
}

output "tracking_server_arn" {
  description = "The MLflow tracking server, which is its tracking URI; null when there is none."
  value       = one(aws_sagemaker_mlflow_tracking_server.this[*].arn)
}

output "image_account_id" {
  description = "AWS's account of the SageMaker images in this region."
  value       = data.aws_sagemaker_prebuilt_ecr_image.this.registry_id
}

output "image_registry" {
  description = "The registry of the SageMaker images in this region: <account>.dkr.ecr.<region>.<DNS suffix>."
  value       = split("/", data.aws_sagemaker_prebuilt_ecr_image.this.registry_path)[0]
}

output "spark_image_registry" {
  description = "The registry of the SageMaker Spark images in this region."
  value       = split("/", data.aws_sagemaker_prebuilt_ecr_image.spark.registry_path)[0]
}

output "spark_image_account_id" {
  description = "AWS's account of the SageMaker Spark images in this region."
  value       = data.aws_sagemaker_prebuilt_ecr_image.spark.registry_id
}
