"""A crowd of clients in a process of its own: asks for pages over and over, eight at a time, and does nothing else.

`python -m tests.timings.asking ADDRESS LINK PATH...` signs in once, and prints how many pages came in how long.
"""

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor

from tests.timings.sender import Browser

AT_ONCE = 8
EACH = 100


def crowd(address: str, link: str, paths: list[str]) -> dict[str, float]:
    """Every visitor has a connection of their own that is kept."""
    first = Browser(address)
    first.enter(link)

    def visit(number: int) -> int:
        browser = Browser(address, dict(first.cookies))
        return sum(bool(browser.ask("GET", paths[(number + turn) % len(paths)])) for turn in range(EACH))

    began = time.perf_counter()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        came = sum(pool.map(visit, range(AT_ONCE)))
    return {"pages": came, "seconds": time.perf_counter() - began}


if __name__ == "__main__":
    print(json.dumps(crowd(sys.argv[1], sys.argv[2], sys.argv[3:])))
