"""What an idle house keeps in memory: web and worker load nothing that only a child, or another house, needs."""

import subprocess
import sys

import pytest

ELSEWHERE = ("boto3", "botocore", "psycopg", "pyhanko", "pikepdf", "weasyprint", "PIL", "aiohttp")


@pytest.mark.parametrize("module", ["bespoke.app", "bespoke.worker"])
def test_an_embedded_house_loads_no_bucket_no_other_database_and_no_pdf(module: str) -> None:
    told = subprocess.run(
        [sys.executable, "-c", f"import sys, {module}; print(*sys.modules)"], capture_output=True, text=True, check=True
    )
    loaded = {name.partition(".")[0] for name in told.stdout.split()}
    assert loaded & {*ELSEWHERE} == set()
