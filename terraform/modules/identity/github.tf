# GitHub's workflows assume roles by OIDC: there is no key to leak. A pull request's workflow and the plans on the branch
# can only plan; only the approved environment's, on the branch, can apply. Neither can change its own role, the boundary or
# the provider.
locals {
  github          = var.github_repository == null ? 0 : 1
  github_host     = "token.actions.githubusercontent.com"
  github_provider = "${local.aws}:iam::${var.account_id}:oidc-provider/${local.github_host}"

  # The subject has ids where the repository was created, renamed or moved after July 2026 (GitHub, "Immutable subject
  # claims"). A name alone may be given to somebody else later: the repository's id may not.
  github_repositories = compact([
    coalesce(var.github_repository, "none/none"),
    var.github_repository_id == null ? null : format("%s@%s/%s@%s", split("/", var.github_repository)[0], var.github_owner_id, split("/", var.github_repository)[1], var.github_repository_id),
  ])

  # A job without an environment has its branch as subject: the plan before an apply, and the nightly comparison.
  github_branch = var.github_branch == null ? "refs/heads/*" : "refs/heads/${var.github_branch}"
  github_runs = {
    plan  = [{ subject = "pull_request", ref = "refs/pull/*" }, { subject = "ref:${local.github_branch}", ref = local.github_branch }]
    apply = [{ subject = "environment:${var.github_environment}", ref = local.github_branch }]
  }

  github_trust = {
    for role, runs in local.github_runs : role => jsonencode([for run in runs : {
      Effect    = "Allow"
      Principal = { Federated = local.github_provider }
      Action    = "sts:AssumeRoleWithWebIdentity"
      Condition = {
        StringEquals = merge(
          { "${local.github_host}:aud" = "sts.${data.aws_partition.current.dns_suffix}" },
          var.github_repository_id == null ? {} : { "${local.github_host}:repository_id" = var.github_repository_id },
        )
        StringLike = merge(
          { "${local.github_host}:sub" = [for repository in local.github_repositories : "repo:${repository}:${run.subject}"] },
          # An environment's own settings can't let another branch apply.
          var.github_branch == null ? {} : { "${local.github_host}:ref" = [run.ref] },
        )
      }
    }])
  }
}

resource "aws_iam_openid_connect_provider" "github" {
  count = var.create_github_provider ? local.github : 0

  url            = "https://${local.github_host}"
  client_id_list = ["sts.${data.aws_partition.current.dns_suffix}"]
  tags           = var.tags
}

module "ci_plan" {
  source = "../role"
  count  = local.github

  name        = "${var.name}-ci-plan"
  description = "Workflows of ${coalesce(var.github_repository, "none")} for a pull request or on the branch: plan, change nothing"
  trust       = local.github_trust["plan"]
  permissions = jsonencode(local.reading_state)
  tags        = var.tags
}

module "ci_apply" {
  source = "../role"
  count  = local.github

  name        = "${var.name}-ci-apply"
  description = "The approved environment's workflow of ${coalesce(var.github_repository, "none")}: applies"
  trust       = local.github_trust["apply"]
  permissions = jsonencode(concat(local.reading_state, local.creating, local.forbidden))
  tags        = var.tags
}

# Policies of their own: IAM limits the size of a role's.
resource "aws_iam_policy" "ci" {
  for_each = { for name, statements in { reading = local.reading, changing = local.changing } : name => statements if local.github == 1 }

  name        = "${var.name}-ci-${each.key}"
  description = "CI of ${var.name}: ${each.key}"
  policy      = jsonencode({ Version = "2012-10-17", Statement = each.value })
  tags        = var.tags
}

resource "aws_iam_role_policy_attachment" "ci" {
  for_each = local.github == 0 ? {} : {
    plan-reading   = { role = one(module.ci_plan[*].name), policy = "reading" }
    apply-reading  = { role = one(module.ci_apply[*].name), policy = "reading" }
    apply-changing = { role = one(module.ci_apply[*].name), policy = "changing" }
  }

  role       = each.value.role
  policy_arn = aws_iam_policy.ci[each.value.policy].arn
}
