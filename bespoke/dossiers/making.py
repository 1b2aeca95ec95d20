"""The sections of the making, the approvals and the care."""

from datetime import timedelta

from bespoke.documents.facts import Approval, CareItem, Milestone, Service, Signatory, Step
from bespoke.dossiers.record import Record
from bespoke.dossiers.words import MARK_NAMES, capital, counted, joined, metal_of, name_of
from bespoke.models.approval import ApprovalRow
from bespoke.models.people import Person
from bespoke.proof.seal import Sealable, digest
from bespoke.templating.catalogue import _, ngettext, said
from workflows.alloys import ALLOYS
from workflows.gems import Bench, gem
from workflows.snapshot import Standing, Status

STEPS = ("pattern", "casting", "clean_assembly", "setting", "polish_plate", "engrave", "work")
FIRST_CLEANING = timedelta(days=182)
SOFT_BELOW = 7


def steps(record: Record) -> tuple[Step, ...]:
    """The steps of the bench with their day, their hands and what the record says of them."""
    found = []
    for key in STEPS:
        if key not in record.piece.template:
            continue
        row = record.piece.milestone(key)
        if row.status is not Status.DONE or row.done_at is None:
            continue
        photograph = record.photograph(key)
        person = record.people.get(row.done_by or "")
        text = _said(record, key, "" if photograph is None else photograph.caption)
        if photograph is None and not text:
            continue  # nothing to show or say of it
        title = str(record.piece.template[key].title)
        picture = None if photograph is None else record.files.picture(photograph.digest, f"{title}. {text}".strip())
        found.append(Step(title, record.day(row.done_at), "" if person is None else person.name, text, picture))
    return tuple(found)


def milestones(record: Record) -> tuple[Milestone, ...]:
    """The struck marks with their days."""
    found = []
    for milestone in record.piece.template.milestones:
        mark = None if milestone.mark is None else milestone.mark.value
        row = record.piece.milestone(milestone.key)
        if mark in MARK_NAMES and row.status is Status.DONE and row.done_at is not None:
            found.append(Milestone(str(mark), str(MARK_NAMES[str(mark)]), record.day(row.done_at)))
    return tuple(found)


def making_note(record: Record) -> str:
    """How long it took, how many hours at the bench, and whose hands they were."""
    begun, ended = record.day(record.commission.created_at), record.finished
    sentences = [_span((ended - begun).days)]
    seconds = sum((span.ended_at - span.started_at).total_seconds() for span in record.spans if span.ended_at)
    hours = round(seconds / 3600)
    if hours:
        sentences.append(
            ngettext("%(n)s hour at the bench.", "%(n)s hours at the bench.", hours, n=capital(counted(hours)))
        )
    hands = [f"{person.name}, {person.trade}" if person.trade else person.name for person in _hands(record)]
    if hands:
        sentences.append(_("Made by %(people)s.", people=joined(hands)))
    reworks = record.piece.reworks
    if reworks:
        sentences.append(
            ngettext(
                "Sent back once before it passed.",
                "Sent back %(n)s times before it passed.",
                reworks,
                n=counted(reworks),
            )
        )
    sentences += _releases(record)
    return " ".join(sentences)


def approvals(record: Record) -> tuple[Approval, ...]:
    """Every yes of the client that still counts, and the final check; no price."""
    found = [
        Approval(row.at, _what(record, row.milestone), _said_by(row), row.digest)
        for row in record.piece.approvals
        if row.standing is Standing.LIVE
    ]
    rows = [row for row in record.piece.readings if not row.superseded]
    if rows and "qc" in record.piece.template and record.piece.milestone("qc").status is Status.DONE:
        passed = sum(row.passed or bool(row.accepted_reason) for row in rows)
        read: list[Sealable] = [[row.point, row.expected, row.found, row.unit, row.passed] for row in rows]
        what = _("Final check, %(passed)s of %(rows)s points", passed=passed, rows=len(rows))
        if record.house.sole_maker and rows[-1].by in _hands(record):
            what += _(", by the maker")
        accepted = [
            _("%(point)s accepted: %(accepted_reason)s", point=row.point, accepted_reason=row.accepted_reason)
            for row in rows
            if row.accepted_reason
        ]
        what += "".join(f"; {words}" for words in accepted)
        found.append(Approval(rows[-1].at, what, rows[-1].by.name, digest({"readings": read})))
    return tuple(sorted(found, key=lambda approval: approval.at))


def signatories(record: Record) -> tuple[Signatory, ...]:
    """The designer, and who speaks for the house."""
    found = []
    designers = [revision.handed_in_by for revision in record.piece.revisions]
    if designers:
        found.append(Signatory(designers[-1].name, _("designer")))
    owner = next((person for person in record.people.values() if "owner" in person.roles), None)
    if owner is not None:
        found.append(Signatory(owner.name, _("for the house")))
    return tuple(found)


def care_lead(record: Record) -> str:
    """Whether it may be worn without a thought."""
    gems = _gems(record)
    named = joined([*([metal_of(record.piece)] if record.piece.alloy else []), *map(said, gems)])
    soft = [name for name in gems if gem(name).mohs[0] < SOFT_BELOW or gem(name).cleavage]
    if soft:
        return _(
            "Wear it with a thought for the %(stones)s, which bear less than the metal around them.",
            stones=joined([said(name) for name in soft]),
        )
    return _("Wear it. %(named)s are made for it.", named=capital(named)) if named else _("Wear it.")


