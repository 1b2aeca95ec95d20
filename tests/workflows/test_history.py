"""The chained history: whatever is done to it after the fact is found, at the place where it was done."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workflows.errors import BrokenHistory
from workflows.history import GENESIS, Line, line_digest, verify_chain

FACTS = st.dictionaries(
    st.text(max_size=8),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=8),
        lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=4), inner, max_size=2),
        max_leaves=4,
    ),
    max_size=3,
)
EVENT = st.tuples(
    st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 hypothesis adds the zone
    st.text(max_size=8),
    st.text(max_size=8),
    st.sampled_from(["client", "bench"]),
    st.none() | st.just("OF-0412-A"),
    FACTS,
)
few = settings(max_examples=25, deadline=None)
CHAINS = st.lists(EVENT, min_size=2, max_size=7).map(lambda events: chained(*events))


def chained(*events: tuple[datetime, str, str, str, str | None, dict[str, object]]) -> tuple[Line, ...]:
    lines: list[Line] = []
    for position, (at, kind, actor, role, piece, facts) in enumerate(events, start=1):
        previous = lines[-1].digest if lines else GENESIS
        digest = line_digest(
            position=position, at=at, kind=kind, actor=actor, role=role, piece=piece, facts=facts, previous=previous
        )
        lines.append(Line(position, at, kind, actor, role, piece, facts, previous, digest))
    return tuple(lines)


@few
@given(CHAINS)
def test_a_whole_chain_ends_in_the_digest_of_its_last_line(chain: tuple[Line, ...]) -> None:
    assert verify_chain(chain) == chain[-1].digest


def test_no_history_ends_in_the_beginning() -> None:
    assert verify_chain(()) == GENESIS


@few
@given(CHAINS, st.data())
def test_a_changed_line_is_found_where_it_is(chain: tuple[Line, ...], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(chain) - 1))
    line = chain[index]
    changed = data.draw(
        st.sampled_from(
            [
                replace(line, at=line.at + timedelta(microseconds=1)),
                replace(line, kind=line.kind + "x"),
                replace(line, actor=line.actor + "x"),
                replace(line, role="owner"),
                replace(line, piece="OF-0413-A"),
                replace(line, facts={**line.facts, "added after the fact": True}),
                replace(line, digest="f" * 64),
            ]
        )
    )
    assert found_at((*chain[:index], changed, *chain[index + 1 :])) == index + 1


@few
@given(CHAINS, st.data())
def test_a_line_that_was_changed_and_digested_anew_breaks_the_one_after_it(
    chain: tuple[Line, ...], data: st.DataObject
) -> None:
    index = data.draw(st.integers(0, len(chain) - 2))
    line = chain[index]
    facts = {**line.facts, "added after the fact": True}
    digest = line_digest(
        position=line.position,
        at=line.at,
        kind=line.kind,
        actor=line.actor,
        role=line.role,
        piece=line.piece,
        facts=facts,
        previous=line.previous,
    )
    forged = replace(line, facts=facts, digest=digest)
    assert found_at((*chain[:index], forged, *chain[index + 1 :])) == index + 2


@few
@given(CHAINS, st.data())
def test_a_missing_line_is_found(chain: tuple[Line, ...], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(chain) - 2))  # a lost end leaves a whole, shorter chain: its head tells
    assert found_at(chain[:index] + chain[index + 1 :]) == index + 1


@few
@given(CHAINS, st.data())
def test_a_line_put_in_is_found(chain: tuple[Line, ...], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(chain) - 1))
    assert found_at((*chain[: index + 1], chain[index], *chain[index + 1 :])) == index + 2


@few
@given(CHAINS, st.data())
def test_two_lines_in_each_others_place_are_found(chain: tuple[Line, ...], data: st.DataObject) -> None:
    first, second = sorted(data.draw(st.sets(st.integers(0, len(chain) - 1), min_size=2, max_size=2)))
    lines = list(chain)
    lines[first], lines[second] = lines[second], lines[first]
    assert found_at(tuple(lines)) == first + 1


@few
@given(CHAINS)
def test_a_lost_end_is_known_by_the_digest_of_the_last_line(chain: tuple[Line, ...]) -> None:
    assert verify_chain(chain[:-1]) != chain[-1].digest


def test_renumbered_lines_of_another_chain_do_not_follow() -> None:
    event = (datetime(2026, 1, 1, tzinfo=UTC), "approved", "4", "client", None, {"n": 1})
    other = (datetime(2026, 1, 2, tzinfo=UTC), "approved", "5", "client", None, {"n": 2})
    here, there = chained(event, event), chained(other, event)
    assert found_at((here[0], there[1])) == 2


def test_the_same_moment_in_another_zone_is_the_same_event() -> None:
    at = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
    (line,) = chained((at, "approved", "4", "client", None, {}))
    moved = replace(line, at=at.astimezone(timezone(timedelta(hours=2))))
    assert verify_chain((moved,)) == line.digest


def test_a_number_that_is_none_cannot_be_chained() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        chained((datetime(2026, 1, 1, tzinfo=UTC), "weighed", "4", "bench", None, {"net_g": float("nan")}))


def found_at(lines: tuple[Line, ...]) -> int:
    with pytest.raises(BrokenHistory) as caught:
        verify_chain(lines)
    return caught.value.position
