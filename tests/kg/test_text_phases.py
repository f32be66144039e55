from __future__ import annotations

import pytest

from kg.text_phases import phases_of_text


@pytest.mark.parametrize(
    ("text", "phases"),
    [
        ("knee osteoarthritis, cord cells, phase 2, placebo", ("PHASE2",)),
        ("A Phase I/II trial of cells", ("PHASE1", "PHASE2")),
        ("A phase 2b-3 trial of cells", ("PHASE2", "PHASE3")),
        ("A phase Ib/phase IIa trial", ("PHASE1", "PHASE2")),
        ("An early phase 1 trial", ("EARLY_PHASE1",)),
        ("A phase 0 trial", ("EARLY_PHASE1",)),
        ("Phase IV", ("PHASE4",)),
        ("Cord cells in lupus\nStudy phase: III\nPatients ...", ("PHASE3",)),
        ("Cord cells in lupus\nThis follows a phase I trial in adults.", ()),
        ("Cells in the acute phase of stroke", ()),
        ("Phase 27 of building", ()),
        ("phase in of a new drug", ()),
        ("", ()),
    ],
)
def test_the_phase_that_a_text_gives_as_its_own(text: str, phases: tuple[str, ...]) -> None:
    assert phases_of_text(text) == phases
