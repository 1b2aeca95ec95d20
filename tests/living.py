"""A house that has lived: made once through the services, then copied for each test that damages or moves it."""

import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import text

from bespoke.config import Settings
from bespoke.database import Database
from bespoke.house import prepare
from bespoke.proof import keys
from bespoke.services import dossiers, files
from bespoke.storage.local import LocalStore
from tests.factories import NOON, a_cast, a_commission, brought_to
from tests.making import SYSTEM, a_picture, bench_to, checked, drawn

MANIFEST = b'{"piece":"A"}'


@dataclass(frozen=True, slots=True)
class Lived:
    """A house in which something has happened: its database file and its files."""

    database: Path
    files: Path

    def copied_to(self, folder: Path) -> "Lived":
        target = Lived(folder / "bespoke.sqlite3", folder / "files")
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(self.database, target.database)
        shutil.copytree(self.files, target.files)
        return target

    def settled_in(self, folder: Path) -> "Lived":
        """The same house where the commands look for it, with keys of its own."""
        settings = Settings(data_folder=folder)
        prepare(settings)
        keys.create(settings.keys_folder / "signing", "Orrell & Finch", at=NOON)
        return self.copied_to(folder)


def a_life(template: Path, folder: Path) -> Lived:
    """A piece handed over with its dossier, and another one being drawn."""
    folder.mkdir(parents=True, exist_ok=True)
    made = Lived(folder / "bespoke.sqlite3", folder / "files")
    shutil.copyfile(template, made.database)
    database, store = Database(f"sqlite:///{made.database}"), LocalStore(made.files)
    with database.transaction() as session:
        cast = a_cast(session)
        piece = bench_to(session, store, a_commission(session, cast), "qc", cast)
        checked(session, store, piece, cast, surface="a scratch")
        bench_to(session, store, piece.commission, "pre_ship_confirmation", cast)
        piece = bench_to(session, store, piece.commission, "dossier", cast)
        document = dossiers.issue(session, piece, "AAAA-BBBB", cast.office, at=NOON)
        dossiers.record_bound(session, document, store.put([b"%PDF the dossier"]), MANIFEST, SYSTEM, at=NOON)
        other = brought_to(session, a_commission(session, cast), "cad", cast)
        drawn(session, store, other.pieces[0], cast)
        session.execute(text("UPDATE jobs SET state = 'done', finished_at = created_at"))
        for number, digest in enumerate(session.scalars(text("SELECT digest FROM sketches")).all()):
            real = files.enter(session, store.put([a_picture(f"sketch {number}")]), "image/png", at=NOON)
            session.execute(
                text("UPDATE sketches SET digest = :new WHERE digest = :old"), {"new": real.digest, "old": digest}
            )
            session.execute(text("DELETE FROM files WHERE digest = :old"), {"old": digest})
    database.close()
    with closing(sqlite3.connect(made.database)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return made
