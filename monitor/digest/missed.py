"""How many complaints were missed: what people said of the drops that were drawn in the last 28 days."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from monitor.rules.recall_estimate import WINDOW_DAYS, Answered, RecallFigures, figures_of
from monitor.store.store import Store

WINDOW = timedelta(days=WINDOW_DAYS)


def read_missed(store: Store, now: datetime, brands: Sequence[str] = ()) -> RecallFigures:
    """Return what the answers of the window say; of these brands, or of all where none is named."""
    since = now - WINDOW
    said = store.recall_answers(since, brands)
    answers = [Answered(answer.stratum, answer.probability, answer.missed) for answer in said]
    return figures_of(answers, store.recall_frame(since, brands))
