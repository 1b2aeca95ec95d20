"""A brief as it grows: each answer kept as it is given, then all of them sent as one version of the brief."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from bespoke.models.brief import Brief, BriefDraft, DraftPicture
from bespoke.models.commission import Commission
from bespoke.models.file import File
from bespoke.models.piece import Piece
from bespoke.services import briefs, sizes, steps
from bespoke.services.briefs import BRIEF, Picture, Wish
from bespoke.services.errors import Missing, NotPossible
from bespoke.services.sizes import LENGTHS, Measured, MeasuredLength
from workflows.alloys import ALLOYS
from workflows.errors import NotAllowed
from workflows.money import Money
from workflows.roles import STAFF, Actor, Role
from workflows.sentences import sentence
from workflows.sizes import RingSize, UnreadableSize
from workflows.snapshot import Course

STEPS: Mapping[str, tuple[str, ...]] = {
    "for": ("occasion", "for_whom", "is_surprise"),
    "moves": ("wish", "story", "links"),
    "budget": ("band", "budget_from", "budget_to"),
    "metal": ("metals", "lifestyle"),
    "size": ("size_system", "size", "size_method", "band_width", "finger", "length_mm"),
    "day": ("needed_by",),
}
"""The questions of each step, in their order."""
LONGEST: Mapping[str, int] = {"wish": 4000, "story": 4000, "links": 4000, "lifestyle": 2000, "metals": 400}
SHORT = 200
MOST_PICTURES, MOST_LINKS, LINK_LONGEST = 12, 10, 500
BANDS = ((0, 2_000), (2_000, 4_000), (4_000, 7_000), (7_000, 9_500), (9_500, None))  # whole units of the currency
MOST_MONEY = 10_000_000
AMOUNT = re.compile(r"(\d{1,3}(?:[, \u00a0]\d{3})+|\d{1,8})(?:\.00)?", re.ASCII)
LINK = re.compile(r"https?://[^\s<>\"\\]+", re.ASCII | re.IGNORECASE)
LENGTH = re.compile(r"\d{2,4}(?:\.\d)?", re.ASCII)
WIDTHS = {"2.0": Decimal("2.0"), "3.0": Decimal("3.0"), "4.5": Decimal("4.5"), "6.0": Decimal("6.0")}
USUAL_WIDTH = "2.0"
YEARS_AHEAD = 10


class Unanswered(NotPossible):
    """An answer that cannot be sent as it is; `step` and `question` say which."""

    def __init__(self, message: str, *, step: str, question: str) -> None:
        super().__init__(message)
        self.step = step
        self.question = question


@dataclass(frozen=True, slots=True)
class Draft:
    """The answers as they stand, and the pictures beside them."""

    answers: Mapping[str, str]
    pictures: tuple[DraftPicture, ...]
    changed_at: datetime | None


def of(commission: Commission, row: BriefDraft | None, pictures: tuple[DraftPicture, ...]) -> Draft:
    """What was answered so far: the draft, else the version sent last, else nothing."""
    if row is not None:
        return Draft(dict(row.answers), pictures, row.changed_at)
    if commission.briefs:
        return Draft(_answers_of(commission.briefs[-1], commission), pictures, None)
    return Draft({}, pictures, None)


def save(
    session: Session, commission: Commission, answers: Mapping[str, str], actor: Actor, *, at: datetime
) -> BriefDraft:
    """Keep some answers as they were typed, right or wrong; the others stay as they are.

    Raises:
        NotAllowed: somebody else than the client or the house.
        NotPossible: far too much was typed, or the brief was agreed to.
    """
    _may(commission, actor)
    for question, text in answers.items():
        most = LONGEST.get(question, SHORT)
        if len(text) > most:
            raise NotPossible(sentence("Please keep this answer under %(most)s characters.", most=most))
    row = _locked(session, commission)
    if row is None:
        before = _answers_of(commission.briefs[-1], commission) if commission.briefs else {}
        row = BriefDraft(commission_id=commission.id, answers=before, changed_at=at)
        session.add(row)
    row.answers = {**row.answers, **answers}
    row.changed_at = at
    session.flush()
    return row


def add_picture(
    session: Session, commission: Commission, file: File, caption: str, actor: Actor, *, at: datetime
) -> DraftPicture:
    """One more picture beside the answers.

    Raises:
        NotPossible: there are as many as a brief takes.
    """
    _may(commission, actor)
    there = pictures_of(session, commission)
    known = next((one for one in there if one.digest == file.digest), None)
    if known is not None:
        return known
    if len(there) >= MOST_PICTURES:
        raise NotPossible(
            sentence("A brief takes %(most_pictures)s pictures; take one away first.", most_pictures=MOST_PICTURES)
        )
    row = DraftPicture(commission_id=commission.id, digest=file.digest, caption=caption.strip()[:300], added_at=at)
    session.add(row)
    session.flush()
    return row


def remove_picture(session: Session, commission: Commission, number: int, actor: Actor) -> None:
    """Take a picture away again.

    Raises:
        Missing: there is none of that number.
    """
    _may(commission, actor)
    row = next((one for one in pictures_of(session, commission) if one.id == number), None)
    if row is None:
        raise Missing(sentence("This picture is not there any more."))
    session.delete(row)
    session.flush()


def pictures_of(session: Session, commission: Commission) -> tuple[DraftPicture, ...]:
    """The pictures beside the answers."""
    statement = select(DraftPicture).where(DraftPicture.commission_id == commission.id).order_by(DraftPicture.id)
    return tuple(session.scalars(statement))


def send(session: Session, commission: Commission, actor: Actor, *, at: datetime) -> Brief:
    """Everything that was answered, as the next version of the brief; the size with it where one was given.

    Raises:
        Unanswered: an answer cannot be read, or what is needed was not said.
    """
    _may(commission, actor)
    row = _locked(session, commission)
    draft = of(commission, row, pictures_of(session, commission))
    wish = wish_of(draft, commission.currency, at)
    pieces = [piece for piece in commission.pieces if piece.course is not Course.CANCELLED]
    measured = [(piece, size) for piece in pieces if (size := _size(piece, draft.answers)) is not None]
    brief = briefs.write(session, commission, wish, actor, at=at)
    for piece, size in measured:
        if isinstance(size, Measured):
            sizes.put_down(session, piece, size, actor, at=at)
        else:
            sizes.put_down_length(session, piece, size, actor, at=at)
    if row is not None:
        session.delete(row)
    session.flush()
    return brief


def wish_of(draft: Draft, currency: str, at: datetime) -> Wish:
    """The answers as a brief says them.

    Raises:
        Unanswered: one of them cannot be read.
    """
    said = draft.answers
    if not said.get("wish", "").strip():
        raise Unanswered(sentence("Say in a few words what you wish for."), step="moves", question="wish")
    low, high = _budget(said, currency)
    occasion, whom = said.get("occasion", "").strip(), said.get("for_whom", "").strip()
    return Wish(
        wish=said["wish"],
        occasion=", ".join(filter(None, (occasion, f"for {whom}" if whom else "")))[:SHORT],
        story=said.get("story", ""),
        lifestyle=said.get("lifestyle", ""),
        metals=metals_of(said),
        links=_links(said),
        budget_from_minor=low,
        budget_to_minor=high,
        needed_by=_day(said, at),
        is_surprise=said.get("is_surprise") == "yes",
        pictures=tuple(Picture(one.digest, one.caption) for one in draft.pictures),
    )


def metals_of(said: Mapping[str, str]) -> tuple[str, ...]:
    """The alloys that were ticked, by their codes."""
    return tuple(code for code in said.get("metals", "").split(",") if code in ALLOYS)


def trouble_of(
    step: str, said: Mapping[str, str], pieces: tuple[Piece, ...], currency: str, at: datetime
) -> Unanswered | None:
    """The first answer of one step that cannot be read; None where all of them can."""
    try:
        if step == "moves":
            wish_of(Draft({"wish": said.get("wish", ""), "links": said.get("links", "")}, (), None), currency, at)
        elif step == "budget":
            _budget(said, currency)
        elif step == "day":
            _day(said, at)
        elif step == "size":
            for piece in pieces:
                _size(piece, said)
    except Unanswered as unanswered:
        return unanswered
    return None


def _locked(session: Session, commission: Commission) -> BriefDraft | None:
    """The draft as the database has it now; answers that two devices keep at once are kept both."""
    statement = select(BriefDraft).where(BriefDraft.commission_id == commission.id).with_for_update()
    return session.scalar(statement.execution_options(populate_existing=True))


def _may(commission: Commission, actor: Actor) -> None:
    theirs = actor.role is Role.CLIENT and actor.id == str(commission.client.id)
    if not theirs and actor.role not in STAFF:
        raise NotAllowed(sentence("The one who ordered the piece writes the brief, or the house for them."))
    with_brief = [piece for piece in commission.pieces if BRIEF in piece.template]
    if with_brief and all(steps.is_past(piece, BRIEF) for piece in with_brief):
        raise NotPossible(
            sentence("The brief has been agreed. Write to us if something has changed; we open it again with you.")
        )


def _budget(said: Mapping[str, str], currency: str) -> tuple[int | None, int | None]:
    band = said.get("band", "")
    if band.isdecimal() and int(band[:2]) < len(BANDS):
        low, high = BANDS[int(band[:2])]
        return Money.of(low, currency).minor or None, None if high is None else Money.of(high, currency).minor
    low_minor, high_minor = _amount(said, "budget_from", currency), _amount(said, "budget_to", currency)
    if low_minor is not None and high_minor is not None and low_minor > high_minor:
        raise Unanswered(
            sentence("The budget ends before it begins; swap the two amounts."), step="budget", question="budget_from"
        )
    return low_minor, high_minor


def _amount(said: Mapping[str, str], question: str, currency: str) -> int | None:
    text = said.get(question, "").strip()
    if not text:
        return None
    found = AMOUNT.fullmatch(text)
    whole = int(re.sub(r"\D", "", found[1])) if found else MOST_MONEY + 1
    if whole > MOST_MONEY:
        raise Unanswered(
            sentence("Write the amount in whole figures, like 7000; at most ten million."),
            step="budget",
            question=question,
        )
    return Money.of(whole, currency).minor


def _links(said: Mapping[str, str]) -> tuple[str, ...]:
    lines = [line.strip() for line in said.get("links", "").splitlines() if line.strip()]
    for line in lines:
        if not LINK.fullmatch(line) or len(line) > LINK_LONGEST:
            raise Unanswered(
                sentence("A link begins with https:// and stands on a line of its own."), step="moves", question="links"
            )
    if len(lines) > MOST_LINKS:
        raise Unanswered(
            sentence("A brief takes %(most_links)s links.", most_links=MOST_LINKS), step="moves", question="links"
        )
    return tuple(lines)


def _day(said: Mapping[str, str], at: datetime) -> date | None:
    text = said.get("needed_by", "").strip()
    if not text:
        return None
    try:
        day = date.fromisoformat(text) if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII) else None
    except ValueError:
        day = None
    if day is None or not at.date() <= day <= at.date().replace(year=at.year + YEARS_AHEAD, day=1):
        raise Unanswered(
            sentence("Give a day that is still to come, within ten years, or leave it empty."),
            step="day",
            question="needed_by",
        )
    return day


def _size(piece: Piece, said: Mapping[str, str]) -> Measured | MeasuredLength | None:
    """What was said of the size, for a piece that has one; None where nothing was."""
    if piece.template.key in LENGTHS:
        text = said.get("length_mm", "").strip()
        if not text:
            return None
        if not LENGTH.fullmatch(text) or not 100 <= Decimal(text) <= 1200:
            raise Unanswered(sentence("Write the length in millimetres, like 175."), step="size", question="length_mm")
        return MeasuredLength(Decimal(text), "tape")
    text = said.get("size", "").strip()
    if not piece.template.sized or not text:
        return None
    method = said.get("size_method", "") or "guess"
    if method not in sizes.METHODS:
        raise Unanswered(sentence("Say how the size was taken."), step="size", question="size_method")
    try:
        system = said.get("size_system", "") or "UK"
        size = RingSize.parse(f"{text} mm"[:40] if system == "MM" else f"{system} {text}"[:40])
    except UnreadableSize as unread:
        raise Unanswered(str(unread), step="size", question="size") from unread
    width = WIDTHS.get(said.get("band_width", "") or USUAL_WIDTH, WIDTHS[USUAL_WIDTH])
    return Measured(size, method, width, finger=said.get("finger", "").strip()[:40])


def _whole(minor: int, currency: str) -> str:
    return str(int(Money(minor, currency).amount))


def _answers_of(brief: Brief, commission: Commission) -> dict[str, str]:
    """A version that was sent, as answers to go on from."""
    low, high = brief.budget_from_minor, brief.budget_to_minor
    first = commission.pieces[0] if commission.pieces else None
    said = {
        "occasion": brief.occasion,
        "is_surprise": "yes" if brief.is_surprise else "",
        "wish": brief.wish,
        "story": brief.story,
        "links": "\n".join(brief.links),
        "budget_from": "" if low is None else _whole(low, commission.currency),
        "budget_to": "" if high is None else _whole(high, commission.currency),
        "metals": ",".join(brief.metals),
        "lifestyle": brief.lifestyle,
        "needed_by": "" if brief.needed_by is None else brief.needed_by.isoformat(),
    }
    if first is not None and first.size_label and " " in first.size_label:
        system, _space, label = first.size_label.partition(" ")
        said |= {"size_system": system, "size": label, "size_method": first.size_method}
    return {question: text for question, text in said.items() if text}
