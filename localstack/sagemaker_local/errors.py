"""Every error that SageMaker local answers with: one hierarchy, each with AWS's code and HTTP status.

AwsError
├── ValidationException            400  a request that breaks the service model, or names a missing resource
├── SerializationException         400  a member of the wrong JSON type
├── RequestTooLarge                413  a body beyond the limit of the control plane
├── ResourceInUse                  400  a name that exists, or a resource that is busy
├── ResourceNotFound               400  where the service model lists it for the action
├── ResourceLimitExceeded          400  a service quota is used up
├── ConflictException              400
├── MissingAuthenticationToken     403  an unsigned request
├── UnknownOperation               400  an action that SageMaker does not have
├── UnknownPath                    404  a path, or a method of one, that no API has
├── RequestTimeout                 408  a body that takes too long to arrive
├── NotImplementedAction           501  an action of SageMaker that is not implemented
├── RuntimeValidationError         400  ValidationError of the runtime API
├── RuntimeResourceNotFound        404
├── RuntimeConflict                409
├── ModelError                     424  the container answered with an error
├── ThrottlingException            400  more requests at once than a serverless variant takes; the message is null
├── ModelNotReady                  429  a model of a multi-model endpoint that is still being loaded
└── InternalFailure                500
"""

from typing import Any

from sagemaker_local import strict_json


class AwsError(Exception):
    """An error response. `code` and `status` are the class's, `extra` are further members of the body."""

    code = "InternalFailure"
    status = 500
    message_member = "message"

    def __init__(self, message: str, **extra: Any) -> None:
        super().__init__(message)
        self.message = message
        self.extra = extra

    def body(self) -> dict[str, Any]:
        """The JSON body of the response, with the code in `__type` as in the JSON 1.1 protocol."""
        return {"__type": self.code, self.message_member: self.message, **self.extra}

    @property
    def encoded(self) -> bytes:
        return strict_json.dumps(self.body()).encode()


class ValidationException(AwsError):
    code, status = "ValidationException", 400


class SerializationException(AwsError):
    code, status = "SerializationException", 400


class ResourceInUse(AwsError):
    code, status, message_member = "ResourceInUse", 400, "Message"


class ResourceNotFound(AwsError):
    code, status, message_member = "ResourceNotFound", 400, "Message"


class ResourceLimitExceeded(AwsError):
    code, status, message_member = "ResourceLimitExceeded", 400, "Message"


class ConflictException(AwsError):
    code, status, message_member = "ConflictException", 400, "Message"


class MissingAuthenticationToken(AwsError):
    code, status = "MissingAuthenticationTokenException", 403


class UnknownOperation(AwsError):
    code, status = "UnknownOperationException", 400


class UnknownPath(AwsError):
    code, status = "UnknownOperationException", 404


class RequestTimeout(AwsError):
    code, status = "RequestTimeoutException", 408


class RequestTooLarge(AwsError):
    code, status = "RequestEntityTooLargeException", 413


class NotImplementedAction(AwsError):
    code, status = "NotImplementedException", 501


class RuntimeValidationError(AwsError):
    code, status, message_member = "ValidationError", 400, "Message"


class RuntimeResourceNotFound(AwsError):
    code, status, message_member = "ResourceNotFound", 404, "Message"


class RuntimeConflict(AwsError):
    code, status, message_member = "ConflictException", 409, "Message"


class ModelError(AwsError):
    code, status, message_member = "ModelError", 424, "Message"


class ThrottlingException(AwsError):
    code, status = "ThrottlingException", 400

    def __init__(self) -> None:
        super().__init__("")


class ModelNotReady(AwsError):
    code, status, message_member = "ModelNotReadyException", 429, "Message"


class InternalFailure(AwsError):
    pass


class JobFailure(Exception):
    """A job or an endpoint's start ends as Failed; the text becomes its FailureReason."""
