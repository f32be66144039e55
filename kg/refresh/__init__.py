"""Keeping a store in step with the registry: what changed, a new generation, its history."""

from __future__ import annotations

from kg.refresh.options import RefreshOptions
from kg.refresh.refreshing import plan_refresh, refresh

__all__ = ["RefreshOptions", "plan_refresh", "refresh"]
