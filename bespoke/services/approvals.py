"""What the client says yes to: the facts read back, the yes to exactly those, or what should be different."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from bespoke.models.approval import ApprovalRow
from bespoke.models.piece import Piece
from bespoke.models.stone import StoneRow
from bespoke.queries.quotes import price_of
from bespoke.services import pins, steps
from bespoke.services.errors import Missing, NotPossible
from bespoke.services.gathering import gather
from bespoke.services.steps import Circumstances
from bespoke.templating.catalogue import _
from workflows.actions import Approve, AskChanges
from workflows.alloys import ALLOYS
from workflows.gems import Shape
from workflows.naming import stone_name, weight_statement
from workflows.roles import Actor
from workflows.sentences import sentence, together, when, word

DESIGN = "render_approval"


@dataclass(frozen=True, slots=True)
class FiveFacts:
    """What a yes to a design is about, in words: read back before it is given, kept with it after."""

    size: str
    metal: str
    stone: str
    price: str
    ready_by: str

    def text(self) -> str:
        """All five in one line, in the language they were read back in: so they are kept with the yes."""
        return f"{self.size}; {self.metal}; {self.stone}; {self.price}; {self.ready_by}"


def read_back(session: Session, piece: Piece) -> FiveFacts:
    """The five facts of a design as they stand now.

    Raises:
        Missing: no alloy was chosen, or no price accepted.
    """
    gather(session, piece)
    if piece.alloy is None:
        raise Missing(sentence("No alloy has been chosen for the piece."))
    accepted = [quote for quote in piece.commission.quotes if quote.accepted_at is not None and quote.firm]
    if not accepted:
        raise Missing(sentence("No firm price has been accepted for the piece."))
    stones = [option.stone for option in piece.options if option.chosen]
    names = together([_stone(stone) for stone in stones], ", ")
    return FiveFacts(
        size=_size(piece),
        metal=ALLOYS[piece.alloy].name,
        stone=names or sentence("no stones"),
        price=str(price_of(accepted[-1]).gross),
        ready_by=_ready_by(piece.commission.promised_from, piece.commission.promised_to),
    )


def approve(
    session: Session,
    piece: Piece,
    milestone: str,
    digest: str,
    actor: Actor,
    *,
    at: datetime,
    circumstances: Circumstances | None = None,
    at_counter: bool = False,
) -> ApprovalRow:
    """Write down the client's yes to exactly what was on the page.

    Args:
        digest: of the manifest that was shown.
        circumstances: the words read back and where the yes came from; worked out where left out.

    Raises:
        Stale: something else stands there meanwhile.
        GateClosed: a remark, a block or a confirmation is still open.
    """
    told = circumstances or Circumstances(words=_words(session, piece, milestone))
    return steps.approve(session, piece, Approve(milestone, digest, at_counter), actor, told, at=at)


def ask_changes(
    session: Session,
    piece: Piece,
    milestone: str,
    note: str,
    actor: Actor,
    *,
    at: datetime,
    place_mm: tuple[float, float, float] | None = None,
    must_fix: bool = False,
) -> None:
    """Ask for something to be different, with a pin on the drawing where one was touched.

    Args:
        note: what; may be left out where remarks on the drawing say it already.
        must_fix: the note and the client's open remarks must be seen to before a yes is asked for again.

    Raises:
        NotPossible: nothing says what should be different.
    """
    words = [note.strip()] if note.strip() else []
    if piece.revision is not None and milestone == DESIGN:
        if must_fix:
            words += [row.text for row in pins.insist(session, piece.revision, actor, at=at)]
        if note.strip():
            pins.place(session, piece.revision, note, actor, at=at, place_mm=place_mm, must_fix=must_fix)
    if not words:
        raise NotPossible(_("Write a few words: what should be different?"))
    steps.act(session, piece, AskChanges(milestone, "\n".join(words)), actor, at=at)


def _words(session: Session, piece: Piece, milestone: str) -> str:
    if milestone == DESIGN:
        return read_back(session, piece).text()
    return sentence("%(what)s of %(piece)s", what=piece.template[milestone].title, piece=piece.title)


def _stone(stone: StoneRow) -> str:
    carats = weight_statement(stone.weight_ct, pieces=stone.pieces, estimated=stone.weight_source == "estimated")
    name = together([stone_name(stone.named), stone.reference])
    shape = [] if stone.shape == Shape.OTHER.value else [word(stone.shape)]
    return together([name, *shape, carats], ", ")


def _size(piece: Piece) -> str:
    if not piece.template.sized:
        return sentence("not worn by size")
    if piece.size_mm is None:
        raise Missing(sentence("No size has been recorded for the piece."))
    if not piece.size_label:
        return sentence("%(size_mm)s mm inside", size_mm=piece.size_mm)
    return sentence("%(label)s (%(size_mm)s mm inside)", label=piece.size_label, size_mm=piece.size_mm)


def _ready_by(first: date | None, last: date | None) -> str:
    if last is None:
        return sentence("date not yet promised")
    until = when(last, "%-d %B %Y")
    if first is None or first == last:
        return sentence("ready by %(day)s", day=until)
    return sentence("ready between %(first)s and %(last)s", first=when(first, "%-d %B %Y"), last=until)
