"""The final check: readings against limits, never by the maker; and bags whose metal and stones add up."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.quality import (
    CHECK_POINTS,
    Acceptance,
    BagFlow,
    CheckPoint,
    Concerns,
    Judged,
    MakerMayNotCheck,
    MissingReading,
    Reading,
    Verdict,
    WrongReading,
    expected_cast_range,
    expected_finished_range,
    inspect,
    judge,
    points_for,
    reconcile,
)
from workflows.sizes import parse_size

BY_KEY = {point.key: point for point in CHECK_POINTS}
MAKERS = frozenset({"wes", "imani"})
ORDERED = parse_size("UK M").diameter_mm
SIZED = points_for(frozenset({Concerns.SIZED}))


def good(point: CheckPoint, by: str = "pilar") -> Reading:
    if point.judged is Judged.EYE:
        return Reading(point.key, by, good=True)
    assert point.limit is not None
    target = Decimal("5.10") if point.key != "size" else ORDERED
    value = target if point.judged in (Judged.NEAR, Judged.PART) else point.limit
    return Reading(point.key, by, value=value, target=target, tool=point.tool)


def readings(points: tuple[CheckPoint, ...], **changed: Reading) -> list[Reading]:
    return [changed.get(point.key, good(point)) for point in points]


@pytest.mark.parametrize(
    ("measured", "verdict"),
    [("16.611", Verdict.PASS), ("16.811", Verdict.PASS), ("16.610", Verdict.FAIL), ("16.812", Verdict.FAIL)],
)
def test_the_size_is_a_tenth_of_a_millimetre_either_way(measured: str, verdict: Verdict) -> None:
    result = judge(BY_KEY["size"], Reading("size", "pilar", value=Decimal(measured), target=ORDERED))
    assert result.verdict is verdict
    assert "16.711 mm ± 0.10" in result.sentence


@pytest.mark.parametrize(
    ("weighed", "verdict"),
    [("4.50", Verdict.PASS), ("5.50", Verdict.PASS), ("4.49", Verdict.FAIL), ("5.51", Verdict.FAIL)],
)
def test_the_weight_is_a_tenth_of_the_drawings_either_way(weighed: str, verdict: Verdict) -> None:
    reading = Reading("weight", "pilar", value=Decimal(weighed), target=Decimal("5.00"))
    assert judge(BY_KEY["weight"], reading).verdict is verdict


@pytest.mark.parametrize(
    ("key", "value", "verdict"),
    [
        ("claws", "0.60", Verdict.PASS),
        ("claws", "0.59", Verdict.FAIL),
        ("claw_contact", "30", Verdict.PASS),
        ("claw_contact", "29", Verdict.FAIL),
        ("claw_seat", "40", Verdict.PASS),
        ("claw_seat", "41", Verdict.FAIL),
        ("level", "2", Verdict.PASS),
        ("level", "2.1", Verdict.FAIL),
    ],
)
def test_limits_include_their_ends(key: str, value: str, verdict: Verdict) -> None:
    assert judge(BY_KEY[key], Reading(key, "pilar", value=Decimal(value))).verdict is verdict


def test_the_eye_says_yes_or_no() -> None:
    assert judge(BY_KEY["surface"], Reading("surface", "pilar", good=False)).verdict is Verdict.FAIL
    assert judge(BY_KEY["surface"], Reading("surface", "pilar", good=True)).verdict is Verdict.PASS


@pytest.mark.parametrize(
    ("key", "reading"),
    [
        ("surface", Reading("surface", "pilar")),
        ("surface", Reading("surface", "pilar", value=Decimal(1))),
        ("size", Reading("size", "pilar", good=True)),
        ("size", Reading("size", "pilar", value=Decimal("16.7"))),
        ("size", Reading("weight", "pilar", value=Decimal("16.7"))),
    ],
)
def test_a_reading_that_says_nothing_is_refused(key: str, reading: Reading) -> None:
    with pytest.raises(WrongReading):
        judge(BY_KEY[key], reading)


@pytest.mark.parametrize("point", CHECK_POINTS, ids=lambda point: point.key)
def test_every_point_can_be_judged(point: CheckPoint) -> None:
    assert judge(point, good(point)).verdict is Verdict.PASS
    assert (point.limit is None) is (point.judged is Judged.EYE)


def test_points_follow_the_piece() -> None:
    stoneless = {point.key for point in SIZED}
    assert stoneless == {"size", "weight", "fineness", "surface", "edges"}
    solitaire = points_for(frozenset({Concerns.SIZED, Concerns.WITH_STONES, Concerns.WITH_CLAWS, Concerns.INSCRIBED}))
    assert {"tight", "claws", "inscription"} <= {point.key for point in solitaire}
    assert len({point.key for point in CHECK_POINTS}) == len(CHECK_POINTS)


def test_a_piece_passes_when_every_point_does() -> None:
    inspection = inspect(SIZED, readings(SIZED), makers=MAKERS)
    assert inspection.passed
    assert len(inspection.results) == len(SIZED)


def test_one_failed_point_fails_the_piece() -> None:
    scratched = Reading("surface", "pilar", good=False)
    assert inspect(SIZED, readings(SIZED, surface=scratched), makers=MAKERS).failed == ("surface",)


def test_the_maker_neither_checks_nor_accepts() -> None:
    with pytest.raises(MakerMayNotCheck) as refusal:
        inspect(SIZED, readings(SIZED, surface=Reading("surface", "wes", good=True)), makers=MAKERS)
    assert refusal.value.person == "wes"
    failed = readings(SIZED, surface=Reading("surface", "pilar", good=False))
    with pytest.raises(MakerMayNotCheck):
        inspect(SIZED, failed, makers=MAKERS, acceptances=[Acceptance("surface", "wes", "looks fine")])


def test_a_house_of_one_checks_its_own_work_and_is_asked_to_say_so() -> None:
    own = [good(point, by="wes") for point in SIZED]
    assert inspect(SIZED, own, makers=MAKERS, sole_maker=True).passed


def test_nothing_is_left_unlooked_at() -> None:
    with pytest.raises(MissingReading, match="weight") as refusal:
        inspect(SIZED, [one for one in readings(SIZED) if one.point != "weight"], makers=MAKERS)
    assert refusal.value.points == ("weight",)


def test_a_point_is_read_once_and_only_if_asked() -> None:
    for wrong in ([*readings(SIZED), good(BY_KEY["size"])], [*readings(SIZED), good(BY_KEY["tight"])]):
        with pytest.raises(WrongReading, match="once"):
            inspect(SIZED, wrong, makers=MAKERS)


def test_a_failed_point_may_be_accepted_by_another_person_with_a_reason() -> None:
    failed = readings(SIZED, surface=Reading("surface", "pilar", good=False))
    accepted = Acceptance("surface", "maren", "hammered by design")
    inspection = inspect(SIZED, failed, makers=MAKERS, acceptances=[accepted])
    assert inspection.passed
    result = next(one for one in inspection.results if one.point.key == "surface")
    assert result.verdict is Verdict.ACCEPTED
    assert "hammered by design" in result.sentence


@pytest.mark.parametrize(
    ("acceptance", "words"),
    [
        (Acceptance("surface", "maren", "  "), "Say why"),
        (Acceptance("surface", "pilar", "fine"), "another person"),
        (Acceptance("edges", "maren", "fine"), "not failed"),
        (Acceptance("tight", "maren", "fine"), "not failed"),
        (Acceptance("fineness", "maren", "fine"), "never accepted"),
    ],
)
def test_an_acceptance_is_not_a_way_round(acceptance: Acceptance, words: str) -> None:
    failed = readings(
        SIZED, surface=Reading("surface", "pilar", good=False), fineness=Reading("fineness", "pilar", good=False)
    )
    with pytest.raises(WrongReading, match=words):
        inspect(SIZED, failed, makers=MAKERS, acceptances=[acceptance])


# --- the bag ---------------------------------------------------------------------------------------------------


def flow(metal_in: str, out: str, scrap: str = "0", **stones: int) -> BagFlow:
    return BagFlow(Decimal(metal_in), Decimal(out), Decimal(scrap), **stones)


def test_a_bag_that_adds_up_goes_on() -> None:
    balance = reconcile(flow("6.000", "5.300", "0.400", stones_in=25, stones_out=24, stones_broken=1))
    assert (balance.loss_g, balance.loss_percent, balance.stops) == (Decimal("0.300"), Decimal("5.0"), ())


@pytest.mark.parametrize(
    ("bag", "words"),
    [
        (flow("6.000", "5.000", "0.400"), "are missing"),
        (flow("6.000", "6.021"), "weigh again"),
        (flow("6", "6", stones_in=25, stones_out=24), "1 stone is missing"),
        (flow("6", "6", stones_in=24, stones_out=25), "Too many stones came out, by 1"),
    ],
)
def test_a_bag_that_does_not_add_up_stops(bag: BagFlow, words: str) -> None:
    balance = reconcile(bag)
    assert any(words in sentence for sentence in balance.stops)


def test_the_scale_itself_is_allowed_for() -> None:
    assert reconcile(flow("6.000", "6.020")).stops == ()
    assert reconcile(flow("6.000", "5.500")).stops == ()
    assert reconcile(flow("6.000", "5.499")).stops != ()
    assert reconcile(flow("0", "0")).loss_percent is None


GRAMS = st.integers(0, 10**5).map(lambda n: Decimal(n).scaleb(-3))


@given(GRAMS, GRAMS, GRAMS)
def test_nothing_appears_or_vanishes_in_a_balance(out: Decimal, scrap: Decimal, dust: Decimal) -> None:
    bag = BagFlow(out + scrap + dust, out, scrap)
    balance = reconcile(bag)
    assert balance.loss_g == dust
    assert (balance.stops == ()) == (dust <= bag.metal_in_g * Decimal("0.08") + Decimal("0.02"))


@given(st.integers(0, 500), st.integers(0, 500), st.integers(0, 500), st.integers(0, 500))
def test_every_stone_is_accounted_for(into: int, out: int, broken: int, lost: int) -> None:
    balance = reconcile(
        BagFlow(
            Decimal(6), Decimal(6), Decimal(0), stones_in=into, stones_out=out, stones_broken=broken, stones_lost=lost
        )
    )
    assert (balance.stops == ()) == (into == out + broken + lost)


def test_the_drawing_says_what_scales_should_show() -> None:
    assert expected_cast_range(Decimal("5.141")) == (Decimal("5.412"), Decimal("6.194"))
    assert expected_finished_range(Decimal("5.141")) == (Decimal("4.627"), Decimal("5.655"))


@given(st.integers(1, 10**5).map(lambda n: Decimal(n).scaleb(-3)))
def test_a_casting_is_heavier_than_its_drawing(cad_g: Decimal) -> None:
    low, high = expected_cast_range(cad_g)
    assert cad_g <= low <= high
    lightest, heaviest = expected_finished_range(cad_g)
    assert lightest <= cad_g <= heaviest
