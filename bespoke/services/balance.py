"""The balance of a job bag: what went into a step comes out of it, or the bag stops until somebody says why."""

from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from bespoke.models.piece import Piece
from bespoke.models.production import Evidence, Weight
from bespoke.services.errors import NotPossible
from workflows.quality import CASTING_LOSS, BagFlow, reconcile
from workflows.sentences import sentence, together

CASTING, SETTING = "casting", "setting"
NOTHING = Decimal(0)


class OutOfBalance(NotPossible):
    """A bag whose step lost more than the trade allows; `stops` are the sentences that hold it."""

    def __init__(self, stops: tuple[str, ...]) -> None:
        super().__init__(
            sentence(
                "The bag does not balance: %(stops)s Correct the reading, or write down what was lost.",
                stops=together(stops),
            )
        )
        self.stops = stops


def check(session: Session, piece: Piece, milestone: str) -> None:
    """Let a step end only in balance; a step of which nothing was weighed or counted has none to keep.

    Casting: what was poured is the piece and the button. Setting: each stone handed in is set, broken or lost.

    Raises:
        OutOfBalance: more is missing, or more came out, than the scale and the work explain.
    """
    flow = {CASTING: _casting, SETTING: _setting}.get(milestone)
    found = None if flow is None else flow(session, piece)
    if found is None:
        return
    stops = reconcile(found, allowed_loss=CASTING_LOSS).stops
    if stops:
        raise OutOfBalance(stops)


def _casting(session: Session, piece: Piece) -> BagFlow | None:
    weighed = _last_weights(session, piece, CASTING)
    if not {"gross", "net", "button"} <= weighed.keys():
        return None
    scrap = weighed["button"] + weighed.get("scrap", NOTHING)
    return BagFlow(weighed["gross"], weighed["net"], scrap)


def _setting(session: Session, piece: Piece) -> BagFlow | None:
    handed_in, handed_out = _last(session, piece, "stones_in"), _last(session, piece, "stones_out")
    if "stones" not in handed_in or "stones" not in handed_out:
        return None
    return BagFlow(
        NOTHING,
        NOTHING,
        NOTHING,
        stones_in=int(handed_in["stones"]),
        stones_out=int(handed_out["stones"]),
        stones_broken=int(handed_out.get("broken", 0)),
        stones_lost=int(handed_out.get("lost", 0)),
    )


def _last_weights(session: Session, piece: Piece, milestone: str) -> dict[str, Decimal]:
    """The last weighing of each kind, in grams; a correction follows what it corrects."""
    since = piece.milestone(milestone).started_at
    rows = select(Weight).where(Weight.piece_id == piece.id, Weight.milestone == milestone).order_by(Weight.id)
    if since is not None:  # what was weighed before the piece was made anew is of another casting
        rows = rows.where(Weight.at >= since)
    return {row.kind: row.weight_g for row in session.scalars(rows)}


def _last(session: Session, piece: Piece, kind: str) -> dict[str, int | str]:
    shown = select(Evidence).where(Evidence.piece_id == piece.id, Evidence.milestone == SETTING, Evidence.kind == kind)
    since = piece.milestone(SETTING).started_at
    if since is not None:
        shown = shown.where(Evidence.at >= since)
    row = session.scalars(shown.order_by(Evidence.id.desc()).limit(1)).one_or_none()
    return {} if row is None else dict(row.facts)
