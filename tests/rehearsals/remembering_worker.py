"""The house's own worker, which draws a design only when the folder in `DRAWN` has no drawing of it."""

import os
from pathlib import Path
from typing import Any

from bespoke import worker
from tests import drawn

FOLDER = "DRAWN"


def __getattr__(name: str) -> Any:
    if name in ("app", "celery"):
        drawn.remember(Path(os.environ[FOLDER]))
        return worker.app
    raise AttributeError(name)
