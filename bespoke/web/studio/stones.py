"""/studio/stones: the register; and a commission's stones: put forward with a price, kept until a day, let go."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, redirect, render_template, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as Answer

from bespoke.models.file import File
from bespoke.models.stone import StoneOption, StoneRow
from bespoke.queries import studio_stones
from bespoke.queries.commissions import NotFound
from bespoke.queries.studio_stones import MONEY_ROLES, Wanted
from bespoke.services import files, holds, options, stones
from bespoke.services.errors import NotPossible
from bespoke.services.stones import NewReport, NewStone
from bespoke.templating.catalogue import _
from bespoke.web.access import current_actor, house_row, the_house
from bespoke.web.database import db, transaction
from bespoke.web.errors import Redraw
from bespoke.web.sending import send
from bespoke.web.studio.asked import clean, day, number, one_of, piece_of, required, typed, whole
from bespoke.web.studio.pictures import paper, taken_in
from bespoke.web.studio.workspace import furniture, loaded
from workflows.gems import GEMS, Growth, Lab, Origin, Shape, StoneFacts
from workflows.money import Money
from workflows.naming import TREATMENTS
from workflows.roles import Role
from workflows.sentences import sentence
from workflows.stones import Ownership

bp = Blueprint("stones", __name__, url_prefix="/studio")
SOURCES = {source: source for source in stones.SOURCES}
ROLES = {role: role for role in options.ROLES}
SHAPES = {one.value: one for one in Shape}
ORIGINS = {one.value: one for one in Origin}
GROWTHS = {"": None, **{one.value: one for one in Growth}}
LABS = {one.value: one for one in Lab}
REFERENCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,19}", re.ASCII)
FORWARDERS = frozenset({Role.DESIGNER, Role.OFFICE, Role.OWNER})


@bp.get("/stones/")
def register() -> str:
    """Every stone the house knows; words and what is free are in the address."""
    wanted = Wanted(
        clean(request.args.get("q", ""))[:100],
        request.args.get("free") == "1",
        clean(request.args.get("after", ""))[:20],
    )
    found = studio_stones.register(db.session(), current_actor(), wanted)
    return render_template("studio/stones.html", found=found, wanted=wanted)


@bp.get("/stones/new")
def new() -> str:
    """A form for a stone that came in, or was offered."""
    return redraw_new()


def redraw_new(refusal: str = "", kept: Mapping[str, str] | None = None, **_address: Any) -> str:
    """The same with what was refused and everything that was typed."""
    return render_template(
        "studio/stone_new.html",
        refusal=refusal,
        kept=kept or {},
        gems=sorted(GEMS),
        shapes=SHAPES,
        origins=ORIGINS,
        growths=GROWTHS,
        labs=LABS,
        sources=SOURCES,
        treatments=TREATMENTS,
        sees_money=current_actor().role in MONEY_ROLES,
    )


@bp.post("/stones/")
def enter() -> Answer:
    """A stone is entered with its report and its picture, after the checks of what is said of it."""
    form, actor, at = request.form, current_actor(), the_house().clock()
    entered = _new_stone(form)
    report = _report(form)
    file = paper(request.files.get("report"))
    if file is not None and report is None:
        raise NotPossible(_("A report file goes with the laboratory and the number of the report."))
    chosen = request.files.get("photograph")
    picture = taken_in(chosen, "") if chosen is not None and chosen.filename else None
    with transaction() as session:
        row = stones.register(session, entered, actor, at=at)
        if picture is not None:
            row.photograph = files.enter(session, picture.stored, picture.media_type, at=at).digest
        if report is not None:
            digest = None if file is None else files.enter(session, file.stored, file.media_type, at=at).digest
            stones.add_report(session, row, replace(report, digest=digest), actor, at=at)
        reference = row.reference
    return redirect(url_for(".stone", name=reference), 303)


@bp.get("/stones/<name>/")
def stone(name: str) -> str:
    """One stone: what it is, its reports, who has it, and where it was put forward."""
    return redraw_stone(name)


def redraw_stone(name: str, refusal: str = "", kept: Mapping[str, str] | None = None, **_address: Any) -> str:
    """The same with what was refused."""
    actor = current_actor()
    return render_template(
        "studio/stone.html",
        page=studio_stones.page(db.session(), name, actor),
        refusal=refusal,
        kept=kept or {},
        labs=LABS,
        roles=ROLES,
        forwards=actor.role in FORWARDERS,
    )


@bp.post("/stones/<name>/reports")
def add_report(name: str) -> Answer:
    """A laboratory's report, with its file where there is one."""
    actor, at = current_actor(), the_house().clock()
    report = _report(request.form)
    if report is None:
        raise NotPossible(_("A report has a laboratory and a number."))
    file = paper(request.files.get("report"))
    with transaction() as session:
        row = _stone(session, name)
        digest = None if file is None else files.enter(session, file.stored, file.media_type, at=at).digest
        stones.add_report(session, row, replace(report, digest=digest), actor, at=at)
    return redirect(url_for(".stone", name=name), 303)


