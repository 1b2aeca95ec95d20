"""`bespoke doctor`: does everything hold together?"""

import argparse
import json
import tempfile
from pathlib import Path

from bespoke import schema
from bespoke.config import Settings
from bespoke.house import open_house
from bespoke.services import doctor
from renders.sandbox import network_is_shut

UNWELL = 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """How closely to look, and for whom."""
    parser.add_argument("--deep", action="store_true", help="read every file through")
    parser.add_argument("--json", action="store_true", help="for a program")


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """Exit code 0 when nothing is wrong, 1 with every breach named."""
    house = open_house(settings)
    try:
        drift = schema.drift(house.database)
        with house.database.reading() as session:
            found = doctor.examine(session, house.storage, at=house.clock(), deep=arguments.deep)
    finally:
        house.close()
    breaches = [*found.breaches, *(doctor.Breach("schema is as the program expects", "database", d) for d in drift)]
    with tempfile.TemporaryDirectory() as folder:
        shut = network_is_shut(Path(folder))
    if arguments.json:
        facts = {
            "looked_at": found.looked_at,
            "breaches": [{"check": b.check, "where": b.where, "sentence": b.sentence} for b in breaches],
            "children_without_network": shut,
        }
        print(json.dumps(facts, indent=2, sort_keys=True))
        return UNWELL if breaches else 0
    for name, many in found.looked_at.items():
        bad = sum(breach.check == name for breach in breaches)
        print(f"{'BREACH' if bad else 'ok':6}  {name} ({many} looked at)")
    if not shut:
        print("note    this kernel does not let children be cut off from the network")
    for breach in breaches:
        print(f"BREACH  {breach.check}: {breach.where}: {breach.sentence}")
    return UNWELL if breaches else 0
