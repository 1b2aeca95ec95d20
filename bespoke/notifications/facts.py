"""The facts a letter about one piece of news needs, in words: from its event, and from how things stand now."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from bespoke.models.commission import Commission
from bespoke.models.design import Revision
from bespoke.models.event import Event
from bespoke.models.house import HouseRow
from bespoke.models.message import Message
from bespoke.models.notice import Notice
from bespoke.models.people import Person
from bespoke.models.piece import Piece
from bespoke.templating import filters
from bespoke.templating.catalogue import _, locale
from workflows.sentences import word
from workflows.snapshot import PASSED, Course, Status

KEPT = frozenset(
    {"revision", "number", "note", "reason", "message", "milestone", "stone", "until", "valid_until", "text", "pin"}
    | {"first", "last", "asked", "sentence"}
)
"""Facts of an event that a letter may need; the others stay where they are."""
LONGEST = 600
COLLECTING = ("uncollected", "storage")
QUESTIONS = ("asked", "still_asked")  # letters about whatever milestone the event names


def kept_of(event: Event) -> dict[str, Any]:
    """What is kept of an event for the letter: scalars only, and never an amount."""
    kept = {name: fact for name, fact in event.facts.items() if name in KEPT and isinstance(fact, str | int | bool)}
    if event.piece is not None:
        kept["piece"] = event.piece
    kept["actor"] = event.actor
    return kept


def is_moot(notice: Notice, commission: Commission, asks: str) -> bool:
    """Whether the answer a letter asks for has been given meanwhile, or the piece has ended."""
    if notice.kind in COLLECTING:
        return all(_has_gone(piece) for piece in _pieces(notice, commission))
    milestone = asks or (str(notice.facts.get("milestone", "")) if notice.kind in QUESTIONS else "")
    if not milestone:
        return False
    pieces = [piece for piece in _pieces(notice, commission) if piece.course is not Course.CANCELLED]
    rows = [row for piece in pieces for row in piece.milestones if row.key == milestone]
    return all(row.status is not Status.ASKED for row in rows)


def words_of(
    session: Session, notice: Notice, commission: Commission, person: Person, house: HouseRow
) -> dict[str, str]:
    """Every fact a sentence may have a place for, as text in the language being spoken."""
    kept, zone = notice.facts, ZoneInfo(house.time_zone)
    actor = _person(session, kept.get("actor"))
    pieces = _pieces(notice, commission)
    shown = _shown(pieces) if notice.kind == "look" else None  # the event says only that something was put forward
    return {
        "name": first_name(person.name),
        "reference": commission.reference,
        "title": commission.title,
        "thing": _thing(pieces),
        "who": actor.name if actor is not None else house.name,
        "number": str(kept.get("revision") or kept.get("number") or "") if shown is None else str(shown.number),
        "note": _short(kept.get("note") if shown is None else shown.note),
        "reason": _short(kept.get("reason") or kept.get("sentence")),
        "words": _words(session, kept),
        "milestone": _milestone(pieces, kept),
        "stone": str(kept.get("stone") or ""),
        "until": _moment(kept.get("until") or kept.get("valid_until"), zone),
        "asked": _moment(kept.get("asked"), zone),
        "first": _day(kept.get("first")),
        "last": _day(kept.get("last")),
    }


def signed_by(session: Session, notices: Iterable[Notice]) -> Person | None:
    """Who of the house signs: whoever did the newest of it."""
    for notice in sorted(notices, key=lambda one: one.at, reverse=True):
        person = _person(session, notice.facts.get("actor"))
        if person is not None and person.is_staff:
            return person
    return None


def is_secret(commission: Commission) -> bool:
    """Whether its letters must give nothing away: the newest brief says it is a surprise."""
    return bool(commission.briefs) and commission.briefs[-1].is_surprise


def first_name(name: str) -> str:
    """How somebody is greeted."""
    return name.split()[0] if name.split() else name


def _pieces(notice: Notice, commission: Commission) -> list[Piece]:
    """The pieces the news is about: the one it names, else all of the order."""
    wanted = notice.facts.get("piece")
    return [piece for piece in commission.pieces if wanted is None or piece.reference == wanted]


def _has_gone(piece: Piece) -> bool:
    """Whether nobody need collect the piece any more."""
    handed = (row.status in PASSED for row in piece.milestones if row.key == "delivery")
    return piece.course is Course.CANCELLED or any(handed)


def _shown(pieces: list[Piece]) -> Revision | None:
    """The newest drawing the client was shown."""
    drawn = [revision for piece in pieces for revision in piece.revisions if revision.published_at is not None]
    return drawn[-1] if drawn else None


def _thing(pieces: list[Piece]) -> str:
    titles = {piece.template.title.lower() for piece in pieces}
    return _(titles.pop()) if len(titles) == 1 else _("piece")


def _milestone(pieces: list[Piece], kept: Mapping[str, Any]) -> str:
    key = kept.get("milestone")
    for piece in pieces:
        if key in piece.template:
            return _(piece.template[str(key)].title).lower()
    return str(word(str(key or "")))


def _words(session: Session, kept: Mapping[str, Any]) -> str:
    if "message" in kept:
        message = session.get(Message, int(kept["message"]))
        return "" if message is None else _short(message.text)
    return _short(kept.get("text"))


def _person(session: Session, number: object) -> Person | None:
    return session.get(Person, int(str(number))) if str(number or "").isdecimal() else None


def _short(text: object) -> str:
    said = " ".join(str(text or "").split())
    return said if len(said) <= LONGEST else said[: LONGEST - 1].rstrip() + "…"


def _moment(text: object, zone: ZoneInfo) -> str:
    if not text:
        return ""
    local = datetime.fromisoformat(str(text)).astimezone(zone)
    return filters.day_month(local.date(), locale=locale())


def _day(text: object) -> str:
    return filters.day_month(date.fromisoformat(str(text)[:10]), locale=locale()) if text else ""


def people_of(session: Session, role: str) -> list[Person]:
    """Everybody of the staff with a role who is still let in."""
    staff = session.scalars(select(Person).where(Person.active).order_by(Person.id))
    return [person for person in staff if role in person.roles]
