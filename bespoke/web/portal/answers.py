"""The client's answers: what each is about, and which service writes it down."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from flask import request
from sqlalchemy.orm import Session

from bespoke.models.brief import Brief, Sketch
from bespoke.models.commission import Commission, CommissionState
from bespoke.models.piece import Piece
from bespoke.queries import portal, seen
from bespoke.queries.commissions import NotFound
from bespoke.queries.portal import Ask
from bespoke.queries.quotes import ClientQuote, client_quote
from bespoke.queries.whole import Whole
from bespoke.services import approvals, options, quotes, sketches, together
from bespoke.services.approvals import FiveFacts
from bespoke.services.errors import NotPossible
from bespoke.services.steps import Circumstances
from bespoke.templating import environment
from bespoke.web.database import db
from bespoke.web.portal.frame import Visit
from workflows.errors import NotAllowed, Stale
from workflows.offers import offers
from workflows.roles import Actor, Role
from workflows.sentences import sentence, when

DESIGN = "render_approval"
TOGETHER = frozenset({"brief", "quote"})  # answered for every piece at once


@dataclass(frozen=True, slots=True)
class Shown:
    """What the page shows beside the question, and the digest of exactly that.

    Attributes:
        facts: the five facts of a design.
    """

    digest: str
    facts: FiveFacts | None = None
    brief: Brief | None = None
    sketches: tuple[Sketch, ...] = ()
    stones: tuple[Mapping[str, object], ...] = field(default=())
    quote: ClientQuote | None = None


def shown(session: Session, ask: Ask, loaded: Whole) -> Shown | None:
    """What the client is asked to say yes to; None where money is asked."""
    if ask.milestone is None:
        return None
    piece, commission = ask.piece, loaded.commission
    digest = ask.digest
    if ask.milestone in TOGETHER and len(commission.pieces) > 1:
        digest = together.shown(session, commission, ask.milestone)
    if ask.milestone == DESIGN:
        return Shown(digest, facts=five_facts(session, piece))
    if ask.milestone == "brief":
        return Shown(digest, brief=commission.briefs[-1] if commission.briefs else None)
    if ask.milestone == "concept":
        return Shown(digest, sketches=tuple(one for one in loaded.rows.of(Sketch) if one.piece_id == piece.id))
    if ask.milestone == "quote":
        return Shown(digest, quote=client_quote(quotes.current(commission)))
    return Shown(digest, stones=portal.stones_of(piece))


@dataclass(frozen=True, slots=True)
class Question:
    """One yes that is awaited: of which piece, to exactly what, and why it cannot be given yet, where it cannot."""

    piece: Piece
    digest: str
    reason: str | None


def questions(session: Session, here: Visit, milestone: str) -> tuple[Question, ...]:
    """Each yes the client is asked for at a milestone; one for all pieces where they are answered together."""
    commission, rules = here.loaded.commission, here.loaded.house.rules()
    found = []
    for piece in commission.pieces:
        if milestone not in piece.template:
            continue
        snapshot = piece.snapshot(rules)
        for offer in offers(snapshot, here.actor, at=here.at, only="approve"):
            if offer.milestone == milestone:
                found.append(Question(piece, snapshot.manifest(milestone) or "", offer.reason))
    if milestone in TOGETHER and found and len(commission.pieces) > 1:
        return (Question(found[0].piece, together.shown(session, commission, milestone), found[0].reason),)
    return tuple(found)


def is_open(here: Visit) -> bool:
    """Whether the commission goes on, and the one who looks decides."""
    return here.decides and here.loaded.commission.state is CommissionState.OPEN


def five_facts(session: Session, piece: Piece) -> FiveFacts:
    """The five facts of a design in the words a client reads; the same are kept with the yes.

    Raises:
        Missing: no alloy was chosen, or no price accepted.
    """
    facts = approvals.read_back(session, piece)
    speak = environment().filters
    if piece.template.sized and piece.size_mm is not None:
        inside = sentence("%(length)s inside", length=speak["mm"](piece.size_mm))
        label = piece.size_label
        facts = replace(facts, size=sentence("%(label)s, %(inside)s", label=label, inside=inside) if label else inside)
    first, last = piece.commission.promised_from, piece.commission.promised_to
    if last is not None:
        until = when(last, "%-d %B %Y")
        ready = sentence("by %(day)s", day=until)
        if first is not None and first != last:
            ready = sentence("between %(first)s and %(last)s", first=when(first, "%-d %B %Y"), last=until)
        facts = replace(facts, ready_by=ready)
    return facts


def commission_of(session: Session, reference: str, actor: Actor) -> tuple[Commission, Actor]:
    """A commission the client may decide on, and the client in their role in it.

    Raises:
        NotFound: there is none of theirs.
        NotAllowed: they only read along.
    """
    commission = seen.get(session, reference, actor)
    role = portal.role_in(commission, actor)
    if role is not Role.CLIENT:
        raise NotAllowed(sentence("You read along; the one who ordered the piece decides."))
    return commission, Actor(actor.id, role, actor.name)


def may_write(reference: str, actor: Actor) -> None:
    """Return where this client may say something about the commission; asked before any file is looked into.

    Raises:
        NotFound, NotAllowed: as for `commission_of`.
    """
    commission_of(db.session(), reference, actor)


def piece_of(session: Session, reference: str, letter: str, actor: Actor) -> tuple[Piece, Actor]:
    """A piece of a commission of theirs.

    Raises:
        NotFound: there is none.
    """
    commission, client = commission_of(session, reference, actor)
    piece = next((one for one in commission.pieces if one.letter == letter.upper()), None)
    if piece is None:
        raise NotFound(sentence("piece"))
    return piece, client


def piece_with_revision(session: Session, reference: str, number: int, actor: Actor) -> tuple[Piece, Actor]:
    """The piece whose published revision has that number.

    Raises:
        NotFound: none has been published.
    """
    commission, client = commission_of(session, reference, actor)
    for piece in commission.pieces:
        if any(one.number == number and one.published_at is not None for one in piece.revisions):
            return piece, client
    raise NotFound(sentence("revision"))


def require_newest(piece: Piece, number: int) -> None:
    """Return where no drawing follows the one of that number.

    Raises:
        Stale: a newer one was handed in meanwhile.
    """
    if piece.revision is not None and piece.revision.number != number:
        raise Stale(
            sentence(
                "Revision %(number)s has followed revision %(number2)s; look at that one.",
                number=piece.revision.number,
                number2=number,
            ),
            current=None,
        )


def circumstances(words: str) -> Circumstances:
    """How a yes was given: the words read back, as they were read, and where the request came from."""
    return Circumstances(str(words), (request.remote_addr or "")[:64], request.headers.get("User-Agent", "")[:300])


def say_yes(
    session: Session,
    piece: Piece,
    milestone: str,
    digest: str,
    actor: Actor,
    *,
    at: datetime,
    said: Mapping[str, str],
) -> None:
    """Write a yes down, by the service whose it is.

    Raises:
        Stale: something else stands there than what was shown.
    """
    SERVICES.get(milestone, _other)(session, piece, milestone, digest, actor, at, said)


Service = Callable[[Session, Piece, str, str, Actor, datetime, Mapping[str, str]], None]


def _sketch(
    session: Session, piece: Piece, _key: str, digest: str, actor: Actor, at: datetime, said: Mapping[str, str]
) -> None:
    number = said.get("sketch", "")
    if not number.isdecimal() or len(number) > 4:
        raise NotPossible(sentence("Choose one of the sketches."))
    sketches.pick(session, piece, int(number), digest, actor, circumstances(""), at=at)


def _stones(
    session: Session, piece: Piece, _key: str, digest: str, actor: Actor, at: datetime, _said: Mapping[str, str]
) -> None:
    options.approve(session, piece, digest, actor, circumstances(sentence("The stones as shown.")), at=at)


def _other(
    session: Session, piece: Piece, key: str, digest: str, actor: Actor, at: datetime, _said: Mapping[str, str]
) -> None:
    words = circumstances(sentence("%(what)s of %(piece)s.", what=piece.template[key].title, piece=piece.title))
    approvals.approve(session, piece, key, digest, actor, at=at, circumstances=words)


SERVICES: Mapping[str, Service] = {
    "concept": _sketch,
    "stone_sourcing": _stones,
}
