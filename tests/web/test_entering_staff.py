"""Staff: password, app, codes on paper and passkeys; what opens without a second factor; roles and devices."""

import base64
import hashlib
import json
import re
import secrets
from datetime import timedelta

import cbor2
import pyotp
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from flask.testing import FlaskClient
from sqlalchemy import select

from bespoke.jobs.runner import Runner
from bespoke.jobs.tasks import TASKS
from bespoke.mailing import read_outbox
from bespoke.models.access import SignIn
from bespoke.models.factor import Passkey, RecoveryCode
from bespoke.models.job import Job, Queue
from bespoke.models.people import Person
from bespoke.services import alerts, factors, links, passwords
from tests.web.conftest import Website, token_of

ACCOUNT, SET_UP, ENTER = "/house/account/", "/house/account/set-up", "/enter/staff"
WORDS = "copper lantern walks north"
EMAIL = "maren.oduya@example.org"


def owner(session, website: Website) -> Person:
    return session.get_one(Person, int(website.cast.owner.id))


@pytest.fixture
def secret(website: Website) -> str:
    """The owner has a password and an app; this is the app's secret."""
    house, at = website.house, website.house.clock()
    sealed = factors.new_secret(house.secret_key)
    plain = factors.plain_secret(sealed, house.secret_key)
    with house.database.transaction() as session:
        person = owner(session, website)
        passwords.put(session, person, WORDS)
        before = at - timedelta(minutes=5)
        factors.confirm(session, person, sealed, pyotp.TOTP(plain).at(before), house.secret_key, at=before)
    return plain


def show_password(browser: FlaskClient, typed: str = WORDS, email: str = EMAIL, to: str = ""):
    form = {"email": email, "password": typed, "to": to, "csrf_token": token_of(browser, ENTER)}
    return browser.post(ENTER, data=form)


def show_code(browser: FlaskClient, code: str, to: str = ""):
    path = f"{ENTER}/second"
    return browser.post(path, data={"code": code, "to": to, "csrf_token": token_of(browser, path)})


def now_code(website: Website, secret: str) -> str:
    return pyotp.TOTP(secret).at(website.house.clock())


def test_password_and_app_open_the_house_for_a_working_day(website: Website, secret: str):
    browser = website.browser()
    first = show_password(browser, to=ACCOUNT)
    assert first.headers["Location"] == f"{ENTER}/second?to={ACCOUNT}"
    assert browser.get(ACCOUNT).status_code == 401  # half is not enough
    second = show_code(browser, now_code(website, secret), to=ACCOUNT)
    assert (second.status_code, second.headers["Location"]) == (303, ACCOUNT)
    assert browser.get(ACCOUNT).status_code == 200
    with website.house.database.reading() as session:
        row = session.scalars(select(SignIn)).one()
        assert row.until - row.begun_at == timedelta(hours=12)


def test_a_code_of_the_app_is_taken_once(website: Website, secret: str):
    code = now_code(website, secret)
    first, second = website.browser(), website.browser()
    show_password(first)
    show_password(second)
    assert show_code(first, code).status_code == 303
    again = show_code(second, code)
    assert again.status_code == 422
    assert "used before" in again.text


def test_a_code_from_paper_opens_once(website: Website, secret: str):
    with website.house.database.transaction() as session:
        codes = factors.new_codes(session, owner(session, website), at=website.house.clock())
        assert len(set(codes)) == 10
        session.flush()
        kept = [row.code_hash for row in session.scalars(select(RecoveryCode))]
        assert not set(kept) & set(codes)
    first, second = website.browser(), website.browser()
    show_password(first)
    show_password(second)
    assert show_code(first, codes[3].upper().replace("-", " ")).status_code == 303
    assert show_code(second, codes[4]).status_code == 303
    third = website.browser()
    show_password(third)
    assert show_code(third, codes[4]).status_code == 422


def test_whatever_is_wrong_reads_the_same(website: Website, secret: str):
    with website.house.database.transaction() as session:
        session.get_one(Person, int(website.cast.office.id)).active = False
    answers = [
        show_password(website.browser(), *tried)
        for tried in (
            ("wrong horse here", EMAIL),
            (WORDS, "nobody@example.org"),
            (WORDS, "elowen.marsh@example.org"),
            (WORDS, "jonah.veldt@example.org"),
            ("", EMAIL),
        )
    ]
    assert {answer.status_code for answer in answers} == {422}
    pages = {re.sub(r'value="[^"]*"', "", answer.text) for answer in answers}
    assert len(pages) == 1


