"""Who acts: the roles people have in a commission, and the person behind a step."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from workflows.sentences import listed, sentence


class Role(StrEnum):
    """What a person may be in the house or towards it."""

    CLIENT = "client"
    READER = "reader"  # the client's other half: reads, never decides
    DESIGNER = "designer"
    BENCH = "bench"
    LEAD = "lead"  # workshop lead: releases, overrides a block with a reason
    OFFICE = "office"
    OWNER = "owner"
    SYSTEM = "system"  # the clock and the examination; never a decision


STAFF = frozenset({Role.DESIGNER, Role.BENCH, Role.LEAD, Role.OFFICE, Role.OWNER})

SPOKEN: Mapping[Role, str] = MappingProxyType(
    {
        Role.CLIENT: sentence("the client"),
        Role.READER: sentence("the reader"),
        Role.DESIGNER: sentence("the designer"),
        Role.BENCH: sentence("the bench"),
        Role.LEAD: sentence("the workshop lead"),
        Role.OFFICE: sentence("the office"),
        Role.OWNER: sentence("the owner"),
    }
)


@dataclass(frozen=True, slots=True)
class Actor:
    """One person in one role; `id` is the same person in every role they have."""

    id: str
    role: Role
    name: str = ""


def may(actor: Actor, roles: frozenset[Role]) -> bool:
    """Whether the actor's role is among `roles`; the owner may do whatever any of the staff may."""
    return actor.role in roles or (actor.role is Role.OWNER and bool(roles & STAFF))


def spoken(roles: Iterable[Role]) -> str:
    """The people of some roles for a sentence: "the designer, the bench or the owner"; the clock is not named."""
    wanted = frozenset(roles)
    names = [words for role, words in SPOKEN.items() if role in wanted]
    return listed(names, "or")
