"""Lines, dimensions and words of a drawing as SVG, in the page's own colour; one unit is one millimetre."""

from collections.abc import Iterable, Sequence
from html import escape

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
Segments = NDArray[np.float64]  # (n, 2 ends, 2 coordinates)

_TOLERANCE_MM = 0.015  # a drawn line leaves the reckoned one by no more
_SAME_END_MM = 0.002


def joined(strokes: Segments) -> list[Points]:
    """Strokes that share an end as long lines, thinned where they are straight."""
    keys = np.round(strokes / _SAME_END_MM).astype(np.int64)
    ends: dict[tuple[int, int], list[int]] = {}
    for number, (first, last) in enumerate(keys):
        if (first != last).any():
            ends.setdefault((int(first[0]), int(first[1])), []).append(number)
            ends.setdefault((int(last[0]), int(last[1])), []).append(number)
    used = np.zeros(len(strokes), bool)
    lines = []
    for number in range(len(strokes)):
        if used[number] or (keys[number, 0] == keys[number, 1]).all():
            continue
        used[number] = True
        line = [strokes[number, 0], strokes[number, 1]]
        for grow_last in (True, False):
            while True:
                tip = line[-1] if grow_last else line[0]
                at = (round(tip[0] / _SAME_END_MM), round(tip[1] / _SAME_END_MM))
                following = next((one for one in ends.get(at, ()) if not used[one]), None)
                if following is None:
                    break
                used[following] = True
                near = int(np.abs(keys[following] - np.array(at)).sum(axis=1).argmax())
                line.insert(len(line) if grow_last else 0, strokes[following, near])
        lines.append(_thinned(np.array(line)))
    return lines


def _thinned(line: Points) -> Points:
    """Douglas and Peucker's line: fewer points, nowhere off by more than the tolerance."""
    keep = np.zeros(len(line), bool)
    keep[[0, -1]] = True
    waiting = [(0, len(line) - 1)]
    while waiting:
        first, last = waiting.pop()
        if last - first < 2:
            continue
        chord = line[last] - line[first]
        length = float(np.hypot(*chord))
        offset = line[first + 1 : last] - line[first]
        away = (
            np.hypot(*offset.T) if length < 1e-9 else np.abs(offset[:, 0] * chord[1] - offset[:, 1] * chord[0]) / length
        )
        worst = int(away.argmax())
        if away[worst] > _TOLERANCE_MM:
            middle = first + 1 + worst
            keep[middle] = True
            waiting += [(first, middle), (middle, last)]
    return line[keep]


def path(lines: Iterable[Points], *, weight: float, closed: bool = False) -> str:
    """Lines of points (n, 2) with one weight in millimetres."""
    drawn = "".join("M" + "L".join(f"{x:.3f} {y:.3f}" for x, y in line) + ("Z" if closed else "") for line in lines)
    return f'<path d="{drawn}" stroke-width="{weight:.3f}"/>'


def dimension(
    start: tuple[float, float],
    end: tuple[float, float],
    words: str,
    text: float,
    *,
    above: bool = False,
    upright: bool = False,
) -> str:
    """A dimension line with ticks and its figure; below or right of the line unless told otherwise."""
    (x0, y0), (x1, y1) = start, end
    tick = 0.4 * text
    across = (tick, 0.0) if x0 == x1 else (0.0, tick)
    marks = [np.array([[x - across[0], y - across[1]], [x + across[0], y + across[1]]]) for x, y in (start, end)]
    line = path([np.array([start, end]), *marks], weight=0.07 * text)
    x, y = (x0 + x1) / 2, (y0 + y1) / 2
    if x0 != x1:
        y += -0.45 * text if above else 1.25 * text
        return line + _words(x, y, words, text, "middle")
    if upright:
        return line + _words(x + 0.6 * text, y + 0.35 * text, words, text, "start")
    return (
        line
        + f'<g transform="translate({x + 0.45 * text:.3f} {y:.3f}) rotate(90)">'
        + f"{_words(0, 0, words, text, 'middle')}</g>"
    )


def _words(x: float, y: float, words: str, size: float, anchor: str) -> str:
    return (
        f'<text x="{x:.3f}" y="{y:.3f}" font-size="{size:.3f}" text-anchor="{anchor}" '
        f'fill="currentColor" stroke="none">{escape(words)}</text>'
    )


def drawing(box: tuple[float, float, float, float], lines: Sequence[str], title: str, facts: dict[str, str]) -> str:
    """The SVG of a box (left, top, width, height); `facts` become data attributes of the root element."""
    known = "".join(f' data-{name}="{value}"' for name, value in facts.items())
    x, y, width, height = (round(float(value), 3) for value in box)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{x} {y} {width} {height}" '
        f'width="{width}mm" height="{height}mm" role="img" font-family="inherit" fill="none" stroke="currentColor" '
        f'stroke-linecap="round" stroke-linejoin="round"{known}><title>{escape(title)}</title>{"".join(lines)}</svg>\n'
    )