def test_guessing_passwords_ends_for_known_and_unknown_alike(website: Website, secret: str):
    for email in (EMAIL, "nobody@example.org"):
        browser = website.browser()
        statuses = [show_password(browser, "wrong horse here", email).status_code for _ in range(9)]
        assert statuses == [422] * 8 + [429]
    assert show_password(website.browser()).status_code == 429  # not even with the right one


def test_guessing_codes_ends_too(website: Website, secret: str):
    browser = website.browser()
    show_password(browser)
    statuses = [show_code(browser, "000000").status_code for _ in range(7)]
    assert statuses == [422] * 6 + [429]


def test_the_second_half_is_for_who_showed_the_first_a_moment_ago(website: Website, secret: str):
    assert website.browser().get(f"{ENTER}/second").status_code == 401


def test_from_the_console_only_the_set_up_opens_until_it_is_done(website: Website):
    house, browser = website.house, website.browser()
    with house.database.transaction() as session:
        link = links.issue_for_staff(session, owner(session, website), only_set_up=True, at=house.clock())
    path = f"{ENTER}/{link.secret}"
    assert browser.post(path, data={"csrf_token": token_of(browser, path)}).headers["Location"] == SET_UP
    closed = browser.get("/house/")
    assert (closed.status_code, closed.headers["Location"]) == (303, SET_UP)
    token = token_of(browser, SET_UP)
    early = browser.post("/house/account/done", data={"csrf_token": token})
    assert early.status_code == 422
    weak = browser.post("/house/account/password", data={"password": "short", "again": "short", "csrf_token": token})
    assert weak.status_code == 422
    browser.post("/house/account/password", data={"password": WORDS, "again": WORDS, "csrf_token": token})
    browser.post("/house/account/app", data={"csrf_token": token})
    page = browser.get(SET_UP).text
    assert "<svg" in page
    shown = re.search(r'tnum">([A-Z2-7 ]+)<', page)
    assert shown is not None
    plain = shown[1].replace(" ", "")
    wrong = browser.post("/house/account/app/code", data={"code": "000000", "csrf_token": token})
    assert wrong.status_code == 422
    codes = browser.post(
        "/house/account/app/code", data={"code": pyotp.TOTP(plain).at(house.clock()), "csrf_token": token}
    )
    assert codes.status_code == 200
    assert len(re.findall(r"<li>[a-z2-9]{4}-[a-z2-9]{4}-[a-z2-9]{4}</li>", codes.text)) == 10
    done = browser.post("/house/account/done", data={"csrf_token": token})
    assert done.headers["Location"] == "/house/"
    assert browser.get(ACCOUNT).status_code == 200


def test_a_new_password_signs_the_other_devices_out_and_needs_the_old_one(website: Website, secret: str):
    here, there = website.browser("owner"), website.browser("owner")
    token = token_of(here, SET_UP)
    form = {"password": "another four words here", "again": "another four words here", "csrf_token": token}
    assert here.post("/house/account/password", data=form).status_code == 422
    assert here.post("/house/account/password", data=form | {"before": WORDS}).status_code == 303
    assert there.get(ACCOUNT).status_code == 401
    assert here.get(ACCOUNT).status_code == 200


@pytest.mark.parametrize(
    ("who", "page"),
    [("designer", "/studio/"), ("bench", "/house/"), ("lead", "/house/"), ("office", "/house/"), ("owner", "/house/")],
)
def test_each_begins_where_their_work_is(website: Website, who: str, page: str):
    browser, link = website.browser(), website.link(who)
    assert browser.post(link, data={"csrf_token": token_of(browser, link)}).headers["Location"] == page
    assert browser.get(ENTER).headers["Location"] == page  # they are here already
    assert browser.get(f"{ENTER}?to=/house/account/").headers["Location"] == "/house/account/"
    assert browser.get(page).status_code == 200


