"""Words of trouble are never excluded: "awful" may fill the dismissed posts of a month, and the next true complaint."""

from collections.abc import Sequence

from models.classifier import Classifier, Verdict
from monitor.feedback.change import SuggestionKind
from monitor.store.feedback import Suggestion

_BAD = 0.5
"""Probability of a complaint, or of a negative tone, from which the words alone sound like trouble."""


def without_trouble(found: Sequence[Suggestion], classifier: Classifier) -> list[Suggestion]:
    """Return the suggestions without exclusions whose words alone the model hears as trouble. Raises ModelError."""
    asked = [entry for entry in found if entry.kind == SuggestionKind.EXCLUSION]
    verdicts = classifier.classify([str(entry.value).strip('"') for entry in asked]) if asked else []
    bad = {entry.value for entry, verdict in zip(asked, verdicts, strict=True) if _is_bad(verdict)}
    return [entry for entry in found if entry.kind != SuggestionKind.EXCLUSION or entry.value not in bad]


def _is_bad(verdict: Verdict) -> bool:
    negative = (verdict.sentiment or {}).get("negative", 0.0)
    return max(verdict.complaint or 0.0, negative) >= _BAD
