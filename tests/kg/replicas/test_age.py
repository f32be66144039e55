"""A replica is as old as its origin was when it was last asked, and `/ready` says so."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

from kg.refresh.health import data_age
from kg.replicas.file_list import PULLED_FILE
from tests.kg.replicas.conftest import Replication, publish_again
from web.app import create_app
from web.health import Readiness
from web.served import EXTENSION


def tell(replication: Replication, current_as_of: str) -> None:
    """Have the origin say how current its data are."""
    path = replication.origin.path / "offered.json"
    told = json.loads(path.read_bytes()) | {"current_as_of": current_as_of}
    path.write_text(json.dumps(told), "utf-8")


def test_a_replica_is_as_old_as_its_origin_was_when_asked(replication: Replication) -> None:
    replication.pull()
    origin, replica = replication.origin, replication.replica
    assert data_age(replica).current_as_of == data_age(origin).current_as_of
    tell(replication, "2026-11-22T15:00:00+00:00")
    assert replication.pull().outcome == "unchanged"
    assert data_age(replica).current_as_of == "2026-11-22T15:00:00+00:00"
    publish_again(origin)
    replication.pull()
    replica.rollback()
    assert data_age(replica).current_as_of != "2026-11-22T15:00:00+00:00"
    assert (replica.path / "generations/2" / PULLED_FILE).exists()


def test_a_clock_that_is_wrong_makes_nothing_young(replication: Replication) -> None:
    tell(replication, "2999-01-01")
    replication.pull()
    assert data_age(replication.replica).current_as_of == "2022-09-22"


def test_a_replica_that_is_too_old_is_not_ready(replication: Replication) -> None:
    replication.pull()
    app = create_app(replication.replica, query_workers=1, max_age=3600)
    try:

        def wrong() -> tuple[str, ...]:
            return Readiness(app.extensions[EXTENSION], max_age=3600).check()[1]

        now = datetime.now(UTC)
        for hours, is_ready in ((3, False), (0.5, True), (2, False)):
            tell(replication, f"{now - timedelta(hours=hours):%Y-%m-%dT%H:%M:%S+00:00}")
            assert replication.pull().outcome == "unchanged"
            assert (wrong() == ()) is is_ready
        assert "2 hours old, more than the 1 allowed" in wrong()[0]
    finally:
        app.extensions[EXTENSION].close()
