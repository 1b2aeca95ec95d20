"""The commissions of the demo house, each brought through the services to where it stands."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from bespoke.demo import cast as casting
from bespoke.demo import stock as stocking
from bespoke.demo.cast import Cast
from bespoke.demo.telling import ACROSS, BRACELETS, Tale, begin, measured
from bespoke.house import House
from bespoke.models.house import HouseRow
from bespoke.models.stone import StoneRow
from bespoke.services import brief_drafts, designs, messages, promises
from bespoke.services.briefs import Wish
from bespoke.storage.store import chunks_of

MAREEL = "OF-0412"
HARBOUR = "OF-0398"
NEXT_NUMBER = 413
CAD = stocking.PICTURES.with_name("cad")

Teller = Callable[[Session, House, Cast, Mapping[str, StoneRow], datetime], Tale]


def populate(session: Session, house: House, *, at: datetime) -> None:
    """Everybody, every stone and every commission; in one transaction, so that all of it is there or nothing."""
    cast = casting.gather(session, at - timedelta(days=90))
    casting.furnish(session)
    session.get_one(HouseRow, 1).next_number = NEXT_NUMBER
    stock = stocking.fill(session, house, cast.actor("office"), at=at - timedelta(days=80))
    for tell in (mareel, solitaire, east_west, earrings, eternity, bracelet, heirloom, signet, harbour):
        tell(session, house, cast, stock, at)


def mareel(session: Session, house: House, cast: Cast, stock: Mapping[str, StoneRow], now: datetime) -> Tale:
    """A ring whose first drawing has just been handed in; the examination is the worker's."""
    tale = begin(
        session,
        house,
        cast,
        stock,
        cast.client,
        "The Mareel ring",
        at=now - timedelta(days=68),
        reference=MAREEL,
    )
    tale.enquire("Came into the shop with a photograph.")
    tale.later(days=2)
    wish = Wish(
        wish="Something that holds the last light of summer, that I can wear under a glove.",
        occasion="A birthday",
        lifestyle="Gloves in winter, garden in summer.",
        needed_by=_day(now, 92),
    )
    tale.write_brief(wish, alloy="AU750Y", size=measured("UK M", "2.4"))
    tale.later(days=1)
    tale.agree_brief()
    tale.later(days=7)
    shown = tale.sketch()
    tale.later(days=2)
    tale.pick(shown)
    tale.later(days=12)
    tale.put_forward("S-0412", "Lively from every side. Ines would choose this one.", price_minor=984_000)
    tale.put_forward("S-0655", "Deeper and quieter. Darker by evening light.", price_minor=931_000)
    tale.put_forward("S-0702", "Green at the edges, blue in the middle.", price_minor=808_000)
    tale.put_forward("S-0731", "Calm, with long flashes. Shows everything.", price_minor=1_092_000)
    tale.put_forward("P-0412", "For the shoulders.", role="accent")
    tale.choose("S-0412", "P-0412")
    quote, price = tale.send_quote("3.30")
    tale.later(hours=20)
    tale.accept(quote, price)
    tale.pay_deposit()
    tale.at = now
    _promise(tale)
    messages.write(session, tale.commission, "The drawing comes this week.", cast.actor("designer"), at=now)
    hand_in(tale, "mareel_r2.glb", "Four claws, eight diamonds on the shoulders.")
    return tale


def _promise(tale: Tale) -> None:
    """The days the template reckons from what is left to do."""
    promises.give(tale.session, tale.commission, tale.cast.actor("office"), at=tale.at)


def hand_in(tale: Tale, name: str, note: str) -> None:
    """The designer hands a drawing in."""
    with (CAD / name).open("rb") as content:
        stored = tale.house.storage.put(chunks_of(content))
    designer = tale.cast.actor("designer")
    designs.hand_in(
        tale.session, tale.house.storage, tale.piece, stored, name, designer, at=tale.at, note=note, unit="mm"
    )


def solitaire(session: Session, house: House, cast: Cast, stock: Mapping[str, StoneRow], now: datetime) -> Tale:
    """Two sketches wait for the client to pick one."""
    at = now - timedelta(days=12)
    tale = begin(session, house, cast, stock, "Elowen Marsh", "The Marsh solitaire", at=at)
    tale.enquire("Wrote by mail; it is a surprise.")
    tale.later(days=2)
    wish = Wish(
        wish="One stone, very clear, and a halo nobody sees from above.",
        occasion="A proposal",
        budget_from_minor=950_000,
        budget_to_minor=1_100_000,
        needed_by=_day(now, 84),
        is_surprise=True,
    )
    tale.write_brief(wish, alloy="AU750Y", size=measured("US 6", "2.0", method="ring_sent_in"))
    tale.later(days=1)
    tale.agree_brief()
    tale.later(days=6)
    tale.sketch()
    tale.later(days=1)
    tale.put_forward("D-001", "The whitest we have in this size.", price_minor=984_000)
    tale.put_forward("D-003", "Half as large again, a shade warmer.", price_minor=1_092_000)
    return tale


def east_west(session: Session, house: House, cast: Cast, stock: Mapping[str, StoneRow], now: datetime) -> Tale:
    """A firm price that runs out tomorrow."""
    tale = begin(session, house, cast, stock, "Priyanka Solace", "East and west", at=now - timedelta(days=30))
    tale.enquire("Rang up after a friend's wedding.")
    tale.later(days=3)
    wish = Wish(wish="A long oval lying across a wide band. Platinum, please.", budget_to_minor=720_000)
    tale.write_brief(wish, alloy="PT950RU", size=measured("US 5 1/4", "6.0", comfort=True))
    tale.later(days=1)
    tale.agree_brief()
    tale.later(days=5)
    tale.pick(tale.sketch(ACROSS), 1)
    tale.at = now - timedelta(days=2)
    tale.put_forward("L-012", "Grown in a laboratory, eleven and a half millimetres long.")
    tale.choose("L-012")
    tale.later(hours=4)
    tale.send_quote("11.8", valid_days=3)
    return tale


