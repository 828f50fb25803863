variable "name" {
  description = "The prefix of every alarm's name."
  type        = string
}

variable "hosting" {
  description = "How each use case's endpoint is hosted: serverless or instances. Each gets the alarms that guard a deployment. The endpoint need not exist yet."
  type        = map(string)

  validation {
    condition     = alltrue([for kind in values(var.hosting) : contains(["serverless", "instances"], kind)])
    error_message = "hosting: expected serverless or instances; found ${join(", ", [for use_case, kind in var.hosting : "${use_case} ${kind}"])}."
  }
}

variable "variant" {
  description = "The production variant that serves the approved model."
  type        = string
  default     = "champion"
}

variable "autoscaling" {
  description = "Endpoints on instances that scale, by use case: the number of instances, and the target of invocations a minute for each. Add a use case once its endpoint exists: AWS registers no target before."
  type = map(object({
    minimum                 = optional(number, 1)
    maximum                 = number
    invocations_per_minute  = optional(number, 600)
    scale_in_after_seconds  = optional(number, 300)
    scale_out_after_seconds = optional(number, 60)
  }))
  default = {}

  validation {
    condition     = alltrue([for target in values(var.autoscaling) : target.minimum >= 1 && target.maximum >= target.minimum])
    error_message = "autoscaling: expected 1 <= minimum <= maximum; found ${join(", ", [for name, target in var.autoscaling : "${name} ${target.minimum} to ${target.maximum}" if target.minimum < 1 || target.maximum < target.minimum])}."
  }

  validation {
    condition     = alltrue([for use_case in keys(var.autoscaling) : lookup(var.hosting, use_case, "none") == "instances"])
    error_message = "autoscaling: expected use cases whose key `hosting` is {kind: instances}, because a serverless endpoint scales by itself; found ${join(", ", [for use_case in keys(var.autoscaling) : "${use_case} (${lookup(var.hosting, use_case, "no use case")})" if lookup(var.hosting, use_case, "none") != "instances"])}."
  }

  validation {
    condition     = alltrue([for target in values(var.autoscaling) : target.invocations_per_minute > 0])
    error_message = "autoscaling: expected invocations_per_minute above 0."
  }
}

variable "latency_milliseconds" {
  description = "The p90 of model latency, in milliseconds, above which a deployment is rolled back."
  type        = number
  default     = 500

  validation {
    condition     = var.latency_milliseconds > 0
    error_message = "latency_milliseconds: expected more than 0; found ${var.latency_milliseconds}."
  }
}

variable "errors_per_minute" {
  description = "The number of 5xx responses a minute at which a deployment is rolled back."
  type        = number
  default     = 1

  validation {
    condition     = var.errors_per_minute >= 1
    error_message = "errors_per_minute: expected 1 or more; found ${var.errors_per_minute}."
  }
}

variable "alert_topic_arns" {
  description = "Topics that each alarm is sent to."
  type        = list(string)
  default     = []
}

variable "tags" {
  description = "Tags."
  type        = map(string)
  default     = {}
}
