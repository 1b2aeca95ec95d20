"""`bespoke demo`: a demo house, set up once, then served."""

import argparse
import threading

from bespoke.cli.listening import require_free
from bespoke.config import Settings
from bespoke.demo import finished, people
from bespoke.demo.house import Door, doors, open_demo
from bespoke.jobs import supervisor
from bespoke.jobs.telling import tell_what_happens


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Whether to serve."""
    parser.add_argument("--only-set-up", action="store_true", help="fill the house and print the links, do not serve")


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """Serve until SIGTERM or SIGINT; restarting keeps everything."""
    if not arguments.only_set_up:
        require_free(settings)
    house = open_demo(settings)
    tell_what_happens(house)
    try:
        print(told(settings, doors(house), finished.check_code(house)), flush=True)
        if arguments.only_set_up:
            return 0
        stop = threading.Event()
        telling = people.begin(house, stop)
        supervisor.serve(settings, ending=stop.set)
        for one in telling:
            one.join(timeout=5)
    finally:
        house.close()
    return 0


def told(settings: Settings, ways: tuple[Door, ...], code: str) -> str:
    """The addresses and the links, as they are printed."""
    width = max(len(way.name) for way in ways)
    lines = [
        f"The demo house is at {settings.address}",
        f"  anybody may check a dossier at {settings.address}/v/",
        f"  a finished ring, once its dossier is bound: {settings.address}/v/{code}",
        "",
        "Each link opens once; there are new ones at every start:",
        *(f"  {way.role:9} {way.name:{width}}  {way.address}" for way in ways),
        "",
        "The first drawing of the Mareel ring is being measured now; its pictures come in a minute or two,",
        "and after them the finished ring and its dossier.",
        "Ctrl-C stops it all; the next start goes on where this one ended.",
    ]
    return "\n".join(lines)
