"""One sentence after an action: carried to the next page in the session, shown there once."""

from flask import session

from bespoke.templating.catalogue import Lazy

KEY = "said"
MOST = 3


def tell(sentence: str | Lazy) -> None:
    """Say this on the next page the visitor sees: `tell(_("Your message is with Ines."))`."""
    session[KEY] = [*session.get(KEY, ()), str(sentence)][-MOST:]


def just_said() -> list[str]:
    """What has not been shown yet; it is shown now, and not again."""
    if KEY not in session:
        return []
    told: list[str] = session.pop(KEY)
    return told
