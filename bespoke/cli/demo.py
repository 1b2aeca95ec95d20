"""`bespoke demo`: a demo house, set up once, then served."""

import argparse
import threading

from bespoke.cli.listening import require_free
from bespoke.config import Settings
from bespoke.demo import afterwards
from bespoke.demo.house import Door, doors, open_demo
from bespoke.jobs import supervisor


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Whether to serve."""
    parser.add_argument("--only-set-up", action="store_true", help="fill the house and print the links, do not serve")


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """Serve until SIGTERM or SIGINT; restarting keeps everything."""
    if not arguments.only_set_up:
        require_free(settings)
    house = open_demo(settings)
    try:
        print(told(settings, doors(house)), flush=True)
        if arguments.only_set_up:
            return 0
        stop = threading.Event()
        people = threading.Thread(target=afterwards.play_on, args=(house, stop), name="people", daemon=True)
        people.start()
        supervisor.serve(settings)
        stop.set()
        people.join(timeout=5)
    finally:
        house.close()
    return 0


def told(settings: Settings, ways: tuple[Door, ...]) -> str:
    """The addresses and the links, as they are printed."""
    width = max(len(way.name) for way in ways)
    lines = [
        f"The demo house is at {settings.address}",
        f"  anybody may check a dossier at {settings.address}/v/",
        "",
        "Each link opens once; there are new ones at every start:",
        *(f"  {way.role:9} {way.name:{width}}  {way.address}" for way in ways),
        "",
        "The first drawing of the Mareel ring is being measured now; its pictures come in a minute or two.",
        "Ctrl-C stops it all; the next start goes on where this one ended.",
    ]
    return "\n".join(lines)
