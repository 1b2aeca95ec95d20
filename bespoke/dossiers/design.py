"""The sections of the piece and of its design: what it is, what was wished for, how it was drawn."""

from decimal import Decimal

from bespoke.documents.facts import Drawing, Picture, Quote, Revision, Row, Sketch
from bespoke.dossiers.record import Record
from bespoke.dossiers.words import capital, counted, joined, metal_of, name_of, plural, shape_of
from bespoke.models.design import Revision as RevisionRow
from bespoke.models.stone import StoneOption
from bespoke.templating.catalogue import SOURCE, _, language
from workflows.snapshot import Standing


def lead(record: Record) -> str:
    """The piece in one sentence."""
    kind = record.piece.template.title.lower()
    article = "An" if kind[0] in "aeiou" else "A"
    stones = joined([*_single(record.stones), *_small(record.stones)])
    metal = metal_of(record.piece)
    whole = _("%(article)s %(kind)s", article=article, kind=kind) if language() == SOURCE else str(capital(kind))
    if metal:
        whole = _("%(piece)s in %(metal)s", piece=whole, metal=metal)
    return (_("%(piece)s with %(stones)s", piece=whole, stones=stones) if stones else whole) + "."


def story(record: Record) -> tuple[str, ...]:
    """What the client told, and how the piece came to be, in figures of the record."""
    told = record.brief.story if record.brief is not None else ""
    own = [paragraph.strip() for paragraph in told.split("\n\n") if paragraph.strip()]
    drawn = sum(revision.published_at is not None for revision in record.piece.revisions)
    times = {1: _("once"), 2: _("twice")}.get(drawn, _("%(n)s times", n=counted(drawn)))
    sentence = _(
        "The %(title)s was begun for %(client)s",
        title=record.piece.template.title.lower(),
        client=record.commission.client.name,
    )
    sentence += _(" and drawn %(times)s.", times=times) if drawn else "."
    if record.brief is not None and record.brief.occasion:
        sentence += _(
            " The occasion: %(occasion)s%(occasion2)s.",
            occasion=record.brief.occasion[0].lower(),
            occasion2=record.brief.occasion[1:],
        )
    return (*own, sentence)


def details(record: Record) -> tuple[Row, ...]:
    """Size, metal, weight and engraving."""
    rows = []
    piece = record.piece
    if piece.size_mm is not None:
        inside = _("%(size_mm)s mm inside", size_mm=f"{piece.size_mm:.2f}")
        rows.append(Row(_("Finger size"), f"{piece.size_label}, {inside}" if piece.size_label else inside))
    if piece.alloy is not None:
        final = record.weighed("final")
        rows.append(Row(_("Metal"), metal_of(piece)))
        if final is not None:
            rows.append(Row(_("Weight"), _("%(weight_g)s g, finished", weight_g=final.weight_g)))
    if piece.engraving:
        rows.append(Row(_("Engraving"), piece.engraving))
    if piece.quantity > 1:
        rows.append(Row(_("Made"), _("%(n)s of them", n=counted(piece.quantity))))
    return tuple(rows)


def quote(record: Record) -> Quote | None:
    """The wish in the client's own words."""
    brief = record.brief
    if brief is None or not brief.wish.strip():
        return None
    return Quote(brief.wish.strip(), _("From the brief"), record.day(brief.created_at))


def sketches(record: Record) -> tuple[Sketch, ...]:
    """The sketches, the picked one said to be so."""
    found = []
    for row in record.sketches:
        picked = _(", the one that was picked") if row.picked_at is not None else ""
        picture = record.files.picture(row.digest, _("Sketch %(number)s: %(note)s", number=row.number, note=row.note))
        found.append(
            Sketch(
                picture,
                _("Sketch %(number)s%(picked)s. %(note)s", number=row.number, picked=picked, note=row.note).strip(),
                record.day(row.created_at),
            )
        )
    return tuple(found)


def revisions(record: Record) -> tuple[Revision, ...]:
    """Every revision the client saw, with the yes where it was given."""
    approved = record.approved
    return tuple(
        _revision(record, row, is_approved=row is approved)
        for row in record.piece.revisions
        if row.published_at is not None
    )


def cover(record: Record) -> Picture | None:
    """The approved design on its dark ground."""
    return _still(record, record.approved, "dark", camera="cover")


def portrait(record: Record) -> Picture | None:
    """The finished piece as photographed, else the approved design."""
    for key in ("qc", "polish_plate", "work"):
        row = record.photograph(key)
        if row is not None:
            return record.files.picture(
                row.digest, _("%(title)s, finished. %(caption)s", title=record.piece.title, caption=row.caption).strip()
            )
    return _still(record, record.approved, "paper")


def elevation(record: Record) -> Drawing | None:
    """The front elevation of the approved design with its dimensions."""
    return drawing(record, record.approved, "elevation", _("Front elevation, in millimetres"))


def drawing(record: Record, revision: RevisionRow | None, name: str, alt: str) -> Drawing | None:
    """A line drawing of a revision whose file name begins with `name`."""
    if revision is None:
        return None
    for one in revision.pictures:
        if one.name.startswith(name) and one.name.endswith(".svg"):
            return Drawing(record.text(one.digest), alt, units_per_mm=Decimal(1))  # drawn in millimetres
    return None


def _revision(record: Record, row: RevisionRow, *, is_approved: bool) -> Revision:
    client = record.commission.client.id
    asked = [pin.text for pin in row.pins if pin.by_id == client]  # what the house remarks among itself stays there
    text = row.note.strip()
    if asked:
        text += _(" Asked of it: %(asked)s", asked=" ".join(asked))
    for row_of in record.piece.overrides:
        if is_approved and row_of.covers(row):
            text += _(" %(person)s answered for it: %(reason)s", person=row_of.person.name, reason=row_of.reason)
    yes = next(
        (a for a in record.piece.approvals if a.milestone == "render_approval" and a.standing is Standing.LIVE), None
    )
    given = yes if is_approved else None
    return Revision(
        number=row.number,
        day=record.day(row.published_at or row.handed_in_at),
        text=text.strip(),
        picture=_still(record, row, "dark"),
        approved_by=None if given is None else given.person.name,
        approved_at=None if given is None else given.at,
        digest=None if given is None else given.digest,
    )


def _still(record: Record, revision: RevisionRow | None, ground: str, camera: str = "three-quarter") -> Picture | None:
    still = None if revision is None else record.still(revision, ground=ground, camera=camera)
    if revision is None or still is None:
        return None
    return record.files.picture(
        still.digest, _("Revision %(number)s of %(title)s, rendered", number=revision.number, title=record.piece.title)
    )


def _single(options: list[StoneOption]) -> list[str]:
    words = []
    for stone in (option.stone for option in options if option.stone.pieces == 1):
        named = " ".join(str(part) for part in (shape_of(stone), name_of(stone)) if part)
        words.append(f"{'an' if named[0] in 'aeiou' else 'a'} {named}" if language() == SOURCE else named)
    return words


def _small(options: list[StoneOption]) -> list[str]:
    many: dict[str, int] = {}
    for stone in (option.stone for option in options if option.stone.pieces > 1):
        many[name_of(stone)] = many.get(name_of(stone), 0) + stone.pieces
    return [f"{counted(pieces)} {plural(name, pieces)}" for name, pieces in many.items()]


def title(record: Record) -> str:
    """The piece as it is called on the cover."""
    return capital(record.piece.title)
