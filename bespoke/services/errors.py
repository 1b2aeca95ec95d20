"""Refusals that are not the rules' but the house's: something is missing, taken, or says something impossible."""

from workflows.stones import StoneTaken

__all__ = ["Missing", "NotPossible", "ServiceError", "StoneTaken"]


class ServiceError(Exception):
    """The house cannot do this; its text says what, why and what to do next."""


class Missing(ServiceError):
    """What the step is about does not exist, or not yet."""


class NotPossible(ServiceError):
    """The facts given contradict each other or the trade."""
