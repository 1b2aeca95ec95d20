"""Letters to look at: in the outbox, and those not written yet as they would read now."""

from base64 import b64encode
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, Response, make_response, render_template, url_for
from sqlalchemy import select

from bespoke.jobs import telling
from bespoke.mailing import KeptLetter, read_kept, read_outbox
from bespoke.models.notice import Notice
from bespoke.models.people import Person
from bespoke.notifications import letters
from bespoke.notifications.letters import Written
from bespoke.notifications.quiet import next_slot
from bespoke.queries.commissions import NotFound
from bespoke.web.access import house_row, the_house
from bespoke.web.database import db
from bespoke.web.headers import CONTENT_SECURITY
from workflows.sentences import sentence

bp = Blueprint("mails", __name__, url_prefix="/outbox")

MOST = 200
MOST_PICTURE = 4_000_000  # bytes; a letter that is sent carries it smaller
FRAMED = f"{CONTENT_SECURITY}; frame-src 'self'"
# the letter itself: its own inline styles and pictures inside it, no scripts; its links open beside the page
LETTER = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; "
    "sandbox allow-popups allow-popups-to-escape-sandbox"
)
BASE = '<head>\n<base target="_blank">'


@dataclass(frozen=True, slots=True)
class Waiting:
    """A letter that waits for its hour."""

    person: Person
    written: Written
    due: datetime


@bp.get("/")
def index() -> str:
    """What was written, the newest first, and what waits."""
    house = the_house()
    kept = () if house.settings.smtp_url else read_outbox(house.settings.outbox_folder, most=MOST)
    return render_template("mails/index.html", kept=kept, waiting=_waiting(), by_server=bool(house.settings.smtp_url))


@bp.get("/<name>/")
def letter(name: str) -> Response:
    """One letter: who wrote to whom, as it looks, and its plain twin."""
    return _shown(_kept(name), url_for(".letter_html", name=name), name)


@bp.get("/<name>/html")
def letter_html(name: str) -> Response:
    """The letter's own HTML, for the frame it is shown in."""
    return _bare(_kept(name).html)


@bp.get("/waiting/<int:person>/")
def waiting(person: int) -> Response:
    """A letter as it would read if it were written now."""
    found = _of(person)
    kept = KeptLetter(
        name="",
        at=found.due,
        sender=found.written.sender,
        to=found.person.email,
        reply_to=found.written.reply_to,
        subject=found.written.subject,
        text=found.written.text,
        html=found.written.html,
    )
    return _shown(kept, url_for(".waiting_html", person=person), "")


@bp.get("/waiting/<int:person>/html")
def waiting_html(person: int) -> Response:
    """Its HTML, for the frame it is shown in."""
    written = _of(person).written
    return _bare(written.html.replace("cid:picture", _inside(written.picture)))


def _kept(name: str) -> KeptLetter:
    house = the_house()
    found = None if house.settings.smtp_url else read_kept(house.settings.outbox_folder, name)
    if found is None:
        raise NotFound(sentence("letter"))
    return found


def _waiting() -> list[Waiting]:
    session, at, row = db.session(), the_house().clock(), house_row()
    still = select(Notice).where(Notice.letter_id.is_(None), Notice.dropped_at.is_(None)).order_by(Notice.id)
    by_person: dict[int, list[Notice]] = {}
    for notice in session.scalars(still.limit(MOST)):
        by_person.setdefault(notice.person_id, []).append(notice)
    found = []
    for number, notices in by_person.items():
        person = session.get_one(Person, number)
        news, _ = letters.sort_out(session, person, row, notices)
        if news:
            written = letters.write(session, person, row, news, the_house().settings.address)
            due = next_slot(at, row.time_zone, telling.last_letter(session, person))
            found.append(Waiting(person, written, due))
    return found


def _of(person: int) -> Waiting:
    for one in _waiting():
        if one.person.id == person:
            return one
    raise NotFound(sentence("letter"))


def _inside(digest: str | None) -> str:
    """A picture as the letter will carry it within; nothing where there is none."""
    if digest is None:
        return ""
    with the_house().storage.open(digest) as content:
        picture = content.read(MOST_PICTURE)
    kind = "png" if picture.startswith(b"\x89PNG") else "jpeg"
    return f"data:image/{kind};base64,{b64encode(picture).decode()}"


def _shown(kept: KeptLetter, frame: str, name: str) -> Response:
    answer = make_response(render_template("mails/letter.html", letter=kept, frame=frame, name=name))
    answer.headers["Content-Security-Policy"] = FRAMED
    return answer


def _bare(html: str) -> Response:
    answer = Response(html.replace("<head>", BASE, 1), mimetype="text/html")
    answer.headers["Content-Security-Policy"] = LETTER
    return answer
