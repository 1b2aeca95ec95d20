"""What the people of the house are written: the reference first, and what it asks of them."""

from collections.abc import Mapping

from bespoke.notifications.words import Mail
from bespoke.templating.catalogue import lazy

DESK = "/house/{reference}/"
STUDIO = "/studio/{reference}/"

MAILS: Mapping[str, Mail] = {
    "message": Mail(
        lazy("%(reference)s: %(who)s wrote"),
        lazy("%(who)s wrote about %(title)s"),
        (lazy("“%(words)s”"),),
        lazy("Read and answer"),
        STUDIO,
    ),
    "note": Mail(
        lazy("%(reference)s: a note on revision %(number)s"),
        lazy("%(who)s left a note on revision %(number)s"),
        (lazy("“%(words)s”"),),
        lazy("Look at it"),
        STUDIO,
    ),
    "answered": Mail(
        lazy("%(reference)s: yes to %(milestone)s"),
        lazy("%(who)s said yes to %(milestone)s"),
        (lazy("%(title)s can go on."),),
        lazy("Open it"),
        STUDIO,
    ),
    "changes": Mail(
        lazy("%(reference)s: something different, please"),
        lazy("%(who)s would like %(milestone)s to be different"),
        (lazy("“%(note)s”"),),
        lazy("Open it"),
        STUDIO,
    ),
    "brief": Mail(
        lazy("%(reference)s: the brief is there"),
        lazy("%(title)s: the brief is there"),
        (lazy("Version %(number)s, by %(who)s."),),
        lazy("Read the brief"),
        STUDIO + "brief",
    ),
    "release": Mail(
        lazy("%(reference)s: a release is asked of you"),
        lazy("%(who)s asks a second person to release %(milestone)s"),
        (lazy("Nothing is begun without it."),),
        lazy("Look at it"),
        DESK,
        asks="",
    ),
    "refused": Mail(
        lazy("%(reference)s: the file cannot be used"),
        lazy("The file of revision %(number)s cannot be used"),
        (lazy("%(reason)s"),),
        lazy("Open it"),
        STUDIO,
    ),
    "chosen": Mail(
        lazy("%(reference)s: a stone is chosen"),
        lazy("%(who)s chose stone %(stone)s"),
        (lazy("Hold it before it goes elsewhere."),),
        lazy("Open it"),
        STUDIO + "stones",
    ),
    "stone_gone": Mail(
        lazy("%(reference)s: stone %(stone)s is gone"),
        lazy("Stone %(stone)s could not be locked"),
        (lazy("The money is there and the stone is not. Ring the client today."),),
        lazy("Open it"),
        STUDIO + "stones",
    ),
    "hold_over": Mail(
        lazy("%(reference)s: the hold on %(stone)s ran out"),
        lazy("The hold on stone %(stone)s ran out"),
        (lazy("The client was told. Ring them, or let it rest."),),
        lazy("Open it"),
        STUDIO + "stones",
    ),
    "left": Mail(
        lazy("%(reference)s: nobody has collected the piece"),
        lazy("%(title)s has waited since %(first)s"),
        (
            lazy("The client was reminded three times. Ring them."),
            lazy(
                "Storage may be charged by the house's terms, where they name a fee. Nothing is charged or kept back "
                "by itself; the owner decides, with a reason."
            ),
        ),
        lazy("Open it"),
        DESK,
    ),
    "transfer": Mail(
        lazy("%(reference)s: a transfer is on its way"),
        lazy("%(who)s sent a transfer"),
        (lazy("Look for it in the bank's list, and confirm it when it is there."),),
        lazy("Open it"),
        DESK,
    ),
    "stuck": Mail(
        lazy("%(reference)s: a card payment hangs"),
        lazy("A card payment hangs"),
        (lazy("%(reason)s"),),
        lazy("Open it"),
        DESK,
    ),
    "beyond": Mail(
        lazy("%(reference)s: more came in than is due"),
        lazy("More came in than is due"),
        (
            lazy("What a card paid too much goes back by itself."),
            lazy("A transfer counts towards the next part, unless you pay it back. Ask the client."),
        ),
        lazy("Open it"),
        DESK,
    ),
    "reversed": Mail(
        lazy("%(reference)s: a payment was taken back"),
        lazy("A payment was taken back"),
        (lazy("%(reason)s"),),
        lazy("Open it"),
        DESK,
    ),
}
