"""Tell metal from stones and from what is only drawn: by names first, by shape where the names are silent."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import ConvexHull, QhullError

from renders import surface
from renders.bodies import Body, Kind, Mesh
from renders.parts import Part
from renders.surface import Faces, Points
from workflows.gems import GEMS

CONVEX = 0.985  # volume over that of the hull
FACETED = 0.60  # share of the area in facets of at least `LARGE` each
LARGE = 0.008
TABLE = 0.03  # the largest facet's least share: beads made of few triangles have none so large
SLOPING = 0.20  # share of the area neither level with the table nor upright: boxes and discs have none
_FLAT = 1e-6  # 1 - cosine between triangles of one facet
_MOST_SPLIT = 20_000
_MOST_FACES = 10_000  # a cut stone has some hundred

_METAL_WORDS = """
    metal gold platinum palladium silver alloy shank band prong prongs claw claws bead beads bezel basket gallery
    rail rails arm arms wire bail collet bridge peg au ag pt pd karat
"""
_STONE_WORDS = """
    stone stones gem gems gemstone gemstones diamonds dia melee brilliant brilliants cabochon cab baguette marquise
    princess pearls
"""
_HELPER_WORDS = """
    sprue sprues ruler cutter cutters azure text dimension dimensions annotation guide helper finger mannequin
    support supports construction reference ghost
