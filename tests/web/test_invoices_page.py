"""Invoices on the pages: the client opens their own as papers, nobody else's, and reads what becomes of money."""

from bespoke.models.commission import Commission
from bespoke.models.ledger import InstalmentRow, Invoice
from bespoke.models.people import Person
from bespoke.services import allowances, files, invoices, payments
from tests.factories import NOON
from tests.web.conftest import FOREIGN, OWN, Website, token_of
from workflows.money import Money


def the_invoice(website: Website, reference: str, *, laid_out: bool = True) -> int:
    """The number of the deposit's invoice, with its paper where it is laid out."""
    with website.house.database.transaction() as session:
        commission = session.query(Commission).filter_by(reference=reference).one()
        (row,) = invoices.of(session, commission)
        if laid_out:
            row.digest = files.keep_chunks(
                session, website.house.storage, [b"%PDF-1.7 of " + reference.encode()], "application/pdf", at=NOON
            ).digest
        return row.id


def test_a_client_opens_their_own_invoice_as_a_paper_and_no_other(website: Website):
    browser = website.browser("client")
    own = the_invoice(website, OWN, laid_out=False)
    assert browser.get(f"/my/{OWN}/invoices/{own}").status_code == 404  # not laid out yet
    assert "OF-INV" not in browser.get(f"/my/{OWN}/documents").text
    the_invoice(website, OWN)
    for page in ("documents", "payments"):
        assert "Invoice OF-INV-00001" in browser.get(f"/my/{OWN}/{page}").text
    answer = browser.get(f"/my/{OWN}/invoices/{own}", buffered=True)
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    assert answer.data.endswith(OWN.encode())
    assert 'filename="OF-INV-00001.pdf"' in answer.headers["Content-Disposition"]
    theirs = the_invoice(website, FOREIGN)
    assert browser.get(f"/my/{OWN}/invoices/{theirs}").status_code == 404
    assert browser.get(f"/my/{FOREIGN}/invoices/{theirs}").status_code == 404
    assert website.browser().get(f"/my/{OWN}/invoices/{own}").status_code == 401


def test_a_client_reads_what_becomes_of_money_beyond_the_price_and_of_storage(website: Website):
    with website.house.database.transaction() as session:
        commission = session.query(Commission).filter_by(reference=OWN).one()
        price = sum(row.due_minor for row in commission.instalments)
        rest = Money(price - payments.cleared(commission).minor + 25_00, "GBP")
        payments.receive(session, commission, "progress", "transfer", rest, "B-7", website.cast.office, at=NOON)
    browser = website.browser("client")
    assert "£25.00 goes back to you" in browser.get(f"/my/{OWN}/payments").text
    with website.house.database.transaction() as session:
        commission = session.query(Commission).filter_by(reference=OWN).one()
        commission.instalments.append(InstalmentRow(key="storage", rank=9, due_minor=30_00, currency="GBP"))
        allowances.allow(session, commission, Money(1_00, "GBP"), "A late day.", website.cast.office, at=NOON)
    told = browser.get(f"/my/{OWN}/payments").text
    assert "Storage" in told
    assert "Altogether, tax included" in told
    asked = browser.get(f"/my/{OWN}/pay/storage")
    assert asked.status_code == 200
    assert "£4.00" in asked.text  # what came beyond the price counts for it
    assert "per cent" not in asked.text
    assert "Let go of by the house" in browser.get(f"/my/{OWN}/pay/balance").text


def test_the_address_of_invoices_is_the_clients_to_write(website: Website):
    browser = website.browser("client")
    data = {"csrf_token": token_of(browser, "/my/settings"), "name": "Elowen Marsh", "telephone": ""}
    told = {**data, "address": " 12  Mill Street \n\nRavensbourne"}
    assert browser.post("/my/settings/contact", data=told).status_code == 303
    refused = browser.post("/my/settings/contact", data={**data, "address": "x" * 301})
    assert refused.status_code == 422
    assert "x" * 301 in refused.text
    with website.house.database.reading() as session:
        assert session.get_one(Person, int(website.cast.client.id)).address == "12 Mill Street\nRavensbourne"
        assert session.query(Invoice).count() == 2
