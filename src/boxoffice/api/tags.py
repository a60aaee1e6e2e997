"""ETags."""

import hashlib


def tag_of(body: bytes) -> str:
    """Return the ETag of a body."""
    return f'"{hashlib.blake2b(body, digest_size=16).hexdigest()}"'
