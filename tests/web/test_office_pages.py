"""The office's pages of one commission: its money, what nobody collects, originals of reports, a client's own stone."""

from datetime import timedelta
from io import BytesIO

import pytest
from flask.testing import FlaskClient

from bespoke.models.commission import Commission
from bespoke.models.identity import StoneIdentity
from bespoke.models.ledger import Invoice
from bespoke.models.stone import StoneReport, StoneRow
from bespoke.queries.turns import excess
from bespoke.services import files, house, invoices, payments
from tests.factories import NOON
from tests.making import a_picture, bench_to, pay, say_yes
from tests.web.conftest import FOREIGN, OWN, Website
from workflows.money import Money
from workflows.stones import Ownership


@pytest.fixture
def office(website: Website) -> FlaskClient:
    website.app.config["WTF_CSRF_ENABLED"] = False  # whose form it is has its own tests
    return website.browser("office")


def test_the_office_pays_back_what_came_beyond_and_lets_go_of_a_price(website: Website, office: FlaskClient):
    page = f"/house/{OWN}/money"
    assert "OF-INV-00001" in office.get(page).text
    with website.house.database.transaction() as session:
        commission = session.query(Commission).filter_by(reference=OWN).one()
        missing = sum(row.due_minor - row.cleared_minor for row in commission.instalments)
        more = Money(missing + 40_00, "GBP")
        payments.receive(session, commission, "progress", "transfer", more, "B-7", website.cast.office, at=NOON)
    assert "£40.00" in office.get(page).text
    over, shown = {"amount_minor": "4000"}, {"allowed_minor": "0"}  # as the page carries them
    assert office.post(f"{page}/excess", data={**over, "reason": ""}).status_code == 422
    assert office.post(f"{page}/goodwill", data={**shown, "amount": "1e9", "reason": "why"}).status_code == 409
    comma = office.post(f"{page}/goodwill", data={**shown, "amount": "12,50", "reason": "Kindness."}).text
    assert "is not an amount" in comma  # and never twelve hundred
    assert 'name="amount_minor" value="4000"' in comma
    assert comma.count("Kindness.") == 1  # back in the form it was typed into, not in the other
    late = {**shown, "amount": "1,000.00", "reason": "A late day."}
    assert office.post(f"{page}/goodwill", data=late).status_code == 303
    assert "sent twice" in office.post(f"{page}/goodwill", data=late).text
    assert "Let go of by the house" in office.get(f"/house/{OWN}/").text
    assert office.post(f"{page}/excess", data={**over, "reason": "Too much came."}).status_code == 422  # it is more now
    over = {"amount_minor": "104000", "reason": "Too much came."}
    assert office.post(f"{page}/excess", data=over).status_code == 303
    with website.house.database.reading() as session:
        commission = session.query(Commission).filter_by(reference=OWN).one()
        assert not excess(commission)
        assert payments.cleared(commission).minor == sum(row.due_minor for row in commission.instalments)
    assert "£1,000.00 of the price was let go of so far." in office.get(page).text
    assert office.post(f"{page}/excess", data=over).status_code == 422
    assert office.post(f"{page}/excess", data={"amount_minor": "0", "reason": "Again."}).status_code == 422


def test_the_office_opens_the_paper_of_an_invoice_of_that_commission_only(website: Website, office: FlaskClient):
    with website.house.database.transaction() as session:
        for row in session.query(Invoice):
            row.digest = files.keep_chunks(session, website.house.storage, [b"%PDF"], "application/pdf", at=NOON).digest
        numbers = {session.get_one(Commission, row.commission_id).reference: row.id for row in session.query(Invoice)}
    assert office.get(f"/house/{OWN}/invoices/{numbers[OWN]}", buffered=True).mimetype == "application/pdf"
    assert office.get(f"/house/{OWN}/invoices/{numbers[FOREIGN]}").status_code == 404


