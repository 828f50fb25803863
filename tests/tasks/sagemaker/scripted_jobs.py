"""A fake kind of job, for rare responses of SageMaker."""

from dataclasses import dataclass, field
from typing import Any

from tasks.sagemaker.job_kinds import JobKind

RUNS, COMPLETED = ({"TrainingJobName": "a-job", "TrainingJobStatus": status} for status in ("InProgress", "Completed"))

Answer = dict[str, Any] | Exception | None


@dataclass(frozen=True)
class Scripted(JobKind):
    """A fake kind of job with a list of descriptions or errors, one for each call. The last one is repeated."""

    answers: list[Answer] = field(default_factory=list)
    created: list[str] = field(default_factory=list)
    stopped: list[str] = field(default_factory=list)

    def find(self, name: str) -> dict[str, Any] | None:
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def stop(self, name: str) -> None:
        self.stopped.append(name)


def scripted(*answers: Answer) -> Scripted:
    """A kind of job that gives these answers."""
    return Scripted("training job", "TrainingJob", "/aws/sagemaker/TrainingJobs", list(answers))
