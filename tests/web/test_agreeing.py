"""What a commission begins with: the enquiry, the brief put forward, metal, size and days put down, money matched."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from bespoke.models.commission import Commission
from bespoke.models.ledger import Payment, PaymentState
from bespoke.models.piece import Piece
from bespoke.queries import turns
from bespoke.services import enquiring, payments, sizes
from bespoke.services.sizes import Measured
from tests.factories import NOON, a_commission, a_sent_quote, brought_to
from tests.web.conftest import Website, open_website, token_of
from workflows.sizes import RingSize
from workflows.snapshot import Status


def posted(site: Website, who: str, path: str, **data: str):  # type: ignore[no-untyped-def]
    browser = site.browser(who)
    return browser.post(path, data={"csrf_token": token_of(browser, "/v/"), **data})


@pytest.fixture(scope="module")
def website(tmp_path_factory: pytest.TempPathFactory, _sqlite_template: Path) -> Iterator[Website]:
    """One house for the tests of this file; each begins a commission of its own."""
    folder = tmp_path_factory.mktemp("agreeing")
    path = folder / "bespoke.sqlite3"
    path.write_bytes(_sqlite_template.read_bytes())
    site = open_website(f"sqlite:///{path}", folder)
    yield site
    site.house.close()


@pytest.fixture
def priced(website: Website) -> str:
    """A commission whose deposit is due; its reference."""
    with website.house.database.transaction() as session:
        return brought_to(session, a_commission(session, website.cast), "deposit_lock", website.cast).reference


def test_an_enquiry_from_the_door_becomes_an_agreed_brief(website: Website):
    said = enquiring.Enquiry("Ada Quill", "ada@example.org", "", "ring", "Something blue.", consents=True)
    with website.house.database.transaction() as session:
        opened = enquiring.receive(session, said, at=NOON)
        assert opened is not None
        reference, client = opened.reference, opened.client.acting(website.cast.client.role)
    page = website.browser("office").get(f"/studio/{reference}/brief").text
    assert "Answer the enquiry" in page
    assert "the form on our page" in page
    assert posted(website, "office", f"/studio/{reference}/enquiry", how=" ", words="Yes.").status_code == 422
    assert posted(website, "lead", f"/studio/{reference}/enquiry", how="x", words="Yes.").status_code == 403
    assert posted(website, "office", f"/studio/{reference}/enquiry", how="the form", words="Yes.").status_code == 303
    forward = f"/studio/{reference}/brief/forward"
    assert posted(website, "designer", forward).status_code == 409  # nothing was written yet
    website = replace(website, cast=replace(website.cast, client=client))
    assert posted(website, "client", f"/my/{reference}/brief/moves", wish="Blue like the sea.").status_code == 303
    assert posted(website, "client", f"/my/{reference}/brief/send").status_code == 303
    assert posted(website, "designer", forward).status_code == 409  # its size is not known yet
    sized = {"size": "UK M", "method": "mandrel", "band_width_mm": "2.2"}
    assert posted(website, "designer", f"/studio/{reference}/A/size", **{**sized, "size": "huge"}).status_code == 422
    assert posted(website, "designer", f"/studio/{reference}/A/size", **sized).status_code == 303
    assert posted(website, "designer", f"/studio/{reference}/A/alloy", alloy="TIN").status_code == 422
    assert posted(website, "designer", f"/studio/{reference}/A/alloy", alloy="AU750R").status_code == 303
    assert posted(website, "designer", forward).status_code == 303
    page = website.browser("client").get(f"/my/{reference}/brief/read").text
    digest = page.partition('name="digest" value="')[2].partition('"')[0]
    yes = {"digest": digest, "read": "yes"}
    stale = posted(website, "client", f"/my/{reference}/brief/approve", **yes, **{"size-A": "20.000"})
    assert stale.status_code == 409
    assert "put down anew" in stale.text
    shown = page.partition('name="size-A" value="')[2].partition('"')[0]
    assert posted(website, "client", f"/my/{reference}/brief/approve", **yes, **{"size-A": shown}).status_code == 303
    with website.house.database.reading() as session:
        piece = session.query(Piece).filter(Piece.commission.has(Commission.reference == reference)).one()
        assert piece.milestone("brief").status is Status.DONE
        assert piece.size_confirmed_at is not None
        assert piece.alloy == "AU750R"


def test_a_size_that_was_measured_later_is_asked_about_on_the_first_page(website: Website, priced: str):
    with website.house.database.transaction() as session:
        commission = session.query(Commission).filter(Commission.reference == priced).one()
        payments.receive(
            session, commission, "deposit", "transfer", _due(commission), "B-1", website.cast.office, at=NOON
        )
        measured = Measured(RingSize.parse("UK N"), "mandrel", Decimal("2.2"))
        sizes.put_down(session, commission.pieces[0], measured, website.cast.designer, at=NOON)
    assert "Is UK N your size?" in website.browser("client").get(f"/my/{priced}/").text
    page = website.browser("client").get(f"/my/{priced}/brief/read").text
    shown = page.partition('name="size" value="')[2].partition('"')[0]
    assert posted(website, "client", f"/my/{priced}/A/size", size="16.710").status_code == 409
    assert posted(website, "client", f"/my/{priced}/A/size", size=shown).status_code == 303
    assert "Is UK N your size?" not in website.browser("client").get(f"/my/{priced}/").text


def test_the_office_promises_the_days_that_follow_once(website: Website):
    with website.house.database.transaction() as session:
        commission = brought_to(session, a_commission(session, website.cast), "quote", website.cast)
        reference = commission.reference
        a_sent_quote(session, commission, website.cast)
    path = f"/studio/{reference}/promise"
    assert "Promise these days" in website.browser("office").get(f"/studio/{reference}/quote").text
    assert "Promise these days" not in website.browser("designer").get(f"/studio/{reference}/quote").text
    assert posted(website, "designer", path).status_code == 403
    assert posted(website, "office", path).status_code == 303
    assert posted(website, "office", path).status_code == 409
    assert "Promised between" in website.browser("designer").get(f"/studio/{reference}/quote").text


def test_a_transfer_is_matched_once_and_a_slipped_digit_is_asked_about(website: Website, priced: str):
    path = f"/house/{priced}/payments/deposit"
    with website.house.database.transaction() as session:
        commission = session.query(Commission).filter(Commission.reference == priced).one()
        payments.announce(session, commission, "deposit", website.cast.client, at=NOON)
        due = str(_due(commission).amount)
    assert "announced" in website.browser("office").get(f"/house/{priced}/").text
    assert "A transfer has come" not in website.browser("designer").get(f"/house/{priced}/").text
    assert posted(website, "designer", path, amount=due, bank_reference="L-1").status_code == 403
    refused = posted(website, "office", path, amount="30.00", bank_reference="L-1")
    assert refused.status_code == 422
    assert "is missing of this part" in refused.text
    assert 'value="L-1"' in refused.text
    assert posted(website, "office", path, amount=due, bank_reference=" ").status_code == 422
    assert posted(website, "office", path, amount="1e3", bank_reference="L-1").status_code in (409, 422)
    comma = posted(website, "office", path, amount="12,50", bank_reference="L-1", differs="yes")
    assert "is not an amount" in comma.text  # and never twelve hundred
    assert posted(website, "office", path, amount="30.00", bank_reference="L-1", differs="yes").status_code == 303
    rest = f"{Decimal(due) - 30:f}"
    assert posted(website, "owner", path, amount=rest, bank_reference="L-2").status_code == 303
    assert posted(website, "office", path, amount=rest, bank_reference="L-2").status_code == 303  # twice is once
    assert (
        posted(website, "office", f"/house/{priced}/payments/none", amount="1", bank_reference="x").status_code == 404
    )
    with website.house.database.reading() as session:
        rows = session.query(Payment).filter(Payment.commission.has(Commission.reference == priced)).all()
        cleared = [one.amount_minor for one in rows if one.state is PaymentState.CLEARED]
        assert sorted(cleared) == sorted([3_000, int(Decimal(rest) * 100)])


def _due(commission: Commission):  # type: ignore[no-untyped-def]
    return turns.missing(commission.instalments[0])
