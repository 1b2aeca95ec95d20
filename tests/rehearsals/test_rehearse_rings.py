"""A whole commission by one command, with drawings of real rings: from brief to signed dossier."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.played import FRAMES, MODELS, Told, bespoke, came_to_its_end, rehearse
from tests.rehearsals.remembering_worker import FOLDER
from tests.services_running import SeaweedFS, Valkey

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]

REMEMBERS = "tests.rehearsals.remembering_worker"
STORY = [
    "commission", "enquiry", "brief", "concept", "stone_sourcing", "quote", "payment", "deposit_lock", "cad",
    "render_approval", "cad", "render_approval", "pattern", "payment", "pre_cast_release", "casting",
    "clean_assembly", "hallmark", "setting", "polish_plate", "engrave_proof", "engrave", "qc", "polish_plate", "qc",
    "pre_ship_confirmation", "payment", "delivery", "dossier", "aftercare", "verify", "doctor",
]  # fmt: skip
REFUSALS = {
    "another commission takes the same stone": "is held by another commission",
    "the office accepts its own price": "Only the client",
    "the deposit counts because the client says it was sent": "funds cleared",
    "the designer approves in the client's place": "Only the client",
    "the client approves the drawing that was replaced": "replaced meanwhile",
    "casting is begun before anybody released it": "release to cast must be done first",
    "the one who asked releases it himself": "somebody other than the person who asked",
    "it is released with a gauge that reads too much": "measure again",
    "hallmark is begun without a release": "ask a second person",
    "setting is begun without a release": "ask a second person",
    "a piece that failed its check is passed": "Send the piece back",
    "the polisher checks his own work": "somebody who did not make the piece",
    "the piece leaves before the balance has cleared": "has not been received and cleared",
}


@pytest.fixture(scope="module")
def mareel(tmp_path_factory: pytest.TempPathFactory, drawn: Path) -> Told:
    """The Mareel ring, drawn twice, on SQLite with everything embedded."""
    folder = tmp_path_factory.mktemp("mareel")
    return rehearse(folder, MODELS / "mareel_r2.glb", MODELS / "mareel_r3.glb", drawings=drawn)


def test_a_ring_goes_from_brief_to_a_signed_dossier(mareel: Told) -> None:
    came_to_its_end(mareel)
    assert "valid" in mareel.line("dossier")


def test_each_milestone_has_its_line_in_its_order(mareel: Told) -> None:
    assert mareel.milestones == STORY


def test_what_is_not_allowed_is_tried_and_refused_with_its_sentence(mareel: Told) -> None:
    told = dict(line.split(": ", 1) for line in mareel.refusals)
    assert {what: words in told.get(what, "") for what, words in REFUSALS.items()} == dict.fromkeys(REFUSALS, True)


def test_the_second_drawing_is_the_one_that_was_approved_and_made(mareel: Told) -> None:
    assert "revision 2, mareel_r3.glb" in mareel.line("cad")
    assert "seal" in mareel.line("render_approval")
    assert "9 stones in, 9 set" in mareel.line("setting")


def test_a_dossier_of_which_a_byte_was_changed_is_not_valid(mareel: Told, tmp_path: Path) -> None:
    content = bytearray((mareel.folder / "dossier.pdf").read_bytes())
    content[len(content) // 3] ^= 1
    (tmp_path / "dossier.pdf").write_bytes(content)
    pinned = mareel.folder / "house" / "keys" / "signing" / "authority.pem"
    said = bespoke(["verify", "--house", pinned, tmp_path / "dossier.pdf"], tmp_path)
    assert (said.code, "Traceback" in said.err) == (1, False), said.out + said.err


def test_a_folder_of_a_rehearsal_is_not_rehearsed_in_again(mareel: Told, band: Path) -> None:
    again = rehearse(mareel.folder, band)
    assert (again.code, again.out) == (3, "")
    assert "holds the house of an earlier rehearsal; give --out an empty folder." in again.err


@pytest.fixture
def servers(
    postgres_url: str, valkey: Valkey, seaweedfs: SeaweedFS, tmp_path: Path, drawn: Path
) -> Iterator[dict[str, str]]:
    """The settings of a house on PostgreSQL, Valkey and SeaweedFS, with a worker process of its own beside it."""
    house = {
        "BESPOKE_DATA_FOLDER": str(tmp_path / "var"),
        "BESPOKE_DATABASE_URL": postgres_url,
        "BESPOKE_BROKER_URL": valkey.url,
        "BESPOKE_S3_BUCKET": seaweedfs.bucket,
        "BESPOKE_S3_ENDPOINT": seaweedfs.endpoint,
        "BESPOKE_S3_ACCESS_KEY": seaweedfs.access_key,
        "BESPOKE_S3_SECRET_KEY": seaweedfs.secret_key,
    }
    settings = os.environ | FRAMES | house | {"PYTHONWARNINGS": "ignore", FOLDER: str(drawn)}
    told = bespoke(["init", "--name", "Orrell & Finch", "--prefix", "OF"], tmp_path, house)
    assert told.code == 0, told.err
    command = [sys.executable, "-m", "celery", "--quiet", "-A", REMEMBERS, "worker", "--loglevel", "WARNING"]
    with (tmp_path / "worker.log").open("wb") as log:
        worker = subprocess.Popen(command, env=settings, stdout=log, stderr=subprocess.STDOUT, start_new_session=True)
        try:
            yield house
        finally:
            worker.terminate()
            worker.wait(90)


def test_the_same_on_real_servers_with_a_worker_elsewhere(servers: dict[str, str], tmp_path: Path) -> None:
    drawings = (MODELS / "mareel_r2.glb", MODELS / "mareel_r3.glb")
    told = rehearse(tmp_path / "out", *drawings, house=servers, worker_elsewhere="")
    log = (tmp_path / "worker.log").read_text()
    assert told.code == 0, f"{told.code}: {told.out}{told.err}{log}"
    assert told.milestones == STORY
    came_to_its_end(told, servers)
    assert not list((tmp_path / "var").rglob("*.sqlite3"))
    assert not (tmp_path / "out" / "house").exists()


def test_eighty_parts_with_their_pave(tmp_path: Path, drawn: Path) -> None:
    told = rehearse(tmp_path, MODELS / "solitaire_pave_80_parts.glb", drawings=drawn)
    came_to_its_end(told)


def test_a_plain_band_as_stl_from_elsewhere(tmp_path: Path, drawn: Path) -> None:
    shutil.copy(MODELS / "bartmassey_ring.stl", tmp_path / "band.stl")
    told = rehearse(tmp_path / "out", tmp_path / "band.stl", drawings=drawn)
    came_to_its_end(told)
    assert "0 stones" in told.line("cad")


def test_a_mesh_that_is_not_watertight_ends_in_its_named_refusal(tmp_path: Path, drawn: Path) -> None:
    told = rehearse(tmp_path, MODELS / "hexer_ring.stl", drawings=drawn, size="UK M")
    assert told.code == 3, told.out + told.err
    assert "--override" in told.err
    assert "Traceback" not in told.err
    assert told.milestones[-1] == "cad"


def test_it_goes_through_when_the_workshop_lead_answers_for_it_by_name(tmp_path: Path, drawn: Path) -> None:
    told = rehearse(
        tmp_path, MODELS / "hexer_ring.stl", drawings=drawn, size="UK M", override="*=Will be mended at the bench."
    )
    came_to_its_end(told)
    assert "overridden by Bertil Orrell: Will be mended at the bench." in told.out
    assert "no weight" in told.out
