"""When a letter goes: by day, and one a day to each person; what has to arrive at once does not ask here."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

DAY_BEGINS, DAY_ENDS = time(8), time(20)


def next_slot(at: datetime, zone: str, last_sent_at: datetime | None) -> datetime:
    """The first moment from `at` on that is by day at the house, on a day on which nothing was sent yet.

    Args:
        zone: the house's time zone: `Europe/London`.
        last_sent_at: when the person last had a letter of news.
    """
    place = ZoneInfo(zone)
    local = at.astimezone(place)
    day = local.date()
    if last_sent_at is not None and last_sent_at.astimezone(place).date() >= day:
        day = last_sent_at.astimezone(place).date() + timedelta(days=1)
    elif local.time() >= DAY_ENDS:
        day += timedelta(days=1)
    elif local.time() >= DAY_BEGINS:
        return at
    return datetime.combine(day, DAY_BEGINS, tzinfo=place).astimezone(at.tzinfo)
