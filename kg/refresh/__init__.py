"""Keeping a store in step with the registry: what changed, a new generation, its history."""

from __future__ import annotations

from kg.refresh.refreshing import RefreshOptions, plan_refresh, refresh

__all__ = ["RefreshOptions", "plan_refresh", "refresh"]
