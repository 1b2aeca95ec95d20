"""The second thing one of the staff shows: the code of an app on their telephone, or one of ten codes on paper."""

import base64
import hashlib
import hmac
import secrets
from datetime import datetime, timedelta

import pyotp
from cryptography.fernet import Fernet, InvalidToken
from sqlalchemy import delete, exists, func, select, update
from sqlalchemy.orm import Session

from bespoke.models.factor import Authenticator, Passkey, RecoveryCode
from bespoke.models.people import Person
from bespoke.services import attempts
from bespoke.services.attempts import Limit
from bespoke.services.errors import NotPossible, ServiceError
from bespoke.services.links import hash_of
from workflows.sentences import sentence

HALF_MINUTE = 30
DRIFT = 1  # half-minutes a telephone's clock may be off either way
CODES = 10
ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"  # without what is misread from paper
TRYING = Limit("second factor", 6, timedelta(minutes=15))


class WrongFactor(ServiceError):
    """The code does not fit, or was used before."""

    def __init__(self) -> None:
        super().__init__(sentence("That code does not fit, or was used before. Wait for the next one and type it."))


def new_secret(secret_key: str) -> str:
    """A secret for an app, sealed with the house's key so that it may wait in a cookie or a row."""
    return _box(secret_key).encrypt(pyotp.random_base32().encode()).decode()


def plain_secret(sealed: str, secret_key: str) -> str:
    """The secret as it is typed into an app.

    Raises:
        NotPossible: it was sealed by another house, or cut off.
    """
    try:
        return _box(secret_key).decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise NotPossible(sentence("The code to scan is too old. Begin again.")) from None


def address_of(sealed: str, secret_key: str, person: Person, house: str) -> str:
    """What the QR code says: `otpauth://…`."""
    return pyotp.TOTP(plain_secret(sealed, secret_key)).provisioning_uri(name=person.email, issuer_name=house)


def confirm(session: Session, person: Person, sealed: str, typed: str, secret_key: str, *, at: datetime) -> None:
    """Take an app into use, in the place of any before, once it has shown a right code.

    Raises:
        WrongFactor: the code is not of this secret.
    """
    step = _step_of(plain_secret(sealed, secret_key), typed, at, after=0)
    if step is None:
        raise WrongFactor
    session.execute(delete(Authenticator).where(Authenticator.person_id == person.id))
    session.add(Authenticator(person_id=person.id, secret_sealed=sealed, last_step=step, created_at=at))
    session.flush()


def count_try(session: Session, person_id: int, *, at: datetime) -> None:
    """Count a try before it is looked at, in a transaction of its own.

    Raises:
        TooMany: six within a quarter of an hour.
    """
    attempts.require_room(session, TRYING, str(person_id), at=at)
    attempts.count(session, TRYING, str(person_id), at=at)


def show(session: Session, person: Person, typed: str, secret_key: str, *, at: datetime) -> None:
    """Take a code of the app or one from paper; each is taken once, of two at once one.

    Raises:
        WrongFactor: it fits neither, or was used before.
    """
    plain = "".join(typed.split()).lower()
    if not (_take_app_code(session, person, plain, secret_key, at) or _take_paper_code(session, person, plain, at)):
        raise WrongFactor
    forget_tries(session, person.id)


def forget_tries(session: Session, person_id: int) -> None:
    """Begin to count anew: a second factor was shown, a code or a passkey."""
    attempts.forget(session, TRYING, str(person_id))


def new_codes(session: Session, person: Person, *, at: datetime) -> tuple[str, ...]:
    """Ten new codes for paper; those before no longer count. They are told this once."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person.id))
    codes = tuple(_paper_code() for _ in range(CODES))
    session.add_all(
        RecoveryCode(person_id=person.id, code_hash=_paper_hash(person, code), created_at=at) for code in codes
    )
    session.flush()
    return codes


def codes_left(session: Session, person: Person) -> int:
    """How many of the codes on paper still open."""
    statement = select(func.count()).select_from(RecoveryCode)
    return session.scalar(statement.where(RecoveryCode.person_id == person.id, RecoveryCode.used_at.is_(None))) or 0


def has_app(session: Session, person: Person) -> bool:
    """Whether they have an app on their telephone."""
    return session.get(Authenticator, person.id) is not None


def is_set_up(session: Session, person: Person) -> bool:
    """Whether they can sign in without the console: a password, and an app or a passkey."""
    has_passkey = session.scalar(select(exists().where(Passkey.person_id == person.id)))
    return person.password_hash is not None and (bool(has_passkey) or has_app(session, person))


def _take_app_code(session: Session, person: Person, typed: str, secret_key: str, at: datetime) -> bool:
    row = session.get(Authenticator, person.id)
    if row is None:
        return False
    step = _step_of(plain_secret(row.secret_sealed, secret_key), typed, at, after=row.last_step)
    if step is None:
        return False
    statement = (
        update(Authenticator)
        .where(Authenticator.person_id == person.id, Authenticator.last_step < step)
        .values(last_step=step)
        .returning(Authenticator.person_id)
        .execution_options(synchronize_session=False)
    )
    return session.scalar(statement) is not None


def _take_paper_code(session: Session, person: Person, typed: str, at: datetime) -> bool:
    statement = (
        update(RecoveryCode)
        .where(RecoveryCode.person_id == person.id, RecoveryCode.code_hash == _paper_hash(person, typed))
        .where(RecoveryCode.used_at.is_(None))
        .values(used_at=at)
        .returning(RecoveryCode.id)
        .execution_options(synchronize_session=False)
    )
    return session.scalar(statement) is not None


def _step_of(secret: str, typed: str, at: datetime, *, after: int) -> int | None:
    """The half-minute a code is of, where it is near enough and later than `after`."""
    if len(typed) != 6 or not (typed.isascii() and typed.isdigit()):
        return None
    app, now, found = pyotp.TOTP(secret), int(at.timestamp()) // HALF_MINUTE, None
    for step in range(now - DRIFT, now + DRIFT + 1):
        # every one is compared, so that the time taken does not tell how near a guess was
        if hmac.compare_digest(app.generate_otp(step), typed) and step > after:
            found = step
    return found


def _paper_code() -> str:
    letters = "".join(secrets.choice(ALPHABET) for _ in range(12))
    return f"{letters[:4]}-{letters[4:8]}-{letters[8:]}"


def _paper_hash(person: Person, code: str) -> str:
    return hash_of(f"{person.id} {code.replace('-', '')}")


def _box(secret_key: str) -> Fernet:
    key = hashlib.sha256(b"bespoke: secrets of authenticator apps\n" + secret_key.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(key))
