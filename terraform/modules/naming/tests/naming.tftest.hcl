variables {
  environment = "dev"
  account_id  = "111111111111"
  owner       = "mlops"
  cost_centre = "ml"
  data_class  = "internal"
}

run "names_and_tags_come_from_one_place" {
  command = plan

  assert {
    condition     = output.prefix == "vishwaops-dev" && output.parameter_prefix == "/vishwaops/dev" && output.metric_namespace == "vishwaops/dev"
    error_message = "expected vishwaops-dev, /vishwaops/dev and vishwaops/dev; found ${output.prefix}, ${output.parameter_prefix}, ${output.metric_namespace}"
  }

  assert {
    condition     = output.database == "vishwaops_dev"
    error_message = "expected a database without hyphens, which Athena does not allow; found ${output.database}"
  }

  assert {
    condition     = output.buckets.data == "vishwaops-dev-data-111111111111"
    error_message = "expected the account in a bucket's name, which must be globally unique; found ${output.buckets.data}"
  }

  assert {
    condition     = jsonencode(output.tags) == jsonencode({ Project = "vishwaops", Environment = "dev", Owner = "mlops", CostCentre = "ml", DataClass = "internal", ManagedBy = "terraform" })
    error_message = "expected owner, cost centre and data class among the tags; found ${jsonencode(output.tags)}"
  }

  assert {
    condition     = alltrue([for bucket in values(output.buckets) : length(bucket) <= 63])
    error_message = "expected bucket names of at most 63 characters"
  }
}

run "a_bucket_that_exists_keeps_its_name" {
  command = plan

  variables {
    existing_buckets = { data = "acme-data" }
  }

  assert {
    condition     = output.buckets.data == "acme-data" && output.buckets.audit == "vishwaops-dev-audit-111111111111"
    error_message = "expected the existing bucket among the others; found ${jsonencode(output.buckets)}"
  }
}

run "what_the_flows_create_is_not_marked_as_terraforms" {
  command = plan

  assert {
    condition     = keys(output.flow_tags) == ["CostCentre", "DataClass", "Environment", "Owner", "Project"]
    error_message = "expected the tags without ManagedBy; found ${jsonencode(output.flow_tags)}"
  }
}

run "refuses_a_bucket_without_a_purpose" {
  command = plan

  variables {
    existing_buckets = { state = "acme-state" }
  }

  expect_failures = [var.existing_buckets]
}

run "refuses_another_data_class" {
  command = plan

  variables {
    data_class = "secret"
  }

  expect_failures = [var.data_class]
}

run "refuses_an_invalid_account" {
  command = plan

  variables {
    account_id = "1234"
  }

  expect_failures = [var.account_id]
}

run "refuses_names_that_no_bucket_can_have" {
  command = plan

  variables {
    environment = "Prod_1"
    project     = "Vishwa_Ops"
  }

  expect_failures = [var.environment, var.project]
}

run "refuses_resources_without_an_owner_or_a_cost_centre" {
  command = plan

  variables {
    owner       = " "
    cost_centre = ""
  }

  expect_failures = [var.owner, var.cost_centre]
}

run "refuses_what_no_tag_can_hold" {
  command = plan

  variables {
    owner       = "R&D"
    cost_centre = "4711, ML"
  }

  expect_failures = [var.owner, var.cost_centre]
}
