"""What the keys of the record are called in a sentence: milestones, evidence, sides of a piece, places, weighings."""

from collections.abc import Mapping

from bespoke.templating.catalogue import Lazy, _, lazy
from workflows.sentences import word

MILESTONES: Mapping[str, Lazy] = {
    "aftercare": lazy("the aftercare"),
    "assay": lazy("the assay"),
    "brief": lazy("the brief"),
    "cad": lazy("the drawing"),
    "casting": lazy("the casting"),
    "clean_assembly": lazy("the making up"),
    "cleaning": lazy("the cleaning"),
    "concept": lazy("the sketches"),
    "delivery": lazy("the delivery"),
    "deposit_lock": lazy("the deposit"),
    "dossier": lazy("the dossier"),
    "engrave": lazy("the engraving"),
    "engrave_proof": lazy("the engraving proof"),
    "enquiry": lazy("the enquiry"),
    "estimate": lazy("the estimate"),
    "hallmark": lazy("the hallmark"),
    "intake": lazy("the intake"),
    "melt": lazy("the melting of the client's metal"),
    "pattern": lazy("the wax model"),
    "polish_plate": lazy("the polishing"),
    "pre_cast_release": lazy("the release to cast"),
    "pre_ship_confirmation": lazy("the recap before delivery"),
    "qc": lazy("the final check"),
    "quote": lazy("the price"),
    "render_approval": lazy("the design"),
    "setting": lazy("the setting"),
    "stone_sourcing": lazy("the choice of stone"),
    "test": lazy("the test of the stone"),
    "unset": lazy("the taking out of the stone"),
    "work": lazy("the work"),
}
EVIDENCE: Mapping[str, Lazy] = {
    "alloy_lot": lazy("the lot of the alloy"),
    "batch": lazy("the batch"),
    "brief": lazy("the brief"),
    "cad_file": lazy("the CAD file"),
    "cad_report": lazy("the report on the CAD file"),
    "caliper_check": lazy("the calliper check"),
    "consent_to_contact": lazy("the consent to be written to"),
    "contact": lazy("how to reach the client"),
    "firm_quote": lazy("the firm price"),
    "first_cleaning_offered": lazy("the offer of a first cleaning"),
    "funds_cleared": lazy("that the money has cleared"),
    "handed_over": lazy("the hand-over"),
    "identity_checked": lazy("how the recipient was recognised"),
    "options": lazy("the stones to choose from"),
    "report": lazy("the laboratory's report"),
    "shown_to_client": lazy("that the client was shown it"),
    "stone_reserved": lazy("that the stones are reserved"),
    "stones_in": lazy("the stones counted in"),
    "stones_in_hand": lazy("that the stones are in the house"),
    "stones_out": lazy("the stones counted out"),
    "alloy_confirmed": lazy("that the alloy is the ordered one"),
    "version_confirmed": lazy("that it is the approved version"),
}
FACETS: Mapping[str, Lazy] = {
    "alloy": lazy("the alloy"),
    "brief": lazy("the brief"),
    "delivery": lazy("the terms of delivery"),
    "design": lazy("the drawing"),
    "engraving": lazy("the engraving"),
    "quote": lazy("the price"),
    "size": lazy("the size"),
    "sketch": lazy("the sketches"),
    "stones": lazy("the stones"),
    "terms": lazy("the terms"),
}
PLACES: Mapping[str, Lazy] = {
    "assay": lazy("at the assay office"),
    "bag": lazy("in the job bag"),
    "bench": lazy("on the bench"),
    "client": lazy("with the client"),
    "courier": lazy("with the courier"),
    "piece": lazy("a part of the piece"),
    "safe": lazy("in the safe"),
    "transit": lazy("on its way"),
    "vendor": lazy("with a supplier"),
}
STONES: Mapping[str, Lazy] = {
    "candidate": lazy("one to choose from"),
    "requested": lazy("asked for"),
    "in_house": lazy("in the house"),
    "in_bag": lazy("in the job bag"),
    "set": lazy("set"),
    "returned": lazy("back with its owner"),
    "broken": lazy("broken"),
    "lost": lazy("lost"),
}
WEIGHINGS: Mapping[str, Lazy] = {
    "button": lazy("of button"),
    "final": lazy("finished"),
    "gross": lazy("gross"),
    "net": lazy("net"),
    "scrap": lazy("of scrap"),
}


def milestone(key: str) -> str:
    """A milestone within a sentence: "the casting"; one a house added is called by its key."""
    return str(MILESTONES.get(key) or _("the %(name)s", name=word(key)))


def evidence(key: str) -> str:
    """A piece of evidence within a sentence: "the gross weight"."""
    return str(EVIDENCE.get(key) or _("the %(name)s", name=word(key)))