def care(record: Record) -> tuple[CareItem, ...]:
    """Advice that follows from these gems and this metal."""
    gems = _gems(record)
    wet = _("Warm water, a drop of washing-up liquid, a soft brush. Dry it with the cloth in the box.")
    never = [name for name in gems if gem(name).ultrasonic is not Bench.OK]
    if never:
        wet += _(
            " No ultrasonic bath and no steam: the %(stones)s would suffer.",
            stones=joined([said(name) for name in never]),
        )
    items = [CareItem("hand-soap", _("At home"), wet)]
    off = _("The gym, the garden, chlorine, and heavy lifting.")
    off += _(" Claws bend before they break.") if gems else ""
    items.append(CareItem("prohibit", _("Take it off for"), off))
    look = _("Bring it in. We clean it and look it over.")
    if gems:
        look = _("Bring it in. We clean it and look it over, and test every stone.")
    items.append(CareItem("sparkle", _("Once a year"), look))
    if record.piece.alloy is not None and ALLOYS[record.piece.alloy].rhodium:
        plate = _("White gold is plated with rhodium, which wears off with the years; we renew it.")
        items.append(CareItem("drop", _("Its white"), plate))
    if record.piece.template.sized:
        size = (
            _("A piece like this one is made anew.")
            if record.piece.fixed_size
            else _("Ask us first; most can be altered.")
        )
        items.append(CareItem("ruler", _("If your size changes"), size))
    for name in gems:
        if gem(name).care:
            items.append(CareItem("shield-check", capital(said(name)), str(gem(name).care)))
    items.append(CareItem("package", _("Sending it back"), _("Write to us first. We send a sealed box and follow it.")))
    return tuple(items)


def services(record: Record) -> tuple[Service, ...]:
    """What is promised: the first cleaning."""
    return (Service(record.finished + FIRST_CLEANING, _("First cleaning, on us")),)


def _gems(record: Record) -> list[str]:
    return list(dict.fromkeys(option.stone.species for option in record.stones))


def _hands(record: Record) -> list[Person]:
    drew = [revision.handed_in_by_id for revision in record.piece.revisions[-1:]]
    worked = [span.person_id for span in record.spans]
    return [record.people[str(person_id)] for person_id in dict.fromkeys([*drew, *worked])]


def _span(days: int) -> str:
    """A stretch of days as it is said: in weeks from two of them on."""
    if days < 1:
        return _("Finished on the day of the first conversation.")
    many, unit = (round(days / 7), "week") if days >= 14 else (days, "day")
    n = capital(counted(many))
    if unit == "week":
        return ngettext(
            "%(n)s week from the first conversation.", "%(n)s weeks from the first conversation.", many, n=n
        )
    return ngettext("%(n)s day from the first conversation.", "%(n)s days from the first conversation.", many, n=n)


def _said(record: Record, key: str, caption: str) -> str:
    if key == "casting":
        gross, net = record.weighed("gross"), record.weighed("net")
        if gross is not None and net is not None:
            caption += _(
                " %(weight_g)s g gross, %(weight_g2)s g after cutting.", weight_g=gross.weight_g, weight_g2=net.weight_g
            )
    if key == "engrave" and record.piece.engraving:
        caption += _(" “%(engraving)s”, as approved.", engraving=record.piece.engraving)
    if key == "setting":
        out = record.shown("setting", "stones_out")
        if out.get("stones"):
            caption = _(
                "%(caption)s %(n)s set, %(broken)s broken.",
                caption=caption,
                n=capital(counted(int(out["stones"]))),
                broken=_none(int(out.get("broken", 0))),
            )
    return caption.strip()


def _none(many: int) -> str:
    return counted(many) if many else _("none")


def _what(record: Record, milestone: str) -> str:
    title = record.piece.template[milestone].title
    if milestone == "render_approval" and record.approved is not None:
        parts = [_("Revision %(number)s", number=record.approved.number), metal_of(record.piece)]
        if record.piece.size_label:
            parts.append(_("size %(size_label)s", size_label=record.piece.size_label))
        return ", ".join(part for part in parts if part)
    if milestone == "stone_sourcing" and record.stones:
        return capital(", ".join(f"{name_of(option.stone)} {option.stone.reference}" for option in record.stones))
    if milestone == "quote":
        accepted = [quote.number for quote in record.commission.quotes if quote.accepted_at is not None]
        return _("Firm quote, version %(accepted)s", accepted=accepted[-1]) if accepted else _("Firm quote")
    return str(title)


def _said_by(row: ApprovalRow) -> str:
    return _("%(person)s, for the client at the counter", person=row.person.name) if row.at_counter else row.person.name


def _releases(record: Record) -> list[str]:
    """Who let the steps begin that cannot be undone; a house of one says that nobody else did."""
    live = [row for row in record.piece.releases if row.standing is Standing.LIVE]
    others = list(dict.fromkeys(row.released_by.name for row in live if row.released_by_id != row.asked_by_id))
    alone = [row for row in live if row.released_by_id == row.asked_by_id]
    found = []
    if others:
        found.append(_("What cannot be undone was released by a second person: %(steps)s.", steps=joined(others)))
    if alone:
        titles = joined([record.piece.template[row.milestone].title.lower() for row in alone])
        found.append(_("Confirmed a second time by the one maker of this house: %(titles)s.", titles=titles))
    return found
