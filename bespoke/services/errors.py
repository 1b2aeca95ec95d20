"""Refusals that are not the rules' but the house's: something is missing, taken, or says something impossible."""


class ServiceError(Exception):
    """The house cannot do this; its text says what, why and what to do next."""


class Missing(ServiceError):
    """What the step is about does not exist, or not yet."""


class NotPossible(ServiceError):
    """The facts given contradict each other or the trade."""


class StoneTaken(ServiceError):
    """Another commission holds the stone; `until` says how long, None when it is locked."""

    def __init__(self, message: str, *, until: str | None) -> None:
        super().__init__(message)
        self.until = until
