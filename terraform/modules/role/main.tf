resource "aws_iam_role" "this" {
  name                 = var.name
  description          = var.description
  assume_role_policy   = jsonencode({ Version = "2012-10-17", Statement = jsondecode(var.trust) })
  permissions_boundary = var.boundary_arn
  max_session_duration = var.max_session_seconds
  tags                 = var.tags
}

resource "aws_iam_role_policy" "this" {
  name   = "permissions"
  role   = aws_iam_role.this.name
  policy = jsonencode({ Version = "2012-10-17", Statement = jsondecode(var.permissions) })
}
