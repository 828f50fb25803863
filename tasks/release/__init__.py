"""The release of a version: the test before it gets requests, the shadow, the way back, and what serves now.

variants         the endpoint configurations of a release, besides the one that stays
contract_test    a temporary endpoint with the new version, its answers to held-out rows
load             a short load on an endpoint
shadow           the new version gets copies of the requests
outcome          the last release of a use case, stored in S3
status           what serves what
rollback         serve an earlier version
decision         a person's approval or rejection
retire           remove what serves
idle             stop what nobody calls
"""
