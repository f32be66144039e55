"""The registry's API (ClinicalTrials.gov, version 2): what to ask, how, and where answers go."""

from __future__ import annotations

from kg.registry.client import DEFAULT_REGISTRY, RegistryClient
from kg.registry.fetching import Fetched, fetch
from kg.registry.scope import Scope

__all__ = ["DEFAULT_REGISTRY", "Fetched", "RegistryClient", "Scope", "fetch"]
