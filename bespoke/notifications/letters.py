"""A letter laid out: one piece of news or several, as HTML that works without pictures, and as text of the same words.

The link that signs a client in is not known here and kept nowhere: `LINK` stands in its place until it is sent.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from bespoke.models.commission import Commission
from bespoke.models.house import HouseRow
from bespoke.models.notice import Notice
from bespoke.models.people import Person
from bespoke.models.piece import Piece
from bespoke.notifications import facts, to_clients, to_staff
from bespoke.notifications.words import ASKED, Mail, Said, say
from bespoke.templating import environment
from bespoke.templating.catalogue import _, locale, ngettext, speaking

LINK = "https://link.invalid/enter/"
PICTURE = "picture"  # the picture's name within the letter: cid:picture
CAMERA, GROUNDS = "three-quarter", ("dark", "paper")  # as in the viewing room, where it was drawn so
BLANK_LINES = re.compile(r"\n{3,}")


@dataclass(frozen=True, slots=True)
class News:
    """One notice with the commission it is of, and the words for it."""

    notice: Notice
    commission: Commission
    said: Said
    asks: bool


@dataclass(frozen=True, slots=True)
class Written:
    """A letter as it goes out.

    Attributes:
        sender: the name before the address; neutral where the letter must give nothing away.
        reply_to: a person's address, so that an answer reaches somebody.
        picture: the digest of the picture above it, or None.
    """

    kind: str
    subject: str
    text: str
    html: str
    sender: str
    reply_to: str
    picture: str | None
    discreet: bool


def sort_out(
    session: Session, person: Person, house: HouseRow, notices: Sequence[Notice]
) -> tuple[list[News], list[Notice]]:
    """What is still news, in the person's language, and what no longer is."""
    fresh, moot = [], []
    with speaking(person.language):
        for notice in notices:
            commission = session.get_one(Commission, notice.commission_id)
            mail = mail_for(notice.kind, person)
            if mail is None or facts.is_moot(notice, commission, mail.asks):
                moot.append(notice)
                continue
            asks = mail.asks or mail.group == ASKED
            if facts.is_secret(commission) and not person.is_staff:
                mail = to_clients.DISCREET
            known = facts.words_of(session, notice, commission, person, house)
            fresh.append(News(notice, commission, say(mail, known), bool(asks)))
    return fresh, moot


def write(session: Session, person: Person, house: HouseRow, news: Sequence[News], address: str) -> Written:
    """The letter about this news.

    Args:
        address: where the house is, without a closing slash.
    """
    with speaking(person.language):
        discreet = any(facts.is_secret(one.commission) for one in news) and not person.is_staff
        signed = facts.signed_by(session, [one.notice for one in news])
        apart = {one.said: one for one in sorted(news, key=_rank)}  # what reads alike is said once
        lead, *rest = apart.values()
        top = lead.said
        picture = None if discreet or not top.picture else _still(lead)
        shown = {
            "said": top,
            "name": facts.first_name(person.name),
            "items": rest,
            "link": _link(person, address, top.path),
            "signed": signed,
            "house": house,
            "discreet": discreet,
            "staff": person.is_staff,
            "picture": picture,
            "cid": PICTURE,
            "foot": _foot(house, discreet=discreet, staff=person.is_staff),
            "settings": f"{address}/my/settings",
            "alt": _("Your %(thing)s, as it is drawn now", thing=_thing_of(lead)) if picture else "",
        }
        return Written(
            kind="digest" if rest else lead.notice.kind,
            subject=_subject(top, len(rest)),
            text=_text(shown),
            html=environment(str(locale())).get_template("emails/letter.html").render(shown),
            sender=_sender(discreet, signed, house),
            reply_to=signed.email if signed is not None and not discreet else house.email,
            picture=picture,
            discreet=discreet,
        )


def mail_for(kind: str, person: Person) -> Mail | None:
    """The words of a kind of letter for one side; None for a kind that is no longer written."""
    return (to_staff.MAILS if person.is_staff else to_clients.MAILS).get(kind)


def _rank(one: News) -> tuple[bool, int]:
    """What is asked comes before what is told."""
    return not one.asks, one.notice.id


def _subject(top: Said, more: int) -> str:
    if not more:
        return top.subject
    return ngettext(
        "%(subject)s, and one thing more", "%(subject)s, and %(num)s things more", more, subject=top.subject
    )


def _link(person: Person, address: str, path: str) -> str:
    return f"{address}{path}" if person.is_staff else f"{LINK}?to={path}"


def _foot(house: HouseRow, *, discreet: bool, staff: bool) -> str:
    if staff:
        return _("You are written to because of your role in the house. The link needs your sign-in.")
    told = _(
        "The link opens your page on this device, once, and works for 7 days. "
        "We never ask for payment details, or change them, by e-mail."
    )
    own = ", ".join(part for part in (house.name, house.address, house.telephone) if part)
    return told if discreet else f"{told} {own}."


def _sender(discreet: bool, signed: Person | None, house: HouseRow) -> str:
    if not discreet:
        return house.name
    return signed.name if signed is not None else ""


def _still(one: News) -> str | None:
    """The digest of the newest drawing the client was shown, from three quarters."""
    for piece in one.commission.pieces:
        for revision in reversed(piece.revisions):
            if revision.published_at is None:
                continue
            stills = {
                row.ground: row.digest for row in revision.pictures if row.kind == "still" and row.camera == CAMERA
            }
            return next((stills[ground] for ground in GROUNDS if ground in stills), None)
    return None


def _thing_of(one: News) -> str:
    piece: Piece = one.commission.pieces[0]
    return piece.template.title.lower()


def _text(shown: dict[str, object]) -> str:
    # the same sentences as the HTML, laid out for a narrow window
    made = environment(str(locale())).get_template("emails/letter.txt").render(shown)
    return BLANK_LINES.sub("\n\n", made).strip() + "\n"
