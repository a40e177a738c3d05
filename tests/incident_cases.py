"""Complaints that point where a test says: no model, whole directions."""

from datetime import datetime

import numpy as np

from monitor.domain import MONITOR, Level, Meaning
from monitor.rules.incidents import Lens
from monitor.store.incidents import Placement, StoredCluster
from monitor.store.sqlite import SqliteStore
from tests.builders import NOW, store_case

MODEL = "test"
WIDTH = 384
LENS = Lens(MODEL, np.zeros(WIDTH, np.float32), np.zeros((0, WIDTH), np.float32))


def direction(axis: int) -> np.ndarray:
    """Return a direction of its own for each axis."""
    vector = np.zeros(WIDTH, np.float32)
    vector[axis] = 1
    return vector


def store_complaint(
    store: SqliteStore,
    axis: int = 0,
    text: str = "lumo login fails",
    *,
    level: Level = Level.HIGH,
    now: datetime = NOW,
    **mention: object,
) -> int:
    """Open a complaint that points along an axis; returns its case."""
    case_id = store_case(store, level, now=now, text=text, **mention)
    case = store.case(case_id)
    assert case is not None
    store.keep_meaning(case_id, case.hit_id, Meaning(MODEL, direction(axis)))
    return case_id


def store_incident(store: SqliteStore, cases: list[int], axis: int = 0, *, now: datetime = NOW) -> int:
    """Open an incident of these cases; returns its id."""
    total = direction(axis) * len(cases)
    cluster = StoredCluster(0, len(cases), total, {"login": len(cases)}, now, now)
    incident_id = store.open_incident("lumo", MODEL, cluster, now)
    store.place_cases([Placement(case_id, incident_id, ("login",), now) for case_id in cases], MONITOR)
    return incident_id
