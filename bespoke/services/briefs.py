"""The brief: versions of what the client wishes for, each of them everything it says, and the client's yes."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from bespoke.models.approval import ApprovalRow
from bespoke.models.brief import Brief, BriefPicture
from bespoke.models.commission import Commission
from bespoke.models.file import File
from bespoke.proof.seal import Sealable
from bespoke.services import steps, together
from bespoke.services.errors import Missing, NotPossible
from bespoke.services.sizes import show_size
from bespoke.services.steps import Circumstances
from workflows.roles import Actor
from workflows.sentences import sentence
from workflows.snapshot import Course
from workflows.template import Facet

BRIEF = "brief"


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that shows what is meant; `digest` is that of a file the house keeps."""

    digest: str
    caption: str = ""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a brief says; amounts in minor units of the commission's currency."""

    wish: str
    occasion: str = ""
    story: str = ""
    lifestyle: str = ""
    metals: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    budget_from_minor: int | None = None
    budget_to_minor: int | None = None
    needed_by: date | None = None
    is_surprise: bool = False
    pictures: tuple[Picture, ...] = ()


def write(session: Session, commission: Commission, wish: Wish, actor: Actor, *, at: datetime) -> Brief:
    """The next version of the brief; a yes to an earlier one is superseded with it.

    Raises:
        NotPossible: it says nothing, a budget that ends before it begins, a day that has passed.
        Missing: a picture is not among the house's files.
    """
    _check(session, wish, at)
    brief = Brief(
        number=len(commission.briefs) + 1,
        occasion=wish.occasion.strip(),
        wish=wish.wish.strip(),
        story=wish.story.strip(),
        lifestyle=wish.lifestyle.strip(),
        metals=list(wish.metals),
        links=list(wish.links),
        budget_from_minor=wish.budget_from_minor,
        budget_to_minor=wish.budget_to_minor,
        needed_by=wish.needed_by,
        is_surprise=wish.is_surprise,
        created_at=at,
    )
    brief.pictures = [BriefPicture(digest=one.digest, caption=one.caption) for one in wish.pictures]
    living = [piece for piece in commission.pieces if piece.course is not Course.CANCELLED]
    for piece in living:
        steps.put_content(session, piece, Facet.BRIEF, content(brief, commission), actor, at=at)
    commission.briefs.append(brief)
    commission.needed_by = wish.needed_by
    session.flush()
    commission.record("brief_written", actor, at, number=brief.number)
    for piece in living:
        together.show_where_open(session, piece, BRIEF, "brief", actor, {"number": brief.number}, at=at)
        show_size(session, piece, actor, at=at)
    return brief


def hand_in(session: Session, commission: Commission, actor: Actor, *, at: datetime) -> str:
    """Put the brief before the client; the digest they will say yes to.

    Raises:
        Missing: nothing was written yet.
    """
    brief = current(commission)
    for piece in together.ahead(commission, BRIEF):
        shown_already = piece.milestone(BRIEF).evidence
        if "brief" not in shown_already:  # written before the enquiry was done
            together.show_where_open(session, piece, BRIEF, "brief", actor, {"number": brief.number}, at=at)
        if "size" not in shown_already:
            show_size(session, piece, actor, at=at)
    return together.hand_in(session, commission, BRIEF, actor, at=at)


def approve(
    session: Session,
    commission: Commission,
    shown: str,
    actor: Actor,
    circumstances: Circumstances,
    *,
    at: datetime,
    at_counter: bool = False,
) -> tuple[ApprovalRow, ...]:
    """The client's yes to the brief that was shown."""
    return together.approve(session, commission, BRIEF, shown, actor, circumstances, at=at, at_counter=at_counter)


def ask_changes(session: Session, commission: Commission, note: str, actor: Actor, *, at: datetime) -> None:
    """The client wants the brief to say something else."""
    together.ask_changes(session, commission, BRIEF, note, actor, at=at)


def current(commission: Commission) -> Brief:
    """The newest version.

    Raises:
        Missing: nothing was written yet.
    """
    if not commission.briefs:
        raise Missing(sentence("%(reference)s has no brief yet; write one first.", reference=commission.reference))
    return commission.briefs[-1]


def content(brief: Brief, commission: Commission) -> dict[str, Sealable]:
    """Everything a brief says, as it is hashed."""
    return {
        "number": brief.number,
        "occasion": brief.occasion,
        "wish": brief.wish,
        "story": brief.story,
        "lifestyle": brief.lifestyle,
        "metals": list(brief.metals),
        "links": list(brief.links),
        "budget_from_minor": brief.budget_from_minor,
        "budget_to_minor": brief.budget_to_minor,
        "currency": commission.currency,
        "needed_by": brief.needed_by,
        "is_surprise": brief.is_surprise,
        "pictures": [{"digest": one.digest, "caption": one.caption} for one in brief.pictures],
    }


def _check(session: Session, wish: Wish, at: datetime) -> None:
    if not wish.wish.strip():
        raise NotPossible(sentence("A brief says in a few words what is wished for."))
    low, high = wish.budget_from_minor, wish.budget_to_minor
    if any(bound is not None and bound < 0 for bound in (low, high)):
        raise NotPossible(sentence("A budget is not less than nothing."))
    if low is not None and high is not None and low > high:
        raise NotPossible(sentence("The budget ends before it begins; swap the two amounts."))
    if wish.needed_by is not None and wish.needed_by < at.date():
        raise NotPossible(
            sentence(
                "%(needed_by)s has passed; give the day the piece is needed by.", needed_by=wish.needed_by.isoformat()
            )
        )
    for picture in wish.pictures:
        if session.get(File, picture.digest) is None:
            raise Missing(
                sentence(
                    "The picture %(digest)s is not among the house's files; upload it first.",
                    digest=picture.digest[:12],
                )
            )