def earrings(session: Session, house: House, cast: Cast, stock: Mapping[str, StoneRow], now: datetime) -> Tale:
    """A pair with one stone found; its sister is missing."""
    at = now - timedelta(days=21)
    tale = begin(session, house, cast, stock, "Soraya Venn", "Two emeralds", at=at, template="pair", quantity=2)
    tale.enquire("Came by with her mother's brooch.")
    tale.later(days=4)
    wish = Wish(wish="Two emeralds that are sisters, in a halo. I cannot wear nickel.", budget_to_minor=750_000)
    backs = {"posts_mm": "11", "backs": "butterfly, for pierced ears, no nickel"}
    tale.write_brief(wish, alloy="AU750W_PD", measures={"backs_and_posts": backs})
    tale.later(days=1)
    tale.agree_brief()
    tale.later(days=8)
    tale.put_forward("C-019", "The first of the two. We look for its sister at three dealers.")
    return tale


def eternity(session: Session, house: House, cast: Cast, stock: Mapping[str, StoneRow], now: datetime) -> Tale:
    """A ring that can never be resized, on a guessed size: it stops before it is too late."""
    at = now - timedelta(days=45)
    tale = begin(session, house, cast, stock, "Ambrose Tidewell", "All the way round", at=at, fixed_size=True)
    tale.enquire("Ordered by letter from abroad.")
    tale.later(days=3)
    wish = Wish(wish="Diamonds all the way round. She must not notice that I measured.", is_surprise=True)
    tale.write_brief(wish, alloy="AU585R", size=measured("UK L", "2.6", method="guess"), confirmed=False)
    tale.later(days=1)
    tale.agree_brief()
    tale.later(days=6)
    tale.pick(tale.sketch(), 1)
    tale.later(days=5)
    tale.put_forward("M-025", "Twenty-four, sorted to a hair.", role="melee")
    tale.choose("M-025")
    quote, price = tale.send_quote("3.60")
    tale.later(days=1)
    tale.accept(quote, price)
    tale.pay_deposit()
    return tale


def bracelet(session: Session, house: House, cast: Cast, stock: Mapping[str, StoneRow], now: datetime) -> Tale:
    """Accepted, the deposit not here yet, and wanted earlier than it can be."""
    at = now - timedelta(days=12, hours=8)
    tale = begin(session, house, cast, stock, "Linnea Okafor-Hale", "A line of light", at=at, template="bracelet")
    tale.enquire("Saw one in the window.")
    tale.later(days=1)
    wish = Wish(wish="A tennis bracelet of seventeen and a half centimetres.", needed_by=_day(now, 21))
    tale.write_brief(wish, alloy="AU750W_PD", measures={"size": {"length_mm": "175", "inside": "true"}})
    tale.later(days=1)
    tale.agree_brief()
    tale.later(days=4)
    tale.pick(tale.sketch(BRACELETS), 2)
    tale.later(days=4)
    tale.put_forward("P-1007", "Fifty-two, grown in a laboratory, matched by eye.", role="melee")
    tale.choose("P-1007")
    tale.later(days=1)
    quote, price = tale.send_quote("14.20", work_h="26")
    tale.later(days=1)
    tale.accept(quote, price)
    return tale


def harbour(session: Session, house: House, cast: Cast, stock: Mapping[str, StoneRow], now: datetime) -> Tale:
    """A solitaire whose drawing was about to begin months ago; the rest is told once the worker has time."""
    at = now - timedelta(days=150)
    tale = begin(session, house, cast, stock, "Cassian Rook", "The Harbour solitaire", at=at, reference=HARBOUR)
    tale.enquire("Came in from the rain and stayed an hour.")
    tale.later(days=3)
    wish = Wish(wish="One clear stone and nothing else. She works with her hands.", occasion="A proposal")
    tale.write_brief(wish, alloy="AU750Y", size=measured("US 7", "2.2"))
    tale.later(days=1)
    tale.agree_brief()
    tale.later(days=6)
    tale.pick(tale.sketch(), 2)
    tale.later(days=5)
    tale.put_forward("D-002", "Small for its price, and the liveliest in the safe.")
    tale.choose("D-002")
    quote, price = tale.send_quote("2.95")
    tale.later(hours=30)
    tale.accept(quote, price)
    tale.pay_deposit()
    return tale


def heirloom(session: Session, house: House, cast: Cast, stock: Mapping[str, StoneRow], now: datetime) -> Tale:
    """A client's own stone; the first talk has just been had."""
    at = now - timedelta(days=3)
    return begin(session, house, cast, stock, "Beatrix Youngblood", "Grandmother's stone", at=at, template="remount")


def signet(session: Session, house: House, cast: Cast, stock: Mapping[str, StoneRow], now: datetime) -> Tale:
    """A new enquiry nobody has answered yet; its client is half through the brief."""
    at = now - timedelta(hours=5)
    tale = begin(session, house, cast, stock, cast.other_client, "Signet for a son", at=at)
    answers = {
        "occasion": "His eighteenth birthday",
        "for_whom": "somebody else",
        "wish": "Our letters as my grandfather wore them, and room for his own.",
        "band": "2",
    }
    brief_drafts.save(session, tale.commission, answers, tale.buyer, at=at + timedelta(hours=1))
    return tale


def _day(now: datetime, days: int) -> date:
    return (now + timedelta(days=days)).date()
