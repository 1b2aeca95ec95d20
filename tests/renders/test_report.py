"""The report and its JSON."""

import json
from dataclasses import replace

import pytest

from renders import report as r
from renders.errors import BrokenReport

REPORT = r.Report(
    schema=r.SCHEMA,
    source=r.Source("ring.glb", "glb", 1234, "0" * 64),
    unit=r.UnitFound(r.LengthUnit.MILLIMETRE, r.UnitSource.SIZE, r.Confidence.LIKELY, "Taken as millimetres."),
    triangles=12,
    extents_mm=(20.0, 8.0, 24.0),
    pose=r.PoseReport((0.0, 1.0, 0.0), (0.0, 0.0, 1.0)),
    bodies=(r.BodyReport("shank", None, "Gold", "metal", 12, True, 171.5, (20.0, 8.0, 24.0)),),
    bore=r.BoreReport(16.719, 52.524, (0.0, 1.0, 0.0), (0.0, 0.0, 0.0), (r.SizeLabel("UK", "M", 0.008),)),
    bore_reason=None,
    metal_volume_mm3=171.5,
    metal_volume_reason=None,
    weights=(r.AlloyWeight("AU750Y", 15.58, 2.672),),
    weights_reason=None,
    stones=(r.StoneReport("centre", "oval", 8.1, 6.3, 4.33, 78.5, 1.38, "sapphire", 1.57),),
    findings=(r.Finding("open_mesh", r.Level.BLOCK, "The head is open.", (1.0, 2.0, 3.0)),),
    tools=(r.Tool("trimesh", "5"),),
)


def test_a_report_survives_its_json():
    assert r.Report.from_json(REPORT.to_json()) == REPORT


def test_the_same_report_is_always_the_same_bytes():
    assert REPORT.to_json() == r.Report.from_json(REPORT.to_json()).to_json()


def test_what_was_not_measured_is_null_with_its_reason():
    without = replace(REPORT, bore=None, bore_reason="No hole goes through it.", metal_volume_mm3=None)
    told = json.loads(without.to_json())
    assert told["bore"] is None
    assert told["bore_reason"]
    assert r.Report.from_json(without.to_json()) == without


def test_a_weight_is_asked_for_by_alloy_and_blocks_are_picked_out():
    assert REPORT.weight_g("AU750Y") == 2.672
    assert REPORT.weight_g("PT950RU") is None
    assert [finding.code for finding in REPORT.blocks] == ["open_mesh"]


@pytest.mark.parametrize(
    "change",
    [
        lambda facts: facts.pop("bodies"),
        lambda facts: facts.update(extra=1),
        lambda facts: facts.update(schema="bespoke.report/0"),
        lambda facts: facts.update(triangles="12"),
        lambda facts: facts.update(triangles=True),
        lambda facts: facts.update(extents_mm=[1, 2]),
        lambda facts: facts["unit"].update(unit="furlong"),
        lambda facts: facts.update(bodies={}),
    ],
    ids=["missing", "extra", "version", "text", "bool", "short", "word", "kind"],
)
def test_another_form_of_report_is_refused(change):
    facts = json.loads(REPORT.to_json())
    change(facts)
    with pytest.raises(BrokenReport):
        r.Report.from_json(json.dumps(facts))


@pytest.mark.parametrize("text", ["", "[]", "null", "{"])
def test_what_is_no_report_is_refused(text):
    with pytest.raises(BrokenReport):
        r.Report.from_json(text)
