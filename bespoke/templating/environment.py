"""One Jinja environment a locale: an unknown name is an error, everything is escaped, numbers come with units."""

from collections.abc import Callable
from functools import cache, partial
from pathlib import Path

from babel import Locale
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from bespoke.templating import catalogue, filters, icons, moments

_PACKAGED = Path(__file__).resolve().parent.parent / "templates"
TEMPLATES = _PACKAGED if _PACKAGED.is_dir() else _PACKAGED.parent.parent / "templates"

_LOCALISED: dict[str, Callable[..., str]] = {
    "money": filters.money,
    "grams": filters.grams,
    "carats": filters.carats,
    "mm": filters.millimetres,
    "number": filters.number,
    "day": filters.day,
    "day_short": filters.day_short,
    "day_month": filters.day_month,
    "weekday": filters.weekday,
    "month": filters.month,
    "moment": filters.moment,
    "lately": moments.lately,
}


@cache
def environment(locale: str = "en_GB", folder: Path = TEMPLATES) -> Environment:
    """The environment whose filters speak the given language, e.g. `en_GB` or `de_CH`.

    Raises:
        babel.UnknownLocaleError: there is no such locale.
    """
    spoken = Locale.parse(catalogue.REGIONS.get(locale, locale))
    made = Environment(
        loader=FileSystemLoader(folder),
        undefined=StrictUndefined,
        autoescape=select_autoescape(enabled_extensions=("html", "xml", "svg"), default=True),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    for name, localised in _LOCALISED.items():
        made.filters[name] = partial(localised, locale=spoken)
    made.filters["seal"] = filters.seal
    made.filters["spaced"] = filters.spaced
    made.filters["unbroken"] = filters.unbroken
    made.globals.update(
        icon=icons.icon,
        punch=icons.punch,
        printed_icon=icons.printed_icon,
        printed_mark=icons.printed_mark,
        struck_mark=icons.struck_mark,
    )
    catalogue.install(made, catalogue.nearest(locale))
    return made


def follow_listener(page: Environment) -> None:
    """Let the environment of pages speak to whoever is listening: their language, their way to write numbers."""
    for name, localised in _LOCALISED.items():
        page.filters[name] = _following(localised)
    catalogue.install(page)


def _following(localised: Callable[..., str]) -> Callable[..., str]:
    def written(value: object, *words: object, **options: object) -> str:
        return localised(value, *words, locale=catalogue.locale(), **options)

    return written