"""
_METALS = frozenset(_METAL_WORDS.split())
_HELPERS = frozenset(_HELPER_WORDS.split())
_STONES = frozenset(_STONE_WORDS.split()) | {word for name in GEMS for word in name.split() if len(word) > 3}
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")


@dataclass(frozen=True, slots=True)
class Sorted:
    """The bodies of a file in its own unit.

    `doubtful` names those whose shape speaks against their name, `turned` those with triangles that faced inwards.
    """

    bodies: tuple[Body, ...]
    doubtful: tuple[str, ...]
    turned: tuple[str, ...]


def sort(parts: Iterable[Part]) -> Sorted:
    """Bodies with their kinds; every stone is a body of its own, metal stays together as the file has it."""
    bodies: list[Body] = []
    doubtful: list[str] = []
    turned: list[str] = []
    for part in parts:
        vertices, faces = surface.weld(part.vertices, part.faces)
        if not len(faces):
            continue
        faces, count = surface.facing_outwards(vertices, faces)
        turned += [part.name] if count else []
        labels = surface.components(faces, len(vertices))
        shaped = _stone_shaped(vertices, faces, labels)
        told = _told(part, shaped)
        if told is Kind.METAL and shaped.all():
            doubtful.append(part.name)
        bodies.extend(_bodies(part, vertices, faces, labels, shaped, told))
    return Sorted(tuple(bodies), tuple(doubtful), tuple(turned))


def _told(part: Part, shaped: NDArray[np.bool_]) -> Kind | None:
    """What the names say; where they contradict each other or only a group speaks, the shape has its say."""
    own = {kind for kind in (kind_by_words(part.material), kind_by_words(part.name)) if kind is not None}
    if len(own) == 1:
        return own.pop()
    if Kind.HELPER in own:
        return Kind.HELPER
    if own:
        return Kind.STONE if shaped.all() else Kind.METAL
    group = kind_by_words(part.layer)
    return None if group is Kind.METAL and shaped.any() else group


def kind_by_words(*texts: str | None) -> Kind | None:
    """What material, name or layer say, the first that says anything; as many words for both mean metal.

    Names come as people write them: `metal_beadR611`, `Centre Stone`, `Stones::Diamond 1.3`.
    """
    for text in texts:
        words = [word.lower() for word in _WORD.findall(text or "")]
        if _HELPERS & set(words):
            return Kind.HELPER
        metal, stone = (sum(word in known for word in words) for known in (_METALS, _STONES))
        if metal or stone:
            return Kind.STONE if stone > metal else Kind.METAL  # a diamond prong is a prong
    return None


def species_by_words(*texts: str | None) -> str | None:
    """The gem that material, name or layer name, as `workflows.gems` calls it."""
    for text in texts:
        plain = " ".join(word.lower() for word in _WORD.findall(text or ""))
        found = [name for name in GEMS if re.search(rf"\b{re.escape(name)}s?\b", plain)]
        if found:
            return max(found, key=len)
    return None


def _bodies(
    part: Part, vertices: Points, faces: Faces, labels: NDArray[np.int64], shaped: NDArray[np.bool_], told: Kind | None
) -> Iterable[Body]:
    if told in (Kind.METAL, Kind.HELPER):
        yield _body(part, part.name, told, vertices, faces)
        return
    stones = np.ones(len(shaped), bool) if told is Kind.STONE else shaped
    if stones.sum() > _MOST_SPLIT:
        yield _body(part, part.name, told or Kind.METAL, vertices, faces)
        return
    metal = ~stones[labels]
    if metal.any():
        yield _body(part, part.name, Kind.METAL, *surface.taken(vertices, faces[metal]))
    numbers = np.flatnonzero(stones)
    members = surface.faces_of_pieces(labels)
    for place, number in enumerate(numbers, 1):
        own = faces[members[number]]
        name = part.name if len(numbers) == 1 and not metal.any() else f"{part.name} stone {place:02d}"
        yield _body(part, name, Kind.STONE, *surface.taken(vertices, own))


def _body(part: Part, name: str, kind: Kind, vertices: Points, faces: Faces) -> Body:
    return Body(name, part.layer, part.material, kind, Mesh(vertices, faces))


def _stone_shaped(vertices: Points, faces: Faces, labels: NDArray[np.int64]) -> NDArray[np.bool_]:
    """For each connected piece, whether it is a faceted convex body with a table, as a cut stone is."""
    pieces = int(labels.max()) + 1
    if np.bincount(labels).min() > _MOST_FACES:
        return np.zeros(pieces, bool)
    normal, area = surface.normals(vertices, faces)
    facet = facets(faces, normal)
    facet_area = np.bincount(facet, area)
    whole = np.bincount(labels, area, pieces)
    owner = np.zeros(len(facet_area), np.int64)
    owner[facet] = labels
    large = facet_area >= LARGE * whole[owner]
    faceted = np.bincount(owner, facet_area * large, pieces) / np.maximum(whole, 1e-300)
    largest = np.zeros(pieces)
    np.maximum.at(largest, owner, facet_area)
    likely = (faceted > FACETED) & (largest > TABLE * whole) & (np.bincount(labels) <= _MOST_FACES)
    result = np.zeros(pieces, bool)
    members = surface.faces_of_pieces(labels)
    for number in np.flatnonzero(likely):
        own = members[number]
        result[number] = _slopes(normal[own], area[own], facet[own]) and _is_convex(vertices, faces[own])
    return result


def facets(faces: Faces, normal: Points) -> NDArray[np.int64]:
    """A number for each face: neighbours in one plane have the same."""
    pairs = surface.neighbours(faces)
    level = np.einsum("ij,ij->i", normal[pairs[:, 0]], normal[pairs[:, 1]]) > 1 - _FLAT
    flat = pairs[level]
    graph = coo_matrix((np.ones(len(flat), np.int8), (flat[:, 0], flat[:, 1])), shape=(len(faces),) * 2)
    return connected_components(graph, directed=False)[1].astype(np.int64)


def _slopes(normal: Points, area: NDArray[np.float64], facet: NDArray[np.int64]) -> bool:
    _, numbers = np.unique(facet, return_inverse=True)
    table = normal[np.argmax(np.bincount(numbers, area)[numbers])]
    lean = np.abs(normal @ table)
    return bool(area[(lean > 0.1) & (lean < 0.985)].sum() > SLOPING * area.sum())


def _is_convex(vertices: Points, faces: Faces) -> bool:
    if not surface.count_edges(faces).closed:
        return False
    try:
        hull = ConvexHull(vertices[np.unique(faces)])
    except QhullError:
        return False
    return bool(abs(surface.signed_volume(vertices, faces)) > CONVEX * hull.volume)
