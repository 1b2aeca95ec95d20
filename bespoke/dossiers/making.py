"""The sections of the making, the approvals and the care."""

from datetime import timedelta

from bespoke.documents.facts import Approval, CareItem, Milestone, Service, Signatory, Step
from bespoke.dossiers.record import Record
from bespoke.dossiers.words import MARK_NAMES, capital, counted, joined, metal_of, name_of
from bespoke.models.approval import ApprovalRow
from bespoke.models.people import Person
from bespoke.proof.seal import Sealable, digest
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
        title = record.piece.template[key].title
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
            found.append(Milestone(str(mark), MARK_NAMES[str(mark)], record.day(row.done_at)))
    return tuple(found)


def making_note(record: Record) -> str:
    """How long it took, how many hours at the bench, and whose hands they were."""
    begun, ended = record.day(record.commission.created_at), record.finished
    sentences = [_span((ended - begun).days)]
    seconds = sum((span.ended_at - span.started_at).total_seconds() for span in record.spans if span.ended_at)
    hours = round(seconds / 3600)
    if hours:
        sentences.append(f"{capital(counted(hours))} {'hour' if hours == 1 else 'hours'} at the bench.")
    hands = [f"{person.name}, {person.trade}" if person.trade else person.name for person in _hands(record)]
    if hands:
        sentences.append(f"Made by {joined(hands)}.")
    reworks = record.piece.reworks
    if reworks:
        sentences.append(f"Sent back {'once' if reworks == 1 else f'{counted(reworks)} times'} before it passed.")
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
        what = f"Final check, {passed} of {len(rows)} points"
        if record.house.sole_maker and rows[-1].by in _hands(record):
            what += ", by the maker"
        accepted = [f"{row.point} accepted: {row.accepted_reason}" for row in rows if row.accepted_reason]
        what += "".join(f"; {words}" for words in accepted)
        found.append(Approval(rows[-1].at, what, rows[-1].by.name, digest({"readings": read})))
    return tuple(sorted(found, key=lambda approval: approval.at))


def signatories(record: Record) -> tuple[Signatory, ...]:
    """The designer, and who speaks for the house."""
    found = []
    designers = [revision.handed_in_by for revision in record.piece.revisions]
    if designers:
        found.append(Signatory(designers[-1].name, "designer"))
    owner = next((person for person in record.people.values() if "owner" in person.roles), None)
    if owner is not None:
        found.append(Signatory(owner.name, "for the house"))
    return tuple(found)


def care_lead(record: Record) -> str:
    """Whether it may be worn without a thought."""
    gems = _gems(record)
    named = joined([*([metal_of(record.piece)] if record.piece.alloy else []), *gems])
    soft = [name for name in gems if gem(name).mohs[0] < SOFT_BELOW or gem(name).cleavage]
    if soft:
        return f"Wear it with a thought for the {joined(soft)}, which bear less than the metal around them."
    return f"Wear it. {capital(named)} are made for it." if named else "Wear it."


def care(record: Record) -> tuple[CareItem, ...]:
    """Advice that follows from these gems and this metal."""
    gems = _gems(record)
    wet = "Warm water, a drop of washing-up liquid, a soft brush. Dry it with the cloth in the box."
    never = [name for name in gems if gem(name).ultrasonic is not Bench.OK]
    if never:
        wet += f" No ultrasonic bath and no steam: the {joined(never)} would suffer."
    items = [CareItem("hand-soap", "At home", wet)]
    off = "The gym, the garden, chlorine, and heavy lifting."
    off += " Claws bend before they break." if gems else ""
    items.append(CareItem("prohibit", "Take it off for", off))
    look = "Bring it in. We clean it and look it over"
    items.append(CareItem("sparkle", "Once a year", f"{look}{', and test every stone' if gems else ''}."))
    if record.piece.alloy is not None and ALLOYS[record.piece.alloy].rhodium:
        plate = "White gold is plated with rhodium, which wears off with the years; we renew it."
        items.append(CareItem("drop", "Its white", plate))
    if record.piece.template.sized:
        size = (
            "A piece like this one is made anew." if record.piece.fixed_size else "Ask us first; most can be altered."
        )
        items.append(CareItem("ruler", "If your size changes", size))
    for name in gems:
        if gem(name).care:
            items.append(CareItem("shield-check", capital(name), gem(name).care))
    items.append(CareItem("package", "Sending it back", "Write to us first. We send a sealed box and follow it."))
    return tuple(items)


def services(record: Record) -> tuple[Service, ...]:
    """What is promised: the first cleaning."""
    return (Service(record.finished + FIRST_CLEANING, "First cleaning, on us"),)


def _gems(record: Record) -> list[str]:
    return list(dict.fromkeys(option.stone.species for option in record.stones))


def _hands(record: Record) -> list[Person]:
    drew = [revision.handed_in_by_id for revision in record.piece.revisions[-1:]]
    worked = [span.person_id for span in record.spans]
    return [record.people[str(person_id)] for person_id in dict.fromkeys([*drew, *worked])]


def _span(days: int) -> str:
    """A stretch of days as it is said: in weeks from two of them on."""
    if days < 1:
        return "Finished on the day of the first conversation."
    many, unit = (round(days / 7), "week") if days >= 14 else (days, "day")
    return f"{capital(counted(many))} {unit if many == 1 else f'{unit}s'} from the first conversation."


def _said(record: Record, key: str, caption: str) -> str:
    if key == "casting":
        gross, net = record.weighed("gross"), record.weighed("net")
        if gross is not None and net is not None:
            caption += f" {gross.weight_g} g gross, {net.weight_g} g after cutting."
    if key == "engrave" and record.piece.engraving:
        caption += f" “{record.piece.engraving}”, as approved."
    if key == "setting":
        out = record.shown("setting", "stones_out")
        if out.get("stones"):
            caption = (
                f"{caption} {capital(counted(int(out['stones'])))} set, {_none(int(out.get('broken', 0)))} broken."
            )
    return caption.strip()


def _none(many: int) -> str:
    return counted(many) if many else "none"


def _what(record: Record, milestone: str) -> str:
    title = record.piece.template[milestone].title
    if milestone == "render_approval" and record.approved is not None:
        parts = [f"Revision {record.approved.number}", metal_of(record.piece)]
        if record.piece.size_label:
            parts.append(f"size {record.piece.size_label}")
        return ", ".join(part for part in parts if part)
    if milestone == "stone_sourcing" and record.stones:
        return capital(", ".join(f"{name_of(option.stone)} {option.stone.reference}" for option in record.stones))
    if milestone == "quote":
        accepted = [quote.number for quote in record.commission.quotes if quote.accepted_at is not None]
        return f"Firm quote, version {accepted[-1]}" if accepted else "Firm quote"
    return title


def _said_by(row: ApprovalRow) -> str:
    return f"{row.person.name}, for the client at the counter" if row.at_counter else row.person.name


def _releases(record: Record) -> list[str]:
    """Who let the steps begin that cannot be undone; a house of one says that nobody else did."""
    live = [row for row in record.piece.releases if row.standing is Standing.LIVE]
    others = list(dict.fromkeys(row.released_by.name for row in live if row.released_by_id != row.asked_by_id))
    alone = [row for row in live if row.released_by_id == row.asked_by_id]
    found = []
    if others:
        found.append(f"What cannot be undone was released by a second person: {joined(others)}.")
    if alone:
        titles = joined([record.piece.template[row.milestone].title.lower() for row in alone])
        found.append(f"Confirmed a second time by the one maker of this house: {titles}.")
    return found
