"""How a moment is told beside the present: today, yesterday, or by its day."""

from datetime import datetime, timedelta, tzinfo

from babel import Locale

from bespoke.templating import filters
from bespoke.templating.catalogue import _


def lately(value: datetime, zone: tzinfo, now: datetime, *, locale: Locale) -> str:
    """A moment as one tells it: `today, 16:20`, `yesterday, 16:20`, `13 November`; with the year where it is another.

    Raises:
        ValueError: the moment has no time zone.
    """
    if value.tzinfo is None:
        raise ValueError("A moment without a time zone cannot be shown.")
    there, today = value.astimezone(zone), now.astimezone(zone).date()
    clock = f"{there:%H:%M}"
    if there.date() == today:
        return _("today, %(clock)s", clock=clock)
    if there.date() == today - timedelta(days=1):
        return _("yesterday, %(clock)s", clock=clock)
    return (filters.day_month if there.year == today.year else filters.day)(there.date(), locale=locale)
