# `prevent_destroy` takes no variable, so it is on this resource, which exists only where something must stay. Terraform
# destroys what depends on a resource before the resource: a destroy of anything in `protects`, and of everything, fails here.
resource "terraform_data" "this" {
  triggers_replace = var.protects

  lifecycle {
    prevent_destroy = true
  }
}
