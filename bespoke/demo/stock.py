"""The demo house's stones: the trade's sample rows and what the Mareel ring is drawn for, all of them invented."""

import json
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from bespoke.house import House
from bespoke.models.stone import StoneRow
from bespoke.services import files, stones
from bespoke.services.stones import NewReport, NewStone
from workflows.gems import Assessment, Clarity, Colour, Fluorescence, Grade, Growth, Lab, Origin, Shape, StoneFacts
from workflows.money import Money
from workflows.roles import Actor

SAMPLES = Path(__file__).with_name("stones.json")
PICTURES = Path(__file__).with_name("pictures")
GBP_PER_USD = Decimal("0.80")  # invented; the samples name their cost in dollars a carat
SHAPES = {"cushion_rect": Shape.CUSHION, "cushion_sq": Shape.CUSHION}
PHOTOGRAPHS = {
    "S-0412": "stone-oval-cornflower.jpg",
    "S-0655": "stone-cushion-royal.jpg",
    "S-0702": "stone-oval-teal.jpg",
    "S-0731": "stone-emerald-cut.jpg",
}  # the others would show another cut or colour
OTHERS: tuple[Mapping[str, Any], ...] = (
    {
        "id": "S-0412",
        "variety": "sapphire",
        "species": "corundum",
        "origin": "natural",
        "shape": "oval",
        "carat": "1.57",
        "length_mm": "8.10",
        "width_mm": "6.30",
        "depth_mm": "4.33",
        "hue": "violetish blue, vivid",
        "agta": "H",
        "geo_origin": "Sri Lanka",
        "lab": "GIA",
        "report_no": "DEMO-COL-0412",
        "demo_cost_per_ct_usd": 2600,
    },
    {
        "id": "S-0655",
        "variety": "sapphire",
        "species": "corundum",
        "origin": "natural",
        "shape": "cushion_sq",
        "carat": "2.31",
        "length_mm": "7.72",
        "width_mm": "7.10",
        "depth_mm": "5.10",
        "hue": "blue, strong",
        "agta": "H",
        "geo_origin": "Madagascar",
        "lab": "GIA",
        "report_no": "DEMO-COL-0655",
        "demo_cost_per_ct_usd": 1500,
    },
    {
        "id": "S-0702",
        "variety": "sapphire",
        "species": "corundum",
        "origin": "natural",
        "shape": "oval",
        "carat": "1.86",
        "length_mm": "7.95",
        "width_mm": "6.40",
        "depth_mm": "4.57",
        "hue": "greenish blue (teal), moderate",
        "agta": "N",
        "geo_origin": "Australia",
        "lab": "GIA",
        "report_no": "DEMO-COL-0702",
        "demo_cost_per_ct_usd": 1250,
    },
    {
        "id": "S-0731",
        "variety": "sapphire",
        "species": "corundum",
        "origin": "natural",
        "shape": "emerald",
        "carat": "2.12",
        "length_mm": "8.20",
        "width_mm": "6.00",
        "depth_mm": "4.30",
        "hue": "violetish blue, light",
        "agta": "N",
        "geo_origin": "Sri Lanka",
        "lab": "GIA",
        "report_no": "DEMO-COL-0731",
        "demo_cost_per_ct_usd": 2500,
    },
    {
        "id": "P-0412",
        "species": "diamond",
        "origin": "natural",
        "shape": "round",
        "pieces": 8,
        "diameter_mm": "1.62",
        "carat": "0.13",
        "color": "F-G",
        "agta": "N",
        "demo_cost_per_ct_usd": 620,
    },
    {
        "id": "P-1007",
        "species": "diamond",
        "origin": "lab_grown",
        "growth": "CVD",
        "shape": "round",
        "pieces": 52,
        "diameter_mm": "3.00",
        "carat": "5.70",
        "color": "G-H",
        "agta": "N",
        "demo_cost_per_ct_usd": 210,
    },
)
"""Stones the samples have none of: those shown for the Mareel ring, and a bracelet's."""


