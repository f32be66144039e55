"""What a trial gives, from whom and how, read from its record with the evidence."""

from __future__ import annotations

from kg.cell_facts.extraction import extract_cell_facts, extract_concept_facts
from kg.cell_facts.model import CellFact, CellFacts, Evidence

__all__ = ["CellFact", "CellFacts", "Evidence", "extract_cell_facts", "extract_concept_facts"]
