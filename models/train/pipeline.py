"""The stages in order: the general network, the folds that measure complaints, the weights that ship."""

import copy
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from rich.progress import track
from tokenizers import Tokenizer

from models.train import vocabulary
from models.train.batches import pad
from models.train.corpus import Corpus, Row, bucket, folds, implied_sentiment
from models.train.digests import array_digest, digest, weights_digest
from models.train.ear import Ear
from models.train.ear_loop import teach
from models.train.loop import Texts, answer, encode, train
from models.train.marked import MarkedText
from models.train.metrics import Scores
from models.train.network import WIDTH, ComplaintNet, fresh, fresh_encoder, mean
from models.train.recipe import HEADS, Recipe, Stage
from models.train.tutoring import Tutoring

Answers = dict[str, Scores]


@dataclass(frozen=True, slots=True)
class Library:
    """What is known about each text whatever its label: its ids, its meaning, what the general network thinks of it."""

    places: dict[str, int]
    ids: tuple[tuple[int, ...], ...]
    meanings: NDArray[np.float32]
    """Nought where the meaning was not computed: such a text then teaches the embedding nothing."""
    opinions: Answers
    """The tutor's logits by head; of complaints nought for texts that the stage does not see."""

    def texts(self, rows: Sequence[Row]) -> Texts:
        """Prepare rows for training; all their texts must be in the library."""
        places = np.array([self.places[row.text] for row in rows])
        ids = tuple(self.ids[place] for place in places)
        return Texts(
            tuple(rows), ids, self.meanings[places], {head: said[places] for head, said in self.opinions.items()}
        )

    def with_opinions(self, opinions: Mapping[str, Scores]) -> "Library":
        """Return this library with these opinions beside those it has."""
        return replace(self, opinions={**self.opinions, **opinions})

    def scattered(self, texts: Sequence[str], said: Scores) -> Scores:
        """Return logits for all texts: ``said`` for these, nought for the others."""
        found = np.zeros((len(self.ids), said.shape[1]), np.float32)
        found[[self.places[text] for text in texts]] = said
        return found


@dataclass(frozen=True, slots=True)
class Workshop:
    """What every stage shares, and a folder that remembers finished stages."""

    recipe: Recipe
    corpus: Corpus
    tokenizer: Any
    emoji: tuple[str, ...]
    library: Library
    tutoring: Tutoring
    folder: Path

    @property
    def general_rows(self) -> list[Row]:
        """The rows that teach everything but complaints."""
        return [row for row in self.corpus.train if row.head != "complaint"]

    def sample(self, rows: Sequence[Row]) -> tuple[tuple[int, ...], ...]:
        """Return the token ids of some thousand of the public posts among ``rows``, a third of them of complaints."""
        shares = {"complaint": 6, "sentiment": 60}
        texts = [row.text for row in rows if bucket(row.text, shares.get(row.corpus, 1)) == 0 and row.corpus in shares]
        return encode(self.tokenizer, texts, self.recipe.max_length)

    def network(self) -> ComplaintNet:
        """Return a network that has learned nothing yet."""
        torch.manual_seed(self.recipe.seed)
        return fresh(self.tokenizer, list(self.emoji))

    def answers(self, net: ComplaintNet, rows: Sequence[Row]) -> Answers:
        """Return the logits of a network for rows, by head."""
        ids = encode(self.tokenizer, [row.text for row in rows], self.recipe.max_length)
        return remembered_answers(net, ids, self.folder)

    def stage(self, name: str, net: ComplaintNet, rows: Sequence[Row], stage: Stage, seed: int) -> ComplaintNet:
        """Train a copy of ``net`` for one stage, or load what an earlier run made of the very same stage."""
        net = copy.deepcopy(net)
        path = self.folder / f"{name}-{self._mark(net, rows, stage, seed)}.pt"
        if path.exists():
            net.load_state_dict(torch.load(path, weights_only=True))
            net.eval()
            return net
        train(net, self.library.texts(rows), stage, self.recipe, seed=seed, title=name)
        torch.save(net.state_dict(), path)
        return net

    def _mark(self, net: ComplaintNet, rows: Sequence[Row], stage: Stage, seed: int) -> str:
        """Hash all that shapes the outcome: starting weights, rows, numbers of the recipe."""
        recipe = self.recipe
        shaping = (recipe.batch, recipe.smoothing, recipe.weight_decay, recipe.balance, recipe.keep_meaning)
        seen = [row for row in rows if row.corpus in stage.repeats]
        present = {row.corpus for row in seen}
        used = replace(stage, repeats={corpus: times for corpus, times in stage.repeats.items() if corpus in present})
        thought = [array_digest(said) for said in self.library.texts(seen).opinions.values()]
        return digest(repr((asdict(used), seed, shaping)) + repr(seen) + weights_digest(net) + repr(thought))


def remembered_answers(net: ComplaintNet, ids: Sequence[Sequence[int]], folder: Path) -> Answers:
    """Return the logits of a network for texts, computed in sixteen bits, or read back from an earlier run."""
    path = folder / f"answers-{digest(repr(ids), weights_digest(net))}.npy"
    if not path.exists():
        said = answer(net, ids, "answers", rough=True)
        np.save(path, np.concatenate([said[head] for head in HEADS], axis=1))
    ends = np.cumsum([len(labels) for labels in HEADS.values()])
    return dict(zip(HEADS, np.split(np.load(path), ends[:-1], axis=1), strict=True))


