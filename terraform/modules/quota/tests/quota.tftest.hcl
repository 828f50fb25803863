mock_provider "aws" {
  mock_data "aws_servicequotas_service_quota" {
    defaults = { value = 2 }
  }
}

variables {
  quota  = "ml.m5.large for training job usage"
  reason = "a run trains its candidates at the same time"
}

run "is_silent_while_the_quota_is_enough" {
  command = plan

  variables {
    needed = 2
  }

  assert {
    condition     = output.needed == 2
    error_message = "expected what was given; found ${output.needed}"
  }
}

run "warns_of_a_quota_that_is_too_low" {
  command = plan

  variables {
    needed = 3
  }

  expect_failures = [check.enough]
}
