"""What every page of a commission needs: the commission as far as this client sees it, who they are to it, and now."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import render_template

from bespoke.queries import portal, whole
from bespoke.queries.portal_unread import unread
from bespoke.queries.whole import Whole
from bespoke.web.access import current_actor, house_row, the_house
from bespoke.web.database import db
from workflows.roles import Actor, Role


@dataclass(frozen=True, slots=True)
class Visit:
    """One client looking at one commission, now."""

    loaded: Whole
    actor: Actor
    at: datetime

    @property
    def decides(self) -> bool:
        """Whether they are the one who ordered the piece, and do not only read along."""
        return self.actor.role is Role.CLIENT


def visit(reference: str) -> Visit:
    """The commission of that reference, seen by whoever is signed in.

    Raises:
        NotFound: there is none, or it is somebody else's.
    """
    actor = current_actor()
    loaded = whole.load(db.session(), house_row(), reference, actor)
    role = portal.role_in(loaded.commission, actor)
    return Visit(loaded, Actor(actor.id, role, actor.name), the_house().clock())


def page(template: str, here: Visit, **facts: Any) -> str:
    """A page of that commission."""
    return render_template(
        template,
        reference=here.loaded.commission.reference,
        commission=here.loaded.commission,
        loaded=here.loaded,
        decides=here.decides,
        hours=ZoneInfo(here.loaded.house.time_zone),
        now=here.at,
        **{"unread": len(unread(here.loaded, here.actor)), **facts},
    )
