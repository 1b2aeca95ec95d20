"""The template environment shared by pages, mails and documents: strict, escaping, and speaking in units."""

from bespoke.templating.environment import TEMPLATES, environment, follow_listener
from bespoke.templating.icons import icon, printed_icon, printed_mark, punch, struck_mark

__all__ = [
    "TEMPLATES",
    "environment",
    "follow_listener",
    "icon",
    "printed_icon",
    "printed_mark",
    "punch",
    "struck_mark",
]