def open_workshop(recipe: Recipe, corpus: Corpus, folder: Path) -> Workshop:
    """Build tokenizer and library; the tokenizer comes from the public posts alone."""
    folder.mkdir(parents=True, exist_ok=True)
    emoji = vocabulary.emoji_of(row.text for row in corpus.train if row.corpus != "live_stream")
    tokenizer = vocabulary.build(emoji)
    texts = list(dict.fromkeys(row.text for row in (*corpus.train, *corpus.held_out)))
    ids = encode(tokenizer, texts, recipe.max_length)
    posts = {row.text for row in corpus.train if row.corpus != "live_stream"}
    chosen = [text for text in texts if text in posts and bucket(text, recipe.meaning_one_in) == 0]
    places = {text: place for place, text in enumerate(texts)}
    kept = np.zeros((len(texts), WIDTH), np.float32)
    kept[[places[text] for text in chosen]] = _remembered_meanings(chosen, recipe.max_length, folder)
    library = Library(places, ids, kept, {})
    return Workshop(recipe, corpus, tokenizer, tuple(emoji), library, Tutoring(recipe, tuple(texts), folder), folder)


def _remembered_meanings(texts: Sequence[str], max_length: int, folder: Path) -> NDArray[np.float32]:
    path = folder / f"meanings-{digest(repr(texts))}.npy"
    if not path.exists():
        np.save(path, meanings(texts, max_length).astype(np.float16))
    return np.asarray(np.load(path), np.float32)


def meanings(texts: Sequence[str], max_length: int) -> NDArray[np.float32]:
    """Return the sentence embeddings of all-MiniLM-L6-v2 as its package ships it."""
    tokenizer = Tokenizer.from_file(str(vocabulary.encoder_folder() / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    ids = encode(tokenizer, texts, max_length)
    encoder = fresh_encoder().eval()
    order = np.argsort([len(found) for found in ids], kind="stable")
    found = np.zeros((len(ids), WIDTH), np.float32)
    with torch.inference_mode(), torch.autocast("cpu", dtype=torch.bfloat16):
        for start in track(range(0, len(order), 64), description="meanings"):
            places = order[start : start + 64]
            tokens, mask = (torch.from_numpy(part) for part in pad([ids[place] for place in places]))
            states = encoder(input_ids=tokens, attention_mask=mask).last_hidden_state.float()
            found[places] = torch.nn.functional.normalize(mean(states, mask), dim=-1).numpy()
    return found


def generalise(shop: Workshop) -> tuple[Workshop, ComplaintNet]:
    """Train on everything but complaints. Returns the workshop with the tutor's opinions, and the network."""
    rows = shop.general_rows
    shop = replace(shop, library=shop.library.with_opinions(shop.tutoring.general(rows)))
    return shop, shop.stage("general", shop.network(), rows, shop.recipe.general, shop.recipe.seed)


def rehearsal(rows: Sequence[Row], shares: Mapping[str, float]) -> list[Row]:
    """Return a fixed share of the corpora in ``shares``, all of the others, chosen by a hash of the text."""
    return [row for row in rows if bucket(row.text, 1000) < 1000 * shares.get(row.corpus, 1.0)]


def specialise(shop: Workshop, base: ComplaintNet, rows: Sequence[Row], name: str) -> ComplaintNet:
    """Teach complaints to a copy of ``base`` while the other heads rehearse."""
    rows = rehearsal([*rows, *implied_sentiment(rows)], shop.recipe.rehearsal)
    texts = list(dict.fromkeys(row.text for row in rows))
    complaints = [row for row in rows if row.corpus == "complaint"]
    said = shop.tutoring.complaints(shop.general_rows, complaints, texts, name)
    library = shop.library.with_opinions({"complaint": shop.library.scattered(texts, said)})
    return replace(shop, library=library).stage(name, base, rows, shop.recipe.complaint, shop.recipe.seed + 200)


def listen(shop: Workshop, net: ComplaintNet, texts: Sequence[MarkedText], name: str) -> ComplaintNet:
    """Return a copy of ``net`` with a second ear that has learned ``texts``, or with what an earlier run taught it."""
    stage, seed = shop.recipe.ear, shop.recipe.seed + 400
    seen = [text for text in texts for _ in range(stage.repeats.get(text.source, 0))]
    ids = encode(shop.tokenizer, [text.text for text in seen], shop.recipe.max_length)
    answers = np.array([text.answers for text in seen], np.int8)
    net = copy.deepcopy(net)
    path = shop.folder / f"{name}-ear-{digest(repr(asdict(stage)), repr(seen), str(seed), weights_digest(net))}.pt"
    if path.exists():
        net.ear = Ear(net.encoder, stage.layers, stage.rank, stage.dropout)
        net.ear.load_state_dict(torch.load(path, weights_only=True))
        net.eval()
        return net
    teach(net, ids, answers, stage, seed, f"{name}, second ear")
    torch.save(net.ear.state_dict() if net.ear else {}, path)
    return net


def complaint_folds(corpus: Corpus, count: int, seed: int) -> list[tuple[list[Row], list[Row]]]:
    """Return for each fold what is learned and what is measured: all complaint rows, none of the hand-written."""
    every = [row for row in (*corpus.train, *corpus.held_out) if row.corpus == "complaint"]
    others = [row for row in corpus.train if row.head != "complaint"]
    return [(others + learn, measure) for learn, measure in folds(every, count, seed)]
