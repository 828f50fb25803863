"""Profiles of an hour as objects in S3."""

from tasks.profiles.stored_profiles import Profile


def to_bytes(profile: Profile) -> bytes:
    """Return a profile as bytes."""
    return profile.model_dump_json().encode()


def from_bytes(content: bytes) -> Profile:
    """Return the profile of these bytes."""
    return Profile.model_validate_json(content)
