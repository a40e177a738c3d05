"""What a suggestion does to the config, and how it is taken back: edits of the text, one each."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from monitor.config import edit
from monitor.store.feedback import Suggestion

_COMPLAINT = ("triage", "complaint")


class SuggestionKind(StrEnum):
    """What a suggestion is about."""

    CALIBRATION = "calibration"
    THRESHOLD = "threshold"
    EXCLUSION = "exclusion"
    KEYWORD = "keyword"


def accept(texts: Mapping[str, str], main: str, suggestion: Suggestion) -> tuple[dict[str, str], Any]:
    """Return the files that a suggestion changes, and what the config had before; no files where it says so already.

    Raises EditRefused where the text cannot be edited safely.
    """
    name, path = _place(texts, main, suggestion)
    if suggestion.kind in {SuggestionKind.EXCLUSION, SuggestionKind.KEYWORD}:
        edited, before = edit.add_entry(texts[name], path, suggestion.value), None
    else:
        before = edit.value_at(texts[name], path)
        edited = edit.set_value(texts[name], path, suggestion.value)
    return ({} if edited == texts[name] else {name: edited}), before


def revert(texts: Mapping[str, str], main: str, suggestion: Suggestion) -> dict[str, str]:
    """Return the files that taking a suggestion back changes; what somebody has changed since stays as it is.

    Raises EditRefused where the text cannot be edited safely.
    """
    name, path = _place(texts, main, suggestion)
    text = texts[name]
    if suggestion.kind in {SuggestionKind.EXCLUSION, SuggestionKind.KEYWORD}:
        edited = edit.take_back(text, path, suggestion.value)
    elif edit.value_at(text, path) != suggestion.value:
        edited = text
    elif suggestion.before is None:
        edited = edit.remove_key(text, path)
    else:
        edited = edit.set_value(text, path, suggestion.before)
    return {} if edited == text else {name: edited}


def _place(texts: Mapping[str, str], main: str, suggestion: Suggestion) -> tuple[str, edit.Keys]:
    kind = SuggestionKind(suggestion.kind)
    if kind is SuggestionKind.THRESHOLD:
        return main, _COMPLAINT
    if kind is SuggestionKind.CALIBRATION:
        return main, ("triage", "calibration", suggestion.brand, suggestion.source)
    name, path = edit.place_of_brand(texts, main, suggestion.brand)
    return name, (*path, "exclude" if kind is SuggestionKind.EXCLUSION else "watches")
