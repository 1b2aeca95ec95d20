"""Letters that have to arrive at once: a link to come in with, a code to say yes with, word of a changed way in."""

import enum
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from bespoke.models.commission import Commission, CommissionState, Participant
from bespoke.models.house import HouseRow
from bespoke.models.people import Person
from bespoke.notifications import facts
from bespoke.notifications.letters import Written
from bespoke.templating import environment, filters
from bespoke.templating.catalogue import _, locale, ngettext, speaking


@dataclass(frozen=True, slots=True)
class Enquired:
    """What somebody wrote at the door."""

    name: str
    telephone: str
    words: str


class What(enum.StrEnum):
    """What was done with somebody's way in."""

    PASSWORD = "password"
    FACTOR_ADDED = "factor_added"
    FACTOR_AWAY = "factor_away"
    CODES_MADE = "codes_made"
    CODE_USED = "code_used"
    DEVICE = "device"
    CONTACT = "contact"


def link(session: Session, person: Person, house: HouseRow, address: str) -> Written:
    """The link a client asked for, or the house sent."""
    with speaking(person.language):
        return _write(
            session,
            person,
            house,
            kind="link",
            subject=_("Your link"),
            heading=_("Here is your link"),
            sentences=(
                _("It opens your page on one device, once; that device remembers you for seven days."),
                _("If you did not ask for it, do nothing: nobody can use it but whoever reads this letter."),
            ),
            button=_("Open my page"),
            address=address,
        )


def code(session: Session, person: Person, house: HouseRow, digits: str, until: datetime) -> Written:
    """The six digits for one act."""
    with speaking(person.language):
        good_until = until.astimezone(ZoneInfo(house.time_zone)).strftime("%H:%M")
        return _write(
            session,
            person,
            house,
            kind="code",
            subject=_("Your code"),
            heading=f"{digits[:3]} {digits[3:]}",
            sentences=(
                _(
                    "Type these six digits on the page that asked for them. They are good until %(time)s.",
                    time=good_until,
                ),
                _("They say yes to exactly what is shown there. Nobody of ours will ever ask you for them."),
            ),
        )


def came_back(session: Session, reader: Person, house: HouseRow, who: Person, said: Enquired, address: str) -> Written:
    """To the office: somebody whose account was closed has sent an enquiry, for which nothing was opened."""
    with speaking(reader.language):
        reached = ", ".join(part for part in (who.email, said.telephone or who.telephone) if part)
        return _write(
            session,
            reader,
            house,
            kind="enquiry",
            subject=_("An enquiry from a closed account: %(name)s", name=said.name),
            heading=_("%(name)s wrote to us again", name=said.name),
            sentences=(
                _("“%(words)s”", words=said.words),
                _(
                    "Their account was closed, so nothing was opened, and they were told that we answer: %(at)s.",
                    at=reached,
                ),
            ),
            button=_("Look at their account"),
            address=address,
        )


def alert(
    session: Session, person: Person, house: HouseRow, what: What, *, at: datetime, device: str, left: int
) -> Written:
    """What was done with somebody's way in, when and on which device; what to do if it was not them."""
    with speaking(person.language):
        zone = ZoneInfo(house.time_zone)
        subject, told = _told(what, person, left)
        where = _("On %(device)s, %(when)s.", device=device, when=filters.moment(at, zone, locale=locale()))
        when = _("%(when)s.", when=filters.moment(at, zone, locale=locale()))
        return _write(
            session,
            person,
            house,
            kind="alert",
            subject=subject,
            heading=subject,
            sentences=(told, where if device else when, _unless(person, house)),
        )


def _told(what: What, person: Person, left: int) -> tuple[str, str]:
    if what is What.PASSWORD:
        return _("Your password was changed"), _("It opens from now on; every other device was signed out.")
    if what is What.FACTOR_ADDED:
        return _("A second factor was added"), _("An app or a passkey can be used to sign in as you from now on.")
    if what is What.FACTOR_AWAY:
        return _("A passkey was taken away"), _("It opens nothing any more.")
    if what is What.CODES_MADE:
        return _("New codes for paper were made"), _("Those before no longer open anything.")
    if what is What.CODE_USED:
        told = ngettext("%(num)s code is left on your paper.", "%(num)s codes are left on your paper.", left)
        return _("A code from paper was used"), told
    if what is What.CONTACT:
        return _("Your name or number was changed"), _("They stand in your settings as they are now.")
    if person.is_staff:
        return _("You signed in on a new device"), _("We had not seen it before.")
    return _("Your page was opened on a new device"), _("It remembers you for seven days; your settings list it.")


def _unless(person: Person, house: HouseRow) -> str:
    if person.is_staff:
        return _("If it was not you, tell the owner of the house now, and change your password.")
    words = _("If it was not you, sign that device out in your settings and tell us.")
    return f"{words} {house.telephone}".rstrip() if house.telephone else words


def _write(
    session: Session,
    person: Person,
    house: HouseRow,
    *,
    kind: str,
    subject: str,
    heading: str,
    sentences: tuple[str, ...],
    button: str = "",
    address: str = "",
) -> Written:
    discreet = _has_secret(session, person)
    own = "" if discreet else ", ".join(part for part in (house.name, house.address, house.telephone) if part)
    shown = {
        "subject": subject if discreet else f"{subject}, {house.name}",
        "heading": heading,
        "sentences": sentences,
        "name": facts.first_name(person.name),
        "button": button,
        "link": address,
        "house": "" if discreet else house.name,
        "foot": own,
    }
    made = environment(str(locale()))
    return Written(
        kind=kind,
        subject=str(shown["subject"]),
        text=made.get_template("emails/secret.txt").render(shown).strip() + "\n",
        html=made.get_template("emails/secret.html").render(shown),
        sender="" if discreet else house.name,
        reply_to=house.email,
        picture=None,
        discreet=discreet,
    )


def _has_secret(session: Session, person: Person) -> bool:
    """Whether any of their open commissions is a surprise to somebody who may read their mail with them."""
    open_ones = session.scalars(
        select(Commission)
        .join(Participant, Participant.commission_id == Commission.id)
        .where(Participant.person_id == person.id, Commission.state == CommissionState.OPEN)
    )
    return any(facts.is_secret(commission) for commission in open_ones)
