"""Which files of tests come first, and which are left to `make test`.

Two processes share the suite file by file, so that what a file prepares is prepared once. The long ones begin: one
that began last would leave the other process with nothing to do. `make check` has to end within a minute and a half;
what it leaves out is named here or carries the marker itself, and `make test` runs all of it.
"""

from collections.abc import Iterable
from pathlib import Path

HERE = Path(__file__).parent

LONGEST = (  # the longest first
    "browser/test_story.py",
    "rehearsals/test_rehearse_rings.py",
    "rehearsals/test_rehearse_others.py",
    "faults/test_killed_at_a_point.py",
    "browser/test_look.py",
    "browser/test_every_page.py",
    "jobs/test_worker.py",
    "renders/test_drawing.py",
    "documents/test_dossier_flow.py",
)

SLOW_FOLDERS = frozenset({"browser", "faults", "rehearsals"})
SLOW = frozenset(  # by what they draw, bind, sign or start, or by their number
    {
        "cli/test_cli_export.py",
        "cli/test_cli_commands.py",
        "documents/test_dossier.py",
        "documents/test_dossier_flow.py",
        "jobs/test_binding.py",
        "jobs/test_examining.py",
        "jobs/test_loaded.py",
        "jobs/test_refunding.py",
        "jobs/test_supervisor.py",
        "jobs/test_telling.py",
        "proof/test_authority.py",
        "proof/test_keys.py",
        "proof/test_verify_pdf.py",
        "renders/test_bore.py",
        "renders/test_commands.py",
        "renders/test_drawing.py",
        "renders/test_fuzz.py",
        "renders/test_hostile.py",
        "renders/test_pipeline.py",
        "renders/test_readers.py",
        "renders/test_sandbox.py",
        "renders/test_stills.py",
        "renders/test_turntable.py",
        "renders/test_web_model.py",
        "services/test_cards.py",
        "services/test_uncollected.py",
        "test_backup.py",
        "web/test_checking.py",
        "web/test_demo.py",
        "web/test_enquiring.py",
        "web/test_entering_again.py",
        "web/test_entering_staff.py",
        "web/test_inviting.py",
        "web/test_look.py",
        "web/test_matrix.py",
        "web/test_numbers.py",
        "web/test_portal_bad_input.py",
        "web/test_studio_input.py",
        "web/test_studio_pages.py",
        "web/test_studio_uploads.py",
        "web/test_studio_work.py",
        "workflows/test_graph_search.py",
        "workflows/test_machine.py",
    }
)


def place_of(path: Path) -> int:
    """Where a file stands in the order: the named ones first, then whatever is slow, then the others."""
    name = named(path)
    if name in LONGEST:
        return LONGEST.index(name)
    return len(LONGEST) + (not is_slow(path))


def is_slow(path: Path) -> bool:
    """Whether `make check` leaves a file, or a whole folder, to `make test`."""
    name = named(path)
    return name in SLOW or name.partition("/")[0] in SLOW_FOLDERS


def named(path: Path) -> str:
    """A file of tests as it is named here."""
    return path.relative_to(HERE).as_posix()


def unknown() -> Iterable[str]:
    """What is named here and is not there."""
    return sorted(name for name in {*LONGEST, *SLOW} if not (HERE / name).is_file())