@bp.post("/stones/<name>/forward")
def forward_from_stone(name: str) -> Answer:
    """The stone is put forward for a piece that is chosen from the list."""
    reference, _dash, letter = clean(request.form.get("piece", "")).rpartition("/")
    _put_forward(reference, letter, name)
    return redirect(url_for(".forward", reference=reference, piece=letter), 303)


@bp.get("/stones/<name>/files/<digest>")
def file(name: str, digest: str) -> Response:
    """The picture of a stone, or the file of one of its reports."""
    row = _stone(db.session(), name)
    own = {row.photograph, *(report.digest for report in row.reports)}
    found = db.session.get(File, digest) if digest in own else None
    if found is None:
        raise NotFound(sentence("file"))
    return send(found, f"{row.reference}-{digest[:8]}")


@bp.get("/<reference>/stones")
def forward(reference: str) -> str:
    """The stones put forward for a piece, and those that could be."""
    return redraw_forward(reference)


def redraw_forward(
    reference: str, letter: str = "", refusal: str = "", kept: Mapping[str, str] | None = None, **_address: Any
) -> str:
    """The same with what was refused."""
    page, actor = loaded(reference, letter), current_actor()
    wanted = Wanted(clean(request.args.get("q", ""))[:100], free=True)
    return render_template(
        "studio/forward.html",
        **furniture(page),
        found=studio_stones.register(db.session(), actor, wanted),
        wanted=wanted,
        taken={one.option.stone_id for one in page.stones if one.option.withdrawn_at is None},
        lines={one.option.id: studio_stones.line_of(one.option.stone, actor) for one in page.stones},
        roles=ROLES,
        forwards=actor.role in FORWARDERS,
        frees_locked=actor.role in MONEY_ROLES,
        refusal=refusal,
        kept=kept or {},
    )


@bp.post("/<reference>/<letter>/stones")
def put_forward(reference: str, letter: str) -> Answer:
    """A stone is put before the client as one the piece could be made with."""
    _put_forward(reference, letter, clean(request.form.get("stone", "")))
    return _back(reference, letter)


@bp.post("/<reference>/<letter>/stones/hand-in")
def hand_in(reference: str, letter: str) -> Answer:
    """The chosen stones are put before the client, who says yes to them."""
    actor = current_actor()
    with transaction() as session:
        options.hand_in(session, piece_of(session, reference, letter, actor), actor, at=the_house().clock())
    return _back(reference, letter)


@bp.post("/<reference>/<letter>/stones/<int:option>/hold")
def hold(reference: str, letter: str, option: int) -> Answer:
    """A stone is kept for this commission until the end of a day, or for the house's usual time."""
    actor, at = current_actor(), the_house().clock()
    until = _end_of_day("until", _("The day it is kept until"))
    with transaction() as session:
        row = _option(session, reference, letter, option)
        holds.hold(session, row.piece.commission, row.stone, actor, at=at, until=until)
    return _back(reference, letter)


@bp.post("/<reference>/<letter>/stones/<int:option>/release")
def release(reference: str, letter: str, option: int) -> Answer:
    """A stone is let go, with the reason."""
    actor, reason = current_actor(), typed(request.form, "reason", most=200)
    with transaction() as session:
        row = _option(session, reference, letter, option)
        held = holds.live(session, row.stone)
        if held is None or held.commission_id != row.piece.commission_id:
            raise NotPossible(_("Stone %(stone)s is not held for this commission.", stone=row.stone.reference))
        holds.release(session, held, reason, actor, at=the_house().clock())
    return _back(reference, letter)


@bp.post("/<reference>/<letter>/stones/<int:option>/withdraw")
def withdraw(reference: str, letter: str, option: int) -> Answer:
    """A stone is taken out of the comparison and let go."""
    with transaction() as session:
        row = _option(session, reference, letter, option)
        options.withdraw(session, row, current_actor(), at=the_house().clock())
    return _back(reference, letter)


