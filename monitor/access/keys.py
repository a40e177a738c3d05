"""Secrets that are given out once: 256 random bits for whoever holds them, a SHA-256 for the store.

A plain digest is enough: nobody guesses 256 bits, so there is nothing that a slow one would protect.
"""

import hashlib
import hmac
import secrets

TOKEN_PREFIX = "cm_"  # noqa: S105 - how tokens begin, so that scanners of leaked secrets know them
KEY_LIMIT = 200
"""Characters of a key; a longer one is none of ours."""


def new_key(prefix: str = "") -> str:
    """Return a new secret of 256 random bits, fit for addresses and cookies."""
    return prefix + secrets.token_urlsafe(32)


def digest_of(key: str) -> str:
    """Return what the store keeps of a secret."""
    return hashlib.sha256(key.encode()).hexdigest()


def form_key(key: str, purpose: str = "form") -> str:
    """Return what the forms of a session must hold: only whoever holds the session's key can know it."""
    return hmac.new(key.encode(), purpose.encode(), hashlib.sha256).hexdigest()


def is_same(one: str, other: str) -> bool:
    """Compare two secrets in a time that tells nothing of them."""
    return hmac.compare_digest(one.encode(), other.encode())
