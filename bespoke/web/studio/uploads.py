"""/studio/REF/A/uploads: a drawing of hundreds of MB, sent in parts that are counted and hashed, and resumed.

An upload belongs to a person and a piece; another's is as unknown as none. Without scripts the same form sends the
file whole. Either way nothing of a file is kept in memory but one part.
"""

from os import SEEK_END
from typing import Any, BinaryIO, cast

from flask import Blueprint, redirect, request, url_for
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response as Answer

from bespoke.house import House
from bespoke.services import designs
from bespoke.services.errors import NotPossible
from bespoke.storage.store import Stored, chunks_of
from bespoke.storage.uploads import PART_BYTES, Body, Upload
from bespoke.templating.catalogue import _
from bespoke.web.access import MEGABYTE, current_actor, the_house
from bespoke.web.database import db, transaction
from bespoke.web.staff import doing
from bespoke.web.studio.asked import clean, piece_of, typed
from bespoke.web.studio.workspace import redraw
from renders.errors import RenderError
from renders.formats import HEAD_BYTES, check_size, sniff
from workflows.roles import Actor

bp = Blueprint("uploads", __name__, url_prefix="/studio")
BYTES_MOST = 13  # digits of a file's length
Told = dict[str, Any]


@bp.post("/<reference>/<letter>/uploads")
def begin(reference: str, letter: str) -> tuple[Told, int]:
    """A new upload, refused before a byte is sent where the drawing could not be taken anyway."""
    house, actor, at = the_house(), current_actor(), the_house().clock()
    doing.may_hand_in(db.session(), reference, letter, actor, at=at)
    length = request.form.get("size", "")
    if not (length.isascii() and length.isdecimal() and len(length) <= BYTES_MOST):
        raise NotPossible(_("Say how many bytes the file has."))
    check_size(int(length))
    name = doing.plain_name(clean(request.form.get("name", "")))
    upload = house.uploads.begin(_owner(actor, reference, letter), name, int(length), at=at)
    return _state(house, upload, reference, letter), 201


@bp.get("/<reference>/<letter>/uploads/<identifier>")
def state(reference: str, letter: str, identifier: str) -> Told:
    """Which parts have come whole, so that a reloaded page need not send them again."""
    house = the_house()
    return _state(house, _upload(house, identifier, reference, letter), reference, letter)


@bp.put("/<reference>/<letter>/uploads/<identifier>/<int:number>")
def part(reference: str, letter: str, identifier: str, number: int) -> Told:
    """One part, whose SHA-256 is announced beside it; sending it twice changes nothing."""
    house, at = the_house(), the_house().clock()
    upload = _upload(house, identifier, reference, letter)
    digest = request.headers.get("X-Part-SHA256", "").lower()
    address = house.uploads.sign(upload, number, digest, at=at)
    announced = -1 if request.content_length is None else request.content_length
    content = cast(Body, request.stream)
    arrived = house.uploads.receive(identifier, number, address.token, content, announced=announced, at=at)
    return {"number": arrived.number, "size": arrived.size, "sha256": arrived.digest}


@bp.post("/<reference>/<letter>/uploads/<identifier>/finish")
def finish(reference: str, letter: str, identifier: str) -> tuple[Told, int]:
    """All parts are there: the file is recognised, kept, entered as the next revision, and examined."""
    house = the_house()
    upload = _upload(house, identifier, reference, letter)
    try:
        sniff(house.uploads.head(upload, HEAD_BYTES), upload.size)
    except RenderError:
        house.uploads.discard(upload)  # it will not be another file the next time
        raise
    stored = house.uploads.finish(upload, house.storage)
    number = _enter(house, reference, letter, stored, upload.name)
    house.uploads.discard(upload)
    return {"revision": number, "next": _page(reference, letter)}, 201


@bp.post("/<reference>/<letter>/revisions")
def whole_file(reference: str, letter: str) -> Answer:
    """The same in one piece, from a plain form."""
    house, actor, at = the_house(), current_actor(), the_house().clock()
    chosen = request.files.get("cad")
    if chosen is None or not chosen.filename:
        raise doing.NoFile
    doing.may_hand_in(db.session(), reference, letter, actor, at=at)
    stored = _kept(house, chosen)
    _enter(house, reference, letter, stored, doing.plain_name(clean(chosen.filename)))
    return redirect(_page(reference, letter), 303)


def _kept(house: House, chosen: FileStorage) -> Stored:
    content = cast(BinaryIO, chosen.stream)
    head = content.read(HEAD_BYTES)
    sniff(head, content.seek(0, SEEK_END))  # refused before it is kept
    content.seek(0)
    return house.storage.put(chunks_of(content), limit_bytes=house.settings.upload_limit_mb * MEGABYTE)


def _enter(house: House, reference: str, letter: str, stored: Stored, name: str) -> int:
    actor, at = current_actor(), house.clock()
    note, unit = typed(request.form, "note"), doing.unit_of(request.form.get("unit", ""))
    with transaction() as session:
        piece = piece_of(session, reference, letter, actor)
        row = designs.hand_in(session, house.storage, piece, stored, name, actor, at=at, note=note, unit=unit)
        return row.number


def _owner(actor: Actor, reference: str, letter: str) -> str:
    return f"{actor.id}/{reference}/{letter.upper()}"


def _upload(house: House, identifier: str, reference: str, letter: str) -> Upload:
    return house.uploads.get(identifier, _owner(current_actor(), reference, letter))


def _state(house: House, upload: Upload, reference: str, letter: str) -> Told:
    return {
        "id": upload.identifier,
        "name": upload.name,
        "size": upload.size,
        "part_bytes": PART_BYTES,
        "parts": upload.parts,
        "arrived": [one.number for one in house.uploads.arrived(upload)],
        "address": url_for("studio.uploads.state", reference=reference, letter=letter, identifier=upload.identifier),
    }


def _page(reference: str, letter: str) -> str:
    return url_for(
        "studio.workspace.page", reference=reference, piece=None if letter.upper() == "A" else letter.upper()
    )


FORMS = {"studio.uploads.whole_file": redraw}
"""Where a refusal is answered with the page its form stood on."""
