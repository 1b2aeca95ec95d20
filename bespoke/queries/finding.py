"""Find or do: commissions, people and stones by a few letters, and what can be done where one is."""

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from bespoke.models.commission import Commission, CommissionState, Participant
from bespoke.models.people import Person
from bespoke.models.stone import StoneReport, StoneRow
from bespoke.queries.commissions import visible_to
from bespoke.templating.catalogue import _, ngettext
from workflows.roles import Actor, Role
from workflows.sentences import together, word

MOST = 6
NEAREST = 3
AMONG = 300  # of the commissions changed last, where nothing fits


class Kind(StrEnum):
    """What was found."""

    COMMISSION = "commission"
    PERSON = "person"
    STONE = "stone"
    ACTION = "action"


@dataclass(frozen=True, slots=True)
class Found:
    """One line: its name, a few words about it, and where it leads.

    Attributes:
        reference: of the commission or stone; for a person, of their newest commission.
        does: for an action, the name of the page and of the key that takes it.
    """

    kind: Kind
    name: str
    about: str
    reference: str
    does: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What fits, or the nearest three where nothing does."""

    lines: tuple[Found, ...]
    nearest: bool


ACTIONS = (
    ("publish", "P", frozenset({Role.DESIGNER, Role.OWNER})),
    ("upload", "U", frozenset({Role.DESIGNER, Role.OWNER})),
    ("message", "M", frozenset({Role.DESIGNER, Role.LEAD, Role.OFFICE, Role.OWNER})),
    ("stones", "", frozenset({Role.DESIGNER, Role.OFFICE, Role.OWNER})),
    ("quote", "", frozenset({Role.OFFICE, Role.OWNER})),
    ("seen", "", frozenset({Role.DESIGNER, Role.LEAD, Role.OFFICE, Role.OWNER})),
    ("history", "", frozenset({Role.DESIGNER, Role.LEAD, Role.OFFICE, Role.OWNER})),
)


def find(session: Session, actor: Actor, text: str, *, at: str = "") -> Answer:
    """What fits the words: `>` finds only what can be done, `#` only commissions by their number.

    Args:
        at: the reference of the commission somebody is looking at, whose actions are offered.
    """
    words = text.strip()
    only_actions, by_number = words.startswith(">"), words.startswith("#")
    words = words.lstrip(">#").strip().lower()
    here = _here(session, actor, at)
    actions = [] if here is None else [one for one in _actions(here, actor) if _fits(one, words)]
    if only_actions:
        return Answer(tuple(actions), nearest=False)
    if by_number:
        return Answer(tuple(_commissions(session, actor, words, numbers_only=True)), nearest=False)
    if not words:
        return Answer((*actions, *_commissions(session, actor, "")), nearest=False)
    found = [*_commissions(session, actor, words), *_people(session, words), *_stones(session, words)]
    if not found and not actions:
        return Answer(tuple(_nearest(session, actor, words)), nearest=True)
    return Answer((*found, *actions), nearest=False)


def _here(session: Session, actor: Actor, reference: str) -> tuple[Commission, str] | None:
    if not reference:
        return None
    statement = _with_client(actor).where(Commission.reference == reference.upper())
    line = session.execute(statement).first()
    return None if line is None else (line[0], line[1] or "")


def _actions(here: tuple[Commission, str], actor: Actor) -> Iterable[Found]:
    commission, client = here
    first, title = client.split(" ")[0], commission.title
    names = {
        "publish": _("Publish a revision of %(title)s…", title=title),
        "upload": _("Hand in a drawing of %(title)s…", title=title),
        "message": _("Message %(name)s…", name=first),
        "stones": _("Put a stone forward for %(title)s…", title=title),
        "quote": _("Price %(title)s…", title=title),
        "seen": _("See %(title)s as %(name)s", title=title, name=first),
        "history": _("What happened to %(title)s", title=title),
    }
    for does, key, roles in ACTIONS:
        if actor.role in roles:
            yield Found(Kind.ACTION, names[does], "", commission.reference, does, key)


def _fits(one: Found, words: str) -> bool:
    return all(word in one.name.lower() for word in words.split())


def _commissions(session: Session, actor: Actor, words: str, *, numbers_only: bool = False) -> list[Found]:
    client = aliased(Person)
    statement = _with_client(actor, client)
    for typed in words.split()[:6]:
        columns: tuple[Any, ...] = (Commission.reference,)
        if not numbers_only:
            columns = (Commission.title, Commission.reference, client.name)
        statement = statement.where(or_(*(_like(column, typed) for column in columns)))
    rows = session.execute(statement.order_by(Commission.changed_at.desc()).limit(MOST))
    return [Found(Kind.COMMISSION, row.title, _about(row, name), row.reference) for row, name in rows]


def _about(row: Commission, client: str | None) -> str:
    ended = "" if row.state is CommissionState.OPEN else row.state.value
    return ", ".join(filter(None, (client, row.reference, ended)))


def _people(session: Session, words: str) -> list[Found]:
    theirs = (
        select(
            Participant.person_id, func.count(Commission.id).label("many"), func.max(Commission.reference).label("last")
        )
        .join(Commission, Commission.id == Participant.commission_id)
        .where(Participant.role == Role.CLIENT)
        .group_by(Participant.person_id)
        .subquery()
    )
    statement = select(Person, theirs.c.many, theirs.c.last).join(theirs, theirs.c.person_id == Person.id)
    for typed in words.split()[:6]:
        statement = statement.where(
            or_(_like(Person.name, typed), _like(Person.email, typed), _like(Person.telephone, typed))
        )
    rows = session.execute(statement.order_by(Person.name).limit(MOST))
    return [
        Found(
            Kind.PERSON,
            person.name,
            ", ".join(filter(None, (ngettext("%(num)s commission", "%(num)s commissions", many), person.telephone))),
            last,
        )
        for person, many, last in rows
    ]


def _stone_words(line: Any) -> str:
    told = [word(line.species), word(line.shape), f"{line.weight_ct} ct", line.number]
    return str(together([one for one in told if one], ", "))


def _stones(session: Session, words: str) -> list[Found]:
    statement = select(
        StoneRow.reference, StoneRow.species, StoneRow.shape, StoneRow.weight_ct, StoneReport.number
    ).outerjoin(StoneReport, and_(StoneReport.stone_id == StoneRow.id, StoneReport.governing.is_(True)))
    for typed in words.split()[:6]:
        columns = (StoneRow.reference, StoneRow.species, StoneRow.shape, StoneReport.number)
        statement = statement.where(or_(*(_like(column, typed) for column in columns)))
    rows = session.execute(statement.order_by(StoneRow.reference).limit(MOST))
    return [
        Found(
            Kind.STONE,
            line.reference,
            _stone_words(line),
            line.reference,
        )
        for line in rows
    ]


def _nearest(session: Session, actor: Actor, words: str) -> list[Found]:
    """The three commissions whose title or client is written most alike."""
    rows = session.execute(_with_client(actor).order_by(Commission.changed_at.desc()).limit(AMONG))
    known: list[tuple[Commission, str]] = [(row, name or "") for row, name in rows]
    alike = sorted(
        known, key=lambda one: -max(_alike(words, one[0].title), _alike(words, one[1]), _alike(words, one[0].reference))
    )
    return [Found(Kind.COMMISSION, row.title, _about(row, name), row.reference) for row, name in alike[:NEAREST]]


def _alike(words: str, name: str) -> float:
    parts: Sequence[str] = (name.lower(), *name.lower().split())
    return max(difflib.SequenceMatcher(None, words, part).ratio() for part in parts)


def _with_client(actor: Actor, client: Any = Person) -> Select[Any]:
    theirs = and_(Participant.commission_id == Commission.id, Participant.role == Role.CLIENT)
    return (
        visible_to(actor)
        .outerjoin(Participant, theirs)
        .outerjoin(client, client.id == Participant.person_id)
        .add_columns(client.name)
    )


def _like(column: Any, word: str) -> Any:
    escaped = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return func.lower(column).like(f"%{escaped}%", escape="\\")