def test_the_owner_decides_about_a_piece_that_nobody_collects(website: Website, office: FlaskClient):
    with website.house.database.transaction() as session:
        commission = session.query(Commission).filter_by(reference=OWN).one()
        house.current(session).storage_fee_minor = 5_00
        say_yes(session, commission.pieces[0], "render_approval", website.cast)
        bench_to(session, website.house.storage, commission, "delivery", website.cast)
        pay(session, commission, "balance", website.cast)
        for milestone in commission.pieces[0].milestones:  # long ago
            milestone.done_at = milestone.done_at and milestone.done_at - timedelta(days=60)
        for row in commission.instalments:
            for payment in row.payments:
                payment.cleared_at = payment.cleared_at and payment.cleared_at - timedelta(days=60)
    page, way = f"/house/{OWN}/money", f"/house/{OWN}/A/uncollected"
    assert "The owner decides what becomes of it." in office.get(page).text
    charge = {"decision": "storage", "weeks": "2", "reason": "By our terms."}
    assert office.post(way, data=charge).status_code == 403
    owner = website.browser("owner")
    assert "2 whole weeks have not been charged yet." in owner.get(page).text
    for wrong in ({"decision": "sell"}, {**charge, "weeks": "3"}, {**charge, "weeks": "²"}, {**charge, "reason": ""}):
        assert owner.post(way, data=wrong).status_code == 422
    assert owner.post(way, data=charge).status_code == 303
    assert "storage" in owner.get(page).text
    with website.house.database.reading() as session:
        commission = session.query(Commission).filter_by(reference=OWN).one()
        assert invoices.of(session, commission)[-1].gross_minor == 10_00


def test_an_original_is_entered_once_and_only_of_this_commissions_stones(website: Website, office: FlaskClient):
    with website.house.database.reading() as session:
        of = {}
        for commission in session.query(Commission):
            stone = next(option.stone for option in commission.pieces[0].options if option.chosen)
            of[commission.reference] = session.query(StoneReport).filter_by(stone_id=stone.id).one().id
    page = f"/house/{OWN}/care"
    assert "The original lies in the safe" in office.get(page).text
    assert office.post(f"{page}/reports/{of[FOREIGN]}").status_code == 404
    assert office.post(f"{page}/reports/{of[OWN]}").status_code == 303
    assert "with Jonah Veldt, safe" in office.get(page).text
    assert office.post(f"{page}/reports/{of[OWN]}").status_code == 422


def test_a_clients_own_stone_is_looked_at_twice_and_compared(website: Website, office: FlaskClient):
    with website.house.database.transaction() as session:
        commission = session.query(Commission).filter_by(reference=OWN).one()
        stone = next(option.stone for option in commission.pieces[0].options if option.chosen)
        stone.ownership, stone.owner_id, number = Ownership.CLIENT, commission.id, stone.id
        other = session.query(StoneRow).filter(StoneRow.id != number).first()
        assert other is not None
        foreign = other.id
    page, way = f"/house/{OWN}/care", f"/house/{OWN}/care/stones/{number}"

    def look(**changes: str) -> int:
        told = {"occasion": "intake", "length_mm": "6.48", "width_mm": "6.46", "weight_ct": "1.01"}
        told |= {"inclusions": "a feather at four o'clock", "inscription": "GIA 7", **changes}
        data = {**told, "photograph": (BytesIO(a_picture(str(changes))), "stone.png")}
        return office.post(way, data=data, content_type="multipart/form-data").status_code

    assert "Write down what it is recognised by" in office.get(page).text
    assert office.post(way, data={"length_mm": "6.48"}).status_code == 422  # no photograph
    assert office.post(f"/house/{OWN}/care/stones/{foreign}", data={}).status_code == 404
    for wrong in ("NaN", "1e3", "-1", "٦", ""):
        assert look(length_mm=wrong) == 422
    assert look() == 303
    assert look(occasion="return", weight_ct="", inscription="GIA 8", same="yes") == 303
    assert "It differs in: inscription." in office.get(page).text
    assert look(occasion="return", weight_ct="", same="yes") == 303
    assert "It is the stone that came in" in office.get(page).text
    with website.house.database.reading() as session:
        digest = session.query(StoneIdentity).order_by(StoneIdentity.id.desc()).first().photograph
    assert office.get(f"/house/{OWN}/files/{digest}", buffered=True).status_code == 200
    assert website.browser("client").get(f"/my/{OWN}/files/{digest}").status_code == 404
