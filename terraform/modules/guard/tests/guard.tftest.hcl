# tests/terraform/test_guard.py destroys what a guard protects; a test here can't, because it destroys its own resources.
run "refuses_to_protect_nothing" {
  command = plan

  variables {
    protects = {}
  }

  expect_failures = [var.protects]
}

run "names_what_it_protects" {
  command = plan

  variables {
    protects = { bucket = "audit" }
  }

  assert {
    condition     = output.protects == tolist(["bucket"])
    error_message = "expected the names; found ${jsonencode(output.protects)}"
  }
}
