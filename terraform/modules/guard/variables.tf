variable "protects" {
  description = "The ids of the resources to protect, by name. They must come from the resources' attributes."
  type        = map(string)

  validation {
    condition     = length(var.protects) > 0
    error_message = "protects: expected one resource or more; found none. Without any, use count = 0."
  }
}