def test_who_has_two_roles_goes_on_in_the_other(website: Website):
    with website.house.database.transaction() as session:
        session.get_one(Person, int(website.cast.bench.id)).roles = ["bench", "office"]
    browser = website.browser("bench")
    assert "Here as office" in browser.get(ACCOUNT).text
    token = token_of(browser, ACCOUNT)
    assert browser.get("/outbox/").status_code == 200
    assert browser.post("/house/account/role", data={"role": "bench", "csrf_token": token}).status_code == 303
    assert "Here as bench" in browser.get(ACCOUNT).text
    assert browser.get("/outbox/").status_code == 403
    taken = browser.post("/house/account/role", data={"role": "owner", "csrf_token": token})
    assert taken.status_code == 403
    for nonsense in ("client", "king", ""):
        assert browser.post("/house/account/role", data={"role": nonsense, "csrf_token": token}).status_code in (
            403,
            422,
        )


class SoftKey:
    """A passkey as a device makes one: an ES256 key that signs what a page asks."""

    def __init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id = secrets.token_bytes(32)
        self.count = 0

    def made(self, question: dict, origin: str) -> str:
        numbers = self.key.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        attested = bytes(16) + len(self.id).to_bytes(2, "big") + self.id + cbor2.dumps(cose)
        data = self._data(question["rp"]["id"], 0x45) + attested
        whole = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        said = self._said("webauthn.create", question["challenge"], origin)
        return self._answer({"clientDataJSON": b64(said), "attestationObject": b64(whole)})

    def signed(self, question: dict, origin: str) -> str:
        self.count += 1
        data, said = self._data(question["rpId"], 0x05), self._said("webauthn.get", question["challenge"], origin)
        signature = self.key.sign(data + hashlib.sha256(said).digest(), ec.ECDSA(hashes.SHA256()))
        return self._answer(
            {
                "clientDataJSON": b64(said),
                "authenticatorData": b64(data),
                "signature": b64(signature),
                "userHandle": None,
            }
        )

    def _data(self, name: str, flags: int) -> bytes:
        return hashlib.sha256(name.encode()).digest() + bytes([flags]) + self.count.to_bytes(4, "big")

    def _said(self, kind: str, challenge: str, origin: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": origin, "crossOrigin": False}).encode()

    def _answer(self, response: dict) -> str:
        return json.dumps({"id": b64(self.id), "rawId": b64(self.id), "type": "public-key", "response": response})


def b64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def ask(browser: FlaskClient, path: str, token: str, body: str = ""):
    return browser.post(path, data=body, headers={"X-CSRFToken": token, "Content-Type": "application/json"})


@pytest.fixture
def key(website: Website, secret: str) -> SoftKey:
    """A passkey of the owner's, made in the browser."""
    made, browser = SoftKey(), website.browser("owner")
    token = token_of(browser, SET_UP)
    question = ask(browser, "/house/account/passkeys/ask", token).get_json()
    answer = ask(browser, "/house/account/passkeys?name=Phone", token, made.made(question, "http://localhost"))
    assert answer.status_code == 200, answer.text
    return made


def test_a_passkey_stands_in_for_the_app(website: Website, key: SoftKey):
    browser = website.browser()
    show_password(browser)
    token = token_of(browser, f"{ENTER}/second")
    question = ask(browser, f"{ENTER}/passkey/ask", token).get_json()
    answer = key.signed(question, "http://localhost")
    shown = ask(browser, f"{ENTER}/passkey?to={ACCOUNT}", token, answer)
    assert shown.get_json() == {"to": ACCOUNT}
    assert browser.get(ACCOUNT).status_code == 200
    assert "Phone" in browser.get(ACCOUNT).text


def test_a_passkey_that_opened_is_no_try_against_the_next_time(website: Website, key: SoftKey):
    with website.house.database.transaction() as session:
        owner = session.scalars(select(Person).where(Person.email == EMAIL)).one().id
        for _ in range(factors.TRYING.most - 2):  # one was counted when the key was made
            factors.count_try(session, owner, at=website.house.clock())
    browser = website.browser()
    show_password(browser)
    token = token_of(browser, f"{ENTER}/second")
    question = ask(browser, f"{ENTER}/passkey/ask", token).get_json()
    assert ask(browser, f"{ENTER}/passkey", token, key.signed(question, "http://localhost")).status_code == 200
    with website.house.database.transaction() as session:
        for _ in range(factors.TRYING.most):
            factors.count_try(session, owner, at=website.house.clock())


@pytest.mark.parametrize("origin", ["http://evil.example", "https://localhost"])
def test_a_passkey_signed_for_another_house_opens_nothing(website: Website, key: SoftKey, origin: str):
    browser = website.browser()
    show_password(browser)
    token = token_of(browser, f"{ENTER}/second")
    question = ask(browser, f"{ENTER}/passkey/ask", token).get_json()
    assert ask(browser, f"{ENTER}/passkey", token, key.signed(question, origin)).status_code == 422
    assert browser.get(ACCOUNT).status_code == 401


def test_an_answer_is_to_one_question_and_taken_once(website: Website, key: SoftKey):
    browser = website.browser()
    show_password(browser)
    token = token_of(browser, f"{ENTER}/second")
    question = ask(browser, f"{ENTER}/passkey/ask", token).get_json()
    for nonsense in (
        "",
        "[]",
        "{}",
        '{"id": 7}',
        "\x00",
        key.signed(question | {"challenge": b64(b"x" * 64)}, "http://localhost"),
    ):
        ask(browser, f"{ENTER}/passkey/ask", token)
        assert ask(browser, f"{ENTER}/passkey", token, nonsense).status_code in (422, 429)
    assert ask(browser, f"{ENTER}/passkey", token, key.signed(question, "http://localhost")).status_code in (422, 429)


def test_the_last_second_factor_stays(website: Website, secret: str, key: SoftKey):
    browser = website.browser("owner")
    with website.house.database.reading() as session:
        number = session.scalars(select(Passkey.id)).one()
    away = f"/house/account/passkeys/{number}/away"
    assert website.browser("office").post(away, data={}).status_code == 400
    assert browser.post(away, data={"csrf_token": token_of(browser, ACCOUNT)}).status_code == 303
    with website.house.database.reading() as session:
        assert session.scalars(select(Passkey)).all() == []


def test_what_is_done_with_a_way_in_is_told_by_mail(website: Website, secret: str):
    """A new device, a code from paper, a new password; not the first sign-in, nor a device seen before."""

    def told() -> list[str]:
        with website.house.database.reading() as session:
            jobs = session.scalars(select(Job).where(Job.kind == alerts.MAIL).order_by(Job.created_at, Job.id))
            return sorted(job.payload["what"] for job in jobs)

    with website.house.database.transaction() as session:
        codes = factors.new_codes(session, owner(session, website), at=website.house.clock())
    first, second = website.browser(), website.browser()
    for browser, code in ((first, codes[0]), (second, codes[1]), (first, codes[2])):
        browser.post("/leave", data={"csrf_token": token_of(browser, "/leave")})
        show_password(browser)
        assert show_code(browser, code).status_code == 303
    assert told() == ["code_used", "code_used", "code_used", "device"]
    page = f"{ACCOUNT}set-up"
    form = {"csrf_token": token_of(first, page), "before": WORDS, "password": "four other words here"}
    changed = first.post("/house/account/password", data={**form, "again": "four other words here"})
    assert changed.status_code == 303, changed.text
    assert told()[-1] == "password"
    while Runner(TASKS, website.house).run_next(Queue.MAIL):
        pass
    subjects = [one.subject for one in read_outbox(website.house.settings.outbox_folder, most=20)]
    assert sum("You signed in on a new device" in one for one in subjects) == 1
    assert sum("Your password was changed" in one for one in subjects) == 1


def test_two_hours_unused_sign_one_of_the_staff_out_and_asking_is_no_use(website: Website, secret: str):
    browser = website.browser()
    show_password(browser)
    assert show_code(browser, now_code(website, secret)).status_code == 303
    with website.house.database.reading() as session:
        begun = session.scalars(select(SignIn)).one().begun_at
    assert browser.get(f"{ACCOUNT}left").json == {"seconds": 8100, "day": False}

    def seen(minutes: int) -> None:
        with website.house.database.transaction() as session:
            session.scalars(select(SignIn)).one().seen_at = begun - timedelta(minutes=minutes)

    seen(minutes=130)
    assert browser.get(f"{ACCOUNT}left").json == {"seconds": 300, "day": False}
    assert browser.get(f"{ACCOUNT}left").json == {"seconds": 300, "day": False}  # a question is no use
    token = token_of(browser, "/v/")
    stayed = browser.post(f"{ACCOUNT}stay", data={"csrf_token": token})
    assert (stayed.status_code, stayed.json) == (200, {"seconds": 8100})
    seen(minutes=136)
    assert browser.get(ACCOUNT).status_code == 401