def _put_forward(reference: str, letter: str, name: str) -> None:
    form, actor, at = request.form, current_actor(), the_house().clock()
    price = typed(form, "price", most=20)
    role = one_of(form, "role", _("the stone's place"), ROLES)
    voice, until = typed(form, "note"), _end_of_day("until", _("The day it is kept until"))
    with transaction() as session:
        piece, row = piece_of(session, reference, letter, actor), _stone(session, name)
        minor = Money.parse(price, piece.commission.currency).minor if price else None
        options.put_forward(session, piece, row, actor, role=role, voice=voice, piece_price_minor=minor, at=at)
        if until is not None:
            holds.hold(session, piece.commission, row, actor, at=at, until=until)


def _new_stone(form: Mapping[str, str]) -> NewStone:
    actor, house = current_actor(), house_row()
    growth = GROWTHS[one_of(form, "growth", _("how it grew"), GROWTHS)]
    codes = tuple(code for code in request.form.getlist("treatment") if code)
    facts = StoneFacts(
        gem=one_of(form, "gem", _("the gem"), GEMS),
        shape=SHAPES[one_of(form, "shape", _("the shape"), SHAPES)],
        origin=ORIGINS[one_of(form, "origin", _("the origin"), ORIGINS)],
        growth=growth,
        weight_ct=required(form, "weight_ct", _("The weight"), least="0.001", most="10000"),
        length_mm=required(form, "length_mm", _("The length"), least="0.3", most="200"),
        width_mm=required(form, "width_mm", _("The width"), least="0.3", most="200"),
        depth_mm=number(form, "depth_mm", _("The depth"), least="0.1", most="200", needed=False),
        treatments=codes or None,
    )
    cost = typed(form, "cost", most=20) if actor.role in MONEY_ROLES else ""
    reference = typed(form, "reference", most=20, needed=_("Give the stone a reference, such as S-0412."))
    if not REFERENCE.fullmatch(reference):
        raise NotPossible(_("A reference has letters, digits and dashes only, such as S-0412."))
    return NewStone(
        reference=reference,
        facts=facts,
        pieces=whole(form, "pieces", _("The number of stones"), least=1, most=10_000),
        weight_source=one_of(form, "weight_source", _("where the weight is from"), SOURCES),
        colour=typed(form, "colour", most=60) or None,
        country=typed(form, "country", most=60) or None,
        inscription=typed(form, "inscription", most=60),
        ownership=Ownership.MEMO if day(form, "memo_due", _("The memo's day")) else Ownership.HOUSE,
        memo_due_at=_end_of_day("memo_due", _("The memo's day")),
        supplier=typed(form, "supplier", most=120),
        cost=Money.parse(cost, house.currency) if cost else None,
    )


def _report(form: Mapping[str, str]) -> NewReport | None:
    laboratory, told = form.get("laboratory", ""), typed(form, "report_number", most=40)
    if not laboratory and not told:
        return None
    issued = day(form, "issued", _("The day of the report"))
    return NewReport(one_of(form, "laboratory", _("the laboratory"), LABS), told, issued.isoformat() if issued else "")


def _end_of_day(name: str, words: str) -> datetime | None:
    wanted = day(request.form, name, words)
    if wanted is None:
        return None
    return datetime.combine(wanted, time(18), ZoneInfo(house_row().time_zone))


def _stone(session: Session, name: str) -> StoneRow:
    row = session.scalar(select(StoneRow).where(StoneRow.reference == name))
    if row is None:
        raise NotFound(sentence("stone"))
    return row


def _option(session: Session, reference: str, letter: str, number: int) -> StoneOption:
    for option in piece_of(session, reference, letter, current_actor()).options:
        if option.id == number:
            return option
    raise NotFound(sentence("stone"))


def _back(reference: str, letter: str) -> Answer:
    piece = None if letter.upper() == "A" else letter.upper()
    return redirect(url_for(".forward", reference=reference, piece=piece), 303)


FORMS: Mapping[str, Redraw] = {
    "studio.stones.enter": redraw_new,
    "studio.stones.add_report": redraw_stone,
    "studio.stones.forward_from_stone": redraw_stone,
    "studio.stones.put_forward": redraw_forward,
    "studio.stones.hand_in": redraw_forward,
    "studio.stones.hold": redraw_forward,
    "studio.stones.release": redraw_forward,
    "studio.stones.withdraw": redraw_forward,
}
"""Where a refusal is answered with the page its form stood on."""