def fill(session: Session, house: House, office: Actor, *, at: datetime) -> dict[str, StoneRow]:
    """Every stone registered with its report, by its reference."""
    told: list[Mapping[str, Any]] = [*json.loads(SAMPLES.read_text(encoding="utf-8")), *OTHERS]
    return {one["id"]: _register(session, house, one, office, at) for one in told}


def _register(session: Session, house: House, told: Mapping[str, Any], office: Actor, at: datetime) -> StoneRow:
    photograph = None
    if told["id"] in PHOTOGRAPHS:
        path = PICTURES / PHOTOGRAPHS[told["id"]]
        photograph = files.keep(session, house.storage, path, "image/jpeg", at=at).digest
    pieces = int(told.get("pieces", 1))
    carat = _decimal(told, "carat") or Decimal(0)
    row = stones.register(
        session,
        NewStone(
            reference=told["id"],
            facts=_facts(told, carat),
            pieces=pieces,
            weight_source="lab_report" if told.get("lab") else "measured",
            colour=_colour(told),
            country=told.get("geo_origin"),
            inscription=str(told.get("report_no") or "") if told.get("inscribed") else "",
            supplier="Northmere Gems",
            cost=Money(int(carat * Decimal(told["demo_cost_per_ct_usd"]) * GBP_PER_USD * 100), "GBP"),
            photograph=photograph,
        ),
        office,
        at=at,
    )
    if told.get("lab"):
        new = NewReport(laboratory=Lab(told["lab"]).value, number=told["report_no"], issued="2026-06-01")
        stones.add_report(session, row, new, office, at=at)
    return row


def _facts(told: Mapping[str, Any], carat: Decimal) -> StoneFacts:
    diameter = _decimal(told, "diameter_mm")
    return StoneFacts(
        gem=told.get("variety") or told["species"],
        shape=SHAPES.get(told["shape"]) or Shape(told["shape"]),
        origin=Origin(told["origin"]),
        growth=Growth(told["growth"]) if told.get("growth") else None,
        weight_ct=carat,
        length_mm=diameter or _decimal(told, "length_mm"),
        width_mm=diameter or _decimal(told, "width_mm"),
        depth_mm=_decimal(told, "depth_mm"),
        table_pct=_decimal(told, "table_pct"),
        depth_pct=_decimal(told, "depth_pct"),
        crown_angle=_decimal(told, "crown_angle"),
        pavilion_angle=_decimal(told, "pavilion_angle"),
        girdle_pct=_decimal(told, "girdle_pct"),
        colour=_word(Colour, told, "color"),
        clarity=_word(Clarity, told, "clarity"),
        cut=_word(Grade, told, "cut"),
        polish=_word(Grade, told, "polish"),
        symmetry=_word(Grade, told, "symmetry"),
        fluorescence=_word(Fluorescence, told, "fluorescence"),
        lab=Lab(told["lab"]) if told.get("lab") else None,
        report_number=told.get("report_no"),
        assessment=_word(Assessment, told, "assessment"),
        treatments=_treatments(told),
    )


def _treatments(told: Mapping[str, Any]) -> tuple[str, ...] | None:
    if told.get("agta"):
        return (str(told["agta"]),)
    return ("N",) if told.get("treatment", "none") == "none" else None


def _colour(told: Mapping[str, Any]) -> str | None:
    if told.get("hue"):
        return ", ".join(filter(None, (told["hue"], told.get("saturation"))))
    parcel = int(told.get("pieces", 1)) > 1
    return str(told["color"]) if parcel and told.get("color") else None


def _word(kind: Any, told: Mapping[str, Any], name: str) -> Any:
    return next((one for one in kind if one.value == told.get(name)), None)


def _decimal(told: Mapping[str, Any], name: str) -> Decimal | None:
    return None if told.get(name) is None else Decimal(str(told[name]))
