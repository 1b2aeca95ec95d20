"""The last acts: recap, balance, hand-over, dossier, first cleaning."""

from bespoke.demo import dealing, pricing
from bespoke.demo.stage import Stage
from bespoke.models.piece import Piece
from bespoke.proof import keys
from bespoke.proof.codes import new_code
from bespoke.proof.verify import verify_bytes
from bespoke.services import approvals, deliveries, dossiers, identities, production, steps
from bespoke.services.deliveries import Terms


def recap(stage: Stage) -> None:
    """`pre_ship_confirmation`: what is handed over, where and when; confirmed by the client."""
    office, client, clock = stage.cast.actor("office"), stage.cast.actor("client"), stage.house.clock
    with stage.step() as (session, piece):
        terms = Terms("collection", stage.cast.client.name, "", clock().date())
        deliveries.recap(session, piece, terms, office, at=clock())
    with stage.step() as (session, piece):
        shown = steps.manifest(session, piece, "pre_ship_confirmation")
        approvals.approve(session, piece, "pre_ship_confirmation", shown, client, at=clock())
    stage.say("pre_ship_confirmation", f"collection by {stage.cast.client.name}, confirmed")


def deliver(stage: Stage) -> None:
    """`delivery`: only when the balance has cleared."""
    office, clock = stage.cast.actor("office"), stage.house.clock
    told = {"identity_check": "Passport seen, not copied", "receipt": "Signed on paper", "seal_number": "T-30881"}
    with stage.house.database.reading() as session:
        rows = {row.key: row for row in session.get_one(Piece, stage.piece_id).commission.instalments}
        owed = "balance" in rows and rows["balance"].cleared_minor < rows["balance"].due_minor
    if owed:
        stage.refused(
            "the piece leaves before the balance has cleared",
            lambda session, piece: deliveries.hand_over(session, piece, office, at=clock(), **told),
        )
        pricing.pay(stage, "progress")
        pricing.pay(stage, "balance")
    _look_again(stage, told)
    with stage.step() as (session, piece):
        deliveries.hand_over(session, piece, office, at=clock(), **told)
    stage.say("delivery", "handed over; passport seen, receipt signed")


def _look_again(stage: Stage, told: dict[str, str]) -> None:
    """A stone the client brought is compared with what was written down of it at its intake."""
    with stage.house.database.reading() as session:
        if not identities.clients_own(stage.piece(session)):
            return
    office, checker, clock = stage.cast.actor("office"), stage.cast.actor("checker"), stage.house.clock
    stage.refused(
        "the piece leaves before anybody looked at the client's stone again",
        lambda session, piece: deliveries.hand_over(session, piece, office, at=clock(), **told),
    )
    with stage.step() as (session, piece):
        for stone in identities.clients_own(piece):
            again = dealing.seen(stage, session, stone, weighed=False)
            identities.note_return(session, stone, again, checker, same_inclusions=True, at=clock())


def bind_dossier(stage: Stage) -> None:
    """`dossier`: issued, bound, signed, verified."""
    office, clock = stage.cast.actor("office"), stage.house.clock
    with stage.step() as (session, piece):
        document = dossiers.issue(session, piece, new_code(), office, at=clock())
        code = document.code
    stage.work()
    with stage.house.database.reading() as session:
        bound = dossiers.newest(session, session.get_one(Piece, stage.piece_id))
        digest = None if bound is None else bound.digest
        manifest = "" if bound is None or bound.manifest_digest is None else bound.manifest_digest
    if digest is None:
        raise LookupError("The dossier was not bound.")
    with stage.house.storage.open(digest) as content:
        pdf = content.read()
    target = stage.out / "dossier.pdf"
    target.write_bytes(pdf)
    pinned = keys.load(stage.house.signing_folder).authority
    verdict = verify_bytes(pdf, [pinned])
    stage.say(
        "dossier", f"{target.name}, {len(pdf):,} bytes, code {code}, seal {manifest[:8].upper()}: {verdict.kind.value}"
    )


def offer_cleaning(stage: Stage) -> None:
    """`aftercare`: the first cleaning is offered."""
    office, clock = stage.cast.actor("office"), stage.house.clock
    with stage.step() as (session, piece):
        production.show(session, piece, "aftercare", "first_cleaning_offered", office, at=clock())
        production.complete(session, piece, "aftercare", office, at=clock())
    stage.say("aftercare", "first cleaning offered")
