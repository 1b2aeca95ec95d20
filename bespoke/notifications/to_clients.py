"""What clients are written: no amounts and no accounts, one button, and nothing that is not so.

What a commission is about may be a secret; then every one of these is replaced by `DISCREET`.
"""

from collections.abc import Mapping

from bespoke.notifications.words import ASKED, MONEY, NEWS, PHOTOGRAPHS, Mail
from bespoke.templating.catalogue import lazy

HOME = "/my/{reference}/"

MAILS: Mapping[str, Mail] = {
    "opened": Mail(
        lazy("Your commission is open"),
        lazy("We have what you wrote"),
        (
            lazy(
                "Thank you for writing to us. On your own page you find what you told us, what happens next, "
                "and a place to write to %(who)s."
            ),
            lazy("There is no password; the button opens it."),
        ),
        lazy("Open my commission"),
        HOME,
    ),
    "reading": Mail(
        lazy("You may read along"),
        lazy("You may read along with %(title)s"),
        (lazy("You see how it comes about. Only the one it is made for decides."),),
        lazy("Look at it"),
        HOME,
    ),
    "sketches": Mail(
        lazy("Sketches of your %(thing)s are ready to look at"),
        lazy("The sketches are ready"),
        (lazy("Each is a first idea, drawn by hand. Say which one you like, or ask for another."),),
        lazy("Look at the sketches"),
        HOME + "sketches",
        ASKED,
        "concept",
    ),
    "stones": Mail(
        lazy("Stones for your %(thing)s are ready to compare"),
        lazy("Stones to choose from"),
        (
            lazy(
                "They stand side by side, drawn to scale, with their reports and the price of the finished "
                "piece with each. Choosing one costs nothing yet."
            ),
        ),
        lazy("Compare the stones"),
        HOME + "stones",
        ASKED,
        "stone_sourcing",
    ),
    "estimate": Mail(
        lazy("A first estimate for your %(thing)s"),
        lazy("A first estimate"),
        (
            lazy(
                "It is a range, and says what moves it. The firm price follows when the stone and the drawing "
                "are settled."
            ),
        ),
        lazy("See the estimate"),
        HOME + "quote",
        NEWS,
    ),
    "quote": Mail(
        lazy("The price of your %(thing)s is ready"),
        lazy("The price is ready"),
        (
            lazy("It says what is included, what may still change it, and what is paid when."),
            lazy(
                "It holds until %(until)s. After that we ask for the metal and the stone anew, and tell you "
                "what changed."
            ),
        ),
        lazy("See the price"),
        HOME + "quote",
        ASKED,
        "quote",
    ),
    "look": Mail(
        lazy("Revision %(number)s of your %(thing)s is ready to look at"),
        lazy("Revision %(number)s is ready to look at"),
        (
            lazy("%(note)s"),
            lazy("Turn it, measure it, and pin a note wherever you have a question."),
            lazy(
                "When you approve it, we print the wax model. If you need longer, take longer; we tell you if a "
                "date moves."
            ),
        ),
        lazy("Look at revision %(number)s"),
        HOME + "look/{number}",
        ASKED,
        "render_approval",
        picture=True,
    ),
    "wax": Mail(
        lazy("The wax model of your %(thing)s is ready"),
        lazy("The wax model is ready"),
        (lazy("It has the size and shape the piece will have. Look at its photographs, or come and try it on."),),
        lazy("See the wax model"),
        HOME + "wax",
        ASKED,
        "pattern",
    ),
    "asked": Mail(
        lazy("We need a word from you about your %(thing)s"),
        lazy("One question for you"),
        (lazy("It takes a minute, and the piece waits for it. What exactly we ask stands on your page."),),
        lazy("Answer"),
        HOME,
        ASKED,
    ),
    "ready": Mail(
        lazy("Your %(thing)s is ready"),
        lazy("It is ready"),
        (lazy("It is finished and has passed its last check. Look over where it should go, and it is yours."),),
        lazy("See what is next"),
        HOME,
        "",
        "pre_ship_confirmation",
    ),
    "voided": Mail(
        lazy("Something changed after you said yes"),
        lazy("Your yes no longer counts"),
        (
            lazy(
                "Something it was about has changed, so nothing is made from it. We put the new state before "
                "you before we go on."
            ),
        ),
        lazy("See what changed"),
        HOME,
    ),
    "photograph": Mail(
        lazy("A photograph of your %(thing)s from the bench"),
        lazy("A photograph from the bench"),
        (lazy("Taken by %(who)s while working on it. Nothing is asked of you."),),
        lazy("See the photograph"),
        HOME + "making",
        PHOTOGRAPHS,
    ),
    "message": Mail(
        lazy("%(who)s wrote to you"),
        lazy("%(who)s wrote to you"),
        (lazy("“%(words)s”"),),
        lazy("Read and answer"),
        HOME + "messages",
        NEWS,
    ),
    "note": Mail(
        lazy("%(who)s answered your note on revision %(number)s"),
        lazy("An answer to your note"),
        (lazy("“%(words)s”"),),
        lazy("Look at revision %(number)s"),
        HOME + "look/{number}",
        NEWS,
    ),
    "stone_gone": Mail(
        lazy("Your stone has gone to somebody else"),
        lazy("The stone is no longer ours to hold"),
        (lazy("We are sorry. The ones closest to it are on your page, and the price is made anew if you choose one."),),
        lazy("See what is closest"),
        HOME + "stones",
    ),
    "hold_ends": Mail(
        lazy("We hold your stone until %(until)s"),
        lazy("The stone is held until %(until)s"),
        (
            lazy(
                "The deposit keeps it for you. If you need longer, write to us; if you would rather not, that "
                "is easily said and costs nothing."
            ),
        ),
        lazy("Keep the stone"),
        HOME,
        ASKED,
    ),
    "hold_over": Mail(
        lazy("The hold on your stone has ended"),
        lazy("The stone is free again"),
        (lazy("Nobody has taken it yet, as far as we know. If you still want it, say so and we ask for it."),),
        lazy("See the stones"),
        HOME + "stones",
        ASKED,
    ),
    "still_asked": Mail(
        lazy("Your %(thing)s waits for your answer"),
        lazy("We still have a question open"),
        (
            lazy(
                "We asked on %(asked)s and go on when you have answered. There is no hurry on our side; a date "
                "may move with it."
            ),
            lazy("If you would rather leave it for now, a short no is answer enough."),
        ),
        lazy("Answer"),
        HOME,
        ASKED,
    ),
    "quote_ends": Mail(
        lazy("The price of your %(thing)s holds until %(until)s"),
        lazy("The price holds until %(until)s"),
        (
            lazy(
                "After that we ask for the metal and the stone anew. If it is not for you, tell us; there is "
                "nothing to pay."
            ),
        ),
        lazy("See the price"),
        HOME + "quote",
        ASKED,
    ),
    "received": Mail(
        lazy("We have received your payment"),
        lazy("Thank you, it has arrived"),
        (lazy("The receipt is among your papers. What is secured with it, and what comes next, stands on your page."),),
        lazy("See the receipt"),
        HOME + "payments",
        MONEY,
    ),
    "not_received": Mail(
        lazy("A payment did not arrive"),
        lazy("The payment did not arrive"),
        (lazy("Nothing was taken. On your page you can try again, or choose a transfer."),),
        lazy("See what is open"),
        HOME + "payments",
    ),
    "refunded": Mail(
        lazy("We have paid money back to you"),
        lazy("We have paid money back"),
        (lazy("How much, and for what, stands on your page. A bank takes up to three working days."),),
        lazy("See the refund"),
        HOME + "payments",
    ),
    "invoice": Mail(
        lazy("Your invoice is ready"),
        lazy("Your invoice is ready"),
        (lazy("It lies among your papers."),),
        lazy("See the invoice"),
        HOME + "documents",
        MONEY,
    ),
    "promised": Mail(
        lazy("When your %(thing)s will be ready"),
        lazy("It will be ready between %(first)s and %(last)s"),
        (
            lazy(
                "Eight times in ten, a piece like this is finished in these days. If anything moves them, we "
                "write the same day."
            ),
        ),
        lazy("See the dates"),
        HOME,
        NEWS,
    ),
    "new_date": Mail(
        lazy("A new day for your %(thing)s: %(last)s"),
        lazy("The new day is %(last)s"),
        (lazy("%(reason)s"), lazy("If the new day does not suit you, answer this letter and we look for a way.")),
        lazy("See the dates"),
        HOME,
    ),
    "dossier": Mail(
        lazy("The dossier of your %(thing)s is ready"),
        lazy("The dossier is bound"),
        (
            lazy(
                "It says what your piece is, what it was made from, by whom, and what you agreed to, and is "
                "signed by us. Keep it with the piece."
            ),
        ),
        lazy("Open the dossier"),
        HOME + "documents",
        NEWS,
    ),
    "uncollected": Mail(
        lazy("Your %(thing)s is ready to be collected"),
        lazy("It waits for you"),
        (
            lazy("It has been ready since %(first)s, and lies in our safe."),
            lazy("If somebody else should fetch it, or you would rather have it sent, answer this letter."),
        ),
        lazy("Write to us"),
        HOME + "messages",
    ),
    "storage": Mail(
        lazy("Your %(thing)s is still with us"),
        lazy("It still waits for you"),
        (
            lazy("It has been ready since %(first)s, and this is our last reminder."),
            lazy(
                "Our terms let us charge for its storage from now on. We do not do so by ourselves: answer this "
                "letter, and we find a day, or send it to you."
            ),
        ),
        lazy("Write to us"),
        HOME + "messages",
    ),
    "cleaning": Mail(
        lazy("Your %(thing)s could do with a first cleaning"),
        lazy("Half a year on your hand"),
        (lazy("Bring it in and we clean it, look at the claws and measure them, while you wait. It costs nothing."),),
        lazy("Book a cleaning"),
        HOME,
        NEWS,
    ),
    "ended": Mail(
        lazy("Your commission has ended"),
        lazy("The commission has ended"),
        (lazy("What we owe you, and what was kept and why, stands on your page."),),
        lazy("See how it ended"),
        HOME,
    ),
}

DISCREET = Mail(
    lazy("A message for you, %(name)s"),
    lazy("There is a message for you"),
    (lazy("Open it when you are by yourself."),),
    lazy("Open"),
    HOME,
)
"""In the place of every letter of a commission that is a surprise: nothing in it says from whom, or about what."""
