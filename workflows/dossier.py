"""What a dossier needs before it may be compiled: a pure look at a summary of what the commission has on record."""

from dataclasses import dataclass

from workflows.sentences import sentence


@dataclass(frozen=True, slots=True)
class StoneFacts:
    """What is on record about one stone that was set.

    Attributes:
        grown: whether it is natural or laboratory-grown has been written down.
        treatment: what was or was not done to it has been written down.
    """

    reference: str
    weight_ct: bool
    grown: bool
    treatment: bool
    reported: bool  # has a laboratory report
    report_attached: bool


@dataclass(frozen=True, slots=True)
class DossierFacts:
    """What is on record about a finished piece; every switch is whether that is there.

    Attributes:
        sealed: whether the content of every yes still has the digest it was given for.
        photographs: of the making, not drawn pictures.
        open_blocks: of the CAD report or the final check, that nobody answered.
    """

    delivered: bool
    checked: bool
    client_name: bool
    title: bool
    alloy: bool
    fineness: bool
    final_weight: bool
    sized: bool
    size_measured: bool
    hallmarked: bool
    hallmark_photograph: bool
    design: bool
    stills: int
    approved: bool
    sealed: bool
    making_steps: int
    photographs: int
    engraved: bool
    engraving_proof: bool
    care: bool
    chain_whole: bool
    signing_key: bool
    stones: tuple[StoneFacts, ...] = ()
    open_blocks: tuple[str, ...] = ()


def missing(facts: DossierFacts) -> tuple[str, ...]:
    """What is still missing, a sentence each, in the order of the dossier's sections; empty when it may be compiled."""
    needs = (
        (
            facts.delivered,
            sentence("The piece has not been handed over; the dossier is the record of a finished piece."),
        ),
        (facts.title, sentence("The piece has no name for the cover; give it one.")),
        (facts.client_name, sentence("The client's name for the cover is not recorded.")),
        (facts.design, sentence("No design is on record; hand in the drawing the piece was made from.")),
        (facts.stills >= 1, sentence("There is no picture of the design; have it drawn.")),
        *(need for stone in facts.stones for need in _stone(stone)),
        (facts.alloy, sentence("The alloy is not recorded; take it from the casting's lot.")),
        (facts.fineness, sentence("The fineness of the alloy is not recorded.")),
        (facts.final_weight, sentence("The finished weight is not recorded; weigh the piece.")),
        (
            facts.size_measured or not facts.sized,
            sentence("The size of the finished piece was not measured; read it from a gauge."),
        ),
        (
            facts.hallmark_photograph or not facts.hallmarked,
            sentence("The piece was hallmarked and the marks were not photographed; photograph them."),
        ),
        (
            facts.engraving_proof or not facts.engraved,
            sentence("The piece is engraved and the approved text is not on record."),
        ),
        (facts.making_steps >= 1, sentence("No step of the making is on record.")),
        (
            facts.photographs >= 1,
            sentence("There is no photograph of the making; at least one shows that it was made."),
        ),
        (facts.checked, sentence("The final check has not been passed.")),
        *(
            (
                False,
                sentence(
                    "%(name)s%(name2)s is still open; answer it or mend it first.",
                    name=name[:1].upper(),
                    name2=name[1:],
                ),
            )
            for name in facts.open_blocks
        ),
        (facts.approved, sentence("No approval of the design is on record.")),
        (
            facts.sealed,
            sentence("What was approved is no longer what was kept; find out why before anything is signed."),
        ),
        (
            facts.care,
            sentence("There are no words on care; write how the piece is cleaned and when it is looked at again."),
        ),
        (
            facts.chain_whole,
            sentence("The history of the commission is not whole; find out why before anything is signed."),
        ),
        (facts.signing_key, sentence("The house has no key to sign with; make one first.")),
    )
    return tuple(sentence for there, sentence in needs if not there)


def _stone(stone: StoneFacts) -> tuple[tuple[bool, str], ...]:
    return (
        (stone.weight_ct, sentence("The weight of stone %(reference)s is not recorded.", reference=stone.reference)),
        (
            stone.grown,
            sentence(
                "Whether stone %(reference)s is natural or laboratory-grown is not recorded; it must be said.",
                reference=stone.reference,
            ),
        ),
        (
            stone.treatment,
            sentence(
                "Whether stone %(reference)s was treated is not recorded; it must be said.", reference=stone.reference
            ),
        ),
        (
            stone.report_attached or not stone.reported,
            sentence(
                "The laboratory's report on stone %(reference)s is not attached; add the file.",
                reference=stone.reference,
            ),
        ),
    )
