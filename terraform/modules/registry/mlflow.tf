resource "aws_sagemaker_mlflow_tracking_server" "this" {
  count = var.mlflow == null ? 0 : 1

  tracking_server_name = var.name
  tracking_server_size = var.mlflow.size
  mlflow_version       = var.mlflow.version
  role_arn             = var.mlflow.role_arn
  artifact_store_uri   = "s3://${var.bucket}/mlflow"
  # The model registry holds what may be deployed; MLflow holds experiments.
  automatic_model_registration = false
  tags                         = var.tags
}
