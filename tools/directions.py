"""Write the directions of causes' examples and of parallel sentences anew: `python -m tools.directions`."""

from models.registry import DEFAULT_MODEL, load_classifier
from monitor.config.causes import shipped_causes
from monitor.rules.known_directions import DIRECTIONS_FILE, write_directions
from monitor.rules.tongues import parallel_sentences


def main() -> None:
    """Read the examples with the shipped model and keep what it gives them."""
    model = load_classifier(DEFAULT_MODEL)
    examples = [sentence for cause in shipped_causes().values() for sentence in cause.examples]
    sentences = [*examples, *(sentence for block in parallel_sentences() for sentence in block)]
    write_directions(sentences, model.embed, model.fingerprint)
    print(f"{len(sentences)} directions are in {DIRECTIONS_FILE}")


if __name__ == "__main__":
    main()
