"""Passkeys of the staff: a key in a device, asked to sign our question; py_webauthn checks what comes back.

Loads the cryptography of attestations (about 4 MB), so only the routes of passkeys import this.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from bespoke.models.factor import Passkey
from bespoke.models.people import Person
from bespoke.services.errors import Missing, NotPossible
from workflows.sentences import sentence

MOST = 10


@dataclass(frozen=True, slots=True)
class Place:
    """Where the pages are: a key made for one name works for no other.

    Attributes:
        name: the host's name: `house.example`.
        origin: scheme, name and port: `https://house.example`.
    """

    name: str
    origin: str


@dataclass(frozen=True, slots=True)
class Question:
    """What the browser is asked to sign; the challenge waits in the cookie for the answer."""

    options: str
    challenge: str


def ask_new(session: Session, person: Person, place: Place, house: str) -> Question:
    """The question with which a browser makes a key."""
    known = of(session, person)
    if len(known) >= MOST:
        raise NotPossible(sentence("You have %(most)s passkeys. Take one away first.", most=MOST))
    options = generate_registration_options(
        rp_id=place.name,
        rp_name=house,
        user_id=f"person {person.id}".encode(),
        user_name=person.email,
        user_display_name=person.name,
        exclude_credentials=[PublicKeyCredentialDescriptor(base64url_to_bytes(one.credential)) for one in known],
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED,
            user_verification=UserVerificationRequirement.PREFERRED,
        ),
    )
    return Question(options_to_json(options), bytes_to_base64url(options.challenge))


def add(
    session: Session, person: Person, answer: str, challenge: str, place: Place, name: str, *, at: datetime
) -> Passkey:
    """Keep the key a browser has made.

    Raises:
        NotPossible: it answers another question, or is for another house.
    """
    try:
        made = verify_registration_response(
            credential=_read(answer),
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=place.name,
            expected_origin=place.origin,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError) as fault:
        raise NotPossible(sentence("The passkey could not be checked. Try once more, or use the app.")) from fault
    credential = bytes_to_base64url(made.credential_id)
    if session.scalar(select(Passkey.id).where(Passkey.credential == credential)) is not None:
        raise NotPossible(sentence("This passkey is known already."))
    row = Passkey(
        person_id=person.id,
        credential=credential,
        public_key=bytes_to_base64url(made.credential_public_key),
        sign_count=made.sign_count,
        name=name.strip()[:80] or "Passkey",
        created_at=at,
    )
    session.add(row)
    session.flush()
    return row


def ask_known(session: Session, person: Person, place: Place) -> Question:
    """The question with which one of the staff shows a key they have.

    Raises:
        Missing: they have none.
    """
    known = of(session, person)
    if not known:
        raise Missing(sentence("You have no passkey yet. Use the code of your app."))
    options = generate_authentication_options(
        rp_id=place.name,
        allow_credentials=[PublicKeyCredentialDescriptor(base64url_to_bytes(one.credential)) for one in known],
        user_verification=UserVerificationRequirement.PREFERRED,
    )
    return Question(options_to_json(options), bytes_to_base64url(options.challenge))


def show(session: Session, person: Person, answer: str, challenge: str, place: Place, *, at: datetime) -> Passkey:
    """Take a signed answer.

    Raises:
        NotPossible: it is not of a key of theirs, or answers another question.
    """
    try:
        said = _read(answer)
        row = session.scalar(
            select(Passkey)
            .where(Passkey.person_id == person.id, Passkey.credential == str(said.get("id")))
            .with_for_update()
        )
        if row is None:
            raise NotPossible(sentence("This passkey is not one of yours."))
        shown = verify_authentication_response(
            credential=said,
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=place.name,
            expected_origin=place.origin,
            credential_public_key=base64url_to_bytes(row.public_key),
            credential_current_sign_count=row.sign_count,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError) as fault:
        raise NotPossible(sentence("The passkey could not be checked. Try once more, or use the app.")) from fault
    row.sign_count = shown.new_sign_count
    row.used_at = at
    session.flush()
    return row


def of(session: Session, person: Person) -> tuple[Passkey, ...]:
    """Somebody's passkeys, oldest first."""
    return tuple(session.scalars(select(Passkey).where(Passkey.person_id == person.id).order_by(Passkey.id)))


def take_away(session: Session, person: Person, passkey_id: int) -> None:
    """Let one passkey no longer open.

    Raises:
        Missing: it is not theirs.
    """
    statement = delete(Passkey).where(Passkey.person_id == person.id, Passkey.id == passkey_id).returning(Passkey.id)
    if session.scalar(statement) is None:
        raise Missing(sentence("That passkey is not there any more."))


def _read(answer: str) -> dict[str, Any]:
    said = json.loads(answer)
    if not isinstance(said, dict):
        raise NotPossible(sentence("The passkey could not be read. Try once more, or use the app."))
    return said
