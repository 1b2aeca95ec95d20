"""The act of the counter: a client's own piece comes into the house, written down and signed for."""

from decimal import Decimal

from bespoke.demo.dealing import write_down
from bespoke.demo.making import PHOTOGRAPHS, show_the_rest
from bespoke.demo.stage import Stage
from bespoke.services import custody, files, production
from bespoke.services.briefs import Wish
from bespoke.services.custody import Intake
from workflows.roles import Actor, Role

WISH = "My grandmother’s ring. Please make it so that I can wear it every day."


def take_in(stage: Stage) -> None:
    """`intake`: described, weighed, photographed, signed for by both sides."""
    office, clock = stage.cast.actor("office"), stage.house.clock
    with stage.house.database.reading() as session:
        briefed_later = "brief" in stage.piece(session).template
    if not briefed_later:
        write_down(stage, Wish(wish=WISH, occasion="An heirloom"))
    with stage.step() as (session, piece):
        store = stage.house.storage
        photograph = files.keep(session, store, PHOTOGRAPHS / "bench-finished-dark.jpg", "image/jpeg", at=clock())
        signature = files.keep(session, store, PHOTOGRAPHS / "sketch-1.png", "image/png", at=clock())
        intake = Intake(
            kind="jewellery",
            description="A ring of yellow metal, worn thin at the base.",
            name=stage.cast.client.name,
            telephone="01632 960 199",
            other_contact=stage.cast.client.email,
            marks="stamp illegible",
            weight_g=Decimal("4.12"),
            damage="Scratched; one claw bent.",
            photographs=(photograph.digest,),
            client_signature=signature.digest,
            house_signature=signature.digest,
            metal="yellow, not tested",
        )
        custody.take_in(session, piece.commission, intake, office, piece=piece, at=clock())
        actor = _maker(stage, piece.template["intake"].acts)
        show_the_rest(stage, session, piece, "intake", actor)
        production.complete(session, piece, "intake", actor, at=clock())
    stage.say("intake", "taken in, weighed at 4.12 g, photographed, signed for by both sides")


def _maker(stage: Stage, acts: frozenset[Role]) -> Actor:
    order = ("office", "caster", "lead")
    return next(stage.cast.actor(who) for who in order if stage.cast.actor(who).role in acts)
