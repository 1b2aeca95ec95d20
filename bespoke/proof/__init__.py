"""Proof that stands without the server: the canonical seal, signatures, and their check, usable alone and offline."""
