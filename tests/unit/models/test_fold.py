"""Folding undoes what hides a word, and leaves alone what hides nothing."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.fold import MAX_LENGTH, Change, fold, fold_for_model, phrase_forms

DISGUISES = {
    "zero-width space": ("I want a re\u200bfu\u200bnd", Change.INVISIBLE),
    "soft hyphen": ("I want a re\u00adfund", Change.INVISIBLE),
    "full-width": ("I want a ｒｅｆｕｎｄ", Change.ORNAMENT),
    "mathematical": ("I want a 𝓻𝓮𝓯𝓾𝓷𝓭", Change.ORNAMENT),
    "circled": ("I want a ⓡⓔⓕⓤⓝⓓ", Change.ORNAMENT),
    "boxed": ("I want a 🆁🅴🅵🆄🅽🅳", Change.ORNAMENT),
    "small capitals": ("I want a ʀᴇꜰᴜɴᴅ", Change.ORNAMENT),
    "struck through": ("I want a r\u0336e\u0336f\u0336u\u0336n\u0336d\u0336", Change.MARKS),
    "heaps of marks": ("I want a r\u0301\u0316\u0353e\u030a\u0325fund", Change.MARKS),
    "Cyrillic letters": ("I want a rеfund", Change.LOOK_ALIKE),
    "Greek letters": ("I want a refυnd", Change.LOOK_ALIKE),
    "digits": ("I want a r3fund", Change.LEET),
    "signs": ("I want a r3fund, this is bull$hit", Change.LEET),
    "dots": ("I want a r.e.f.u.n.d", Change.SEPARATED),
    "hyphens": ("I want a r-e-f-u-n-d", Change.SEPARATED),
    "spaces": ("I want a r e f u n d", Change.SEPARATED),
    "underscores": ("I want a r_e_f_u_n_d", Change.SEPARATED),
    "regional indicators": ("I want a 🇷🇪🇫🇺🇳🇩", Change.REGIONAL),
}


@pytest.mark.parametrize(("disguised", "change"), DISGUISES.values(), ids=DISGUISES)
def test_a_disguised_word_is_found_and_the_disguise_is_evidence(disguised: str, change: Change) -> None:
    folded = fold(disguised)
    assert "i want a refund" in folded.text
    assert change in folded.changes
    assert folded.evasive


@pytest.mark.parametrize("disguised", [text for text, _ in DISGUISES.values()], ids=DISGUISES)
def test_the_model_reads_a_disguised_word_as_it_was_meant(disguised: str) -> None:
    assert "want a refund" in fold_for_model(disguised).lower()


INNOCENT = {
    "Russian": "Где мой заказ? Оса и сосна",
    "Russian with a Latin brand": "Купил iPhone, и он сломался. Оса",
    "initials": "А.С.П. и т.д.",
    "Greek": "Πού είναι η παραγγελία μου;",
    "Japanese": "注文が届かない、ありがとう",
    "Hindi": "मेरा ऑर्डर कहाँ है",
    "Arabic": "أين طلبي؟ لَمْ يَصِلْ",
    "Persian joins words with an invisible sign": "می\u200cخواهم",
    "German": "Ärger über das Öffnungsmaß",
    "French": "Où est ma commande, ça suffit",
    "handles and links": "@us3r_n4me see https://x.example/a3bc and me@ex4mple.com",
    "numbers": "my ps5 and mp3, b2b, 3rd, 24h, 10am, covid19, $TSLA, $50, 1-800-555",
    "order number": "order AB12C3D4 A1B2C3 is late",
    "abbreviations": "the U.S.A. vs. the U.K., e.g. at 5 p.m.",
    "flags": "🇩🇪🇫🇷 final",
    "family and hearts": "👨\u200d👩\u200d👧 ❤\ufe0f 1\ufe0f\u20e3",
    "no space after the full stop": "great!love it.thanks",
}


@pytest.mark.parametrize("text", INNOCENT.values(), ids=INNOCENT)
def test_a_text_without_disguise_reaches_the_model_as_it_is(text: str) -> None:
    assert fold_for_model(text) == text
    assert not fold(text).evasive


def test_case_and_typographic_signs_do_not_matter() -> None:
    assert fold("DON’T  “Panic” – now\n").text == fold('don\'t "panic" - now').text


def test_accents_stay_in_the_text_and_a_second_form_goes_without() -> None:
    folded = fold("GEÖFFNET, déjà vu, señor, Straße")
    assert folded.text == "geöffnet, déjà vu, señor, strasse"
    assert folded.plain == "geoffnet, deja vu, senor, strasse"
    assert folded.forms == (folded.text, folded.plain)


def test_an_accent_typed_as_a_sign_of_its_own_is_the_same_letter() -> None:
    assert fold("de\u0301ja\u0300").text == fold("déjà").text


def test_a_phrase_with_umlauts_is_looked_for_in_three_spellings() -> None:
    assert phrase_forms("Gefährlich") == ("gefährlich", "gefaehrlich", "gefahrlich")


@pytest.mark.parametrize(
    ("stretched", "meant"), [("reeeefund", "refund"), ("cooooool", "cool"), ("SOOOO baaad", "so bad")]
)
def test_a_stretched_word_is_among_the_forms(stretched: str, meant: str) -> None:
    folded = fold(stretched)
    assert meant in folded.forms
    assert folded.changes == (Change.STRETCHED,)
    assert not folded.evasive


def test_digits_and_full_stops_are_never_squeezed() -> None:
    assert fold("1000000 !!!! ....").text == "1000000 !!!! ...."


def test_a_word_disguised_for_readers_of_russian_becomes_russian_again() -> None:
    assert fold("дайте вoзврат").text == "дайте возврат"


def test_a_text_in_which_digits_stand_for_letters_is_read_to_the_ends_of_its_words() -> None:
    assert fold("my 0rd3r n3v3r 4rr1v3d th15 w33k").text == "my order never arrived this week"


def test_a_lone_surrogate_becomes_the_replacement_sign() -> None:
    assert fold_for_model("a\ud83db") == "a\ufffdb"


NASTY = {
    "alternating marks": "a" + "\u0300\u0323" * 100_000,
    "a sign that grows eighteenfold": "\ufdfa" * 10_000,
    "a megabyte of marks": ("z" + "\u0335\u0300" * 20) * 25_000,
    "single letters": "a " * 5_000,
    "dots": "a." * 5_000,
    "leet": "a3" * 5_000,
    "handles": "@a3 " * 3_000,
    "mixed alphabets": "аa" * 5_000,
    "one letter": "a" * 10_000,
    "regional indicators": "🇷" * 10_000,
    "spaces": " " * 10_000,
}


@pytest.mark.parametrize("text", NASTY.values(), ids=NASTY)
def test_no_text_costs_more_than_a_fraction_of_a_second(text: str) -> None:
    started = time.process_time()
    folded = fold(text)
    assert time.process_time() - started < 0.25  # measured: below 0.02 s; the rest is for a busy machine
    assert len(folded.text) <= MAX_LENGTH


def test_a_text_beyond_the_limit_is_cut_and_says_so() -> None:
    folded = fold("ab " * MAX_LENGTH)
    assert Change.CUT in folded.changes
    assert not folded.evasive


@given(st.text(max_size=300))
def test_any_text_folds_to_bounded_lower_case_with_single_spaces(text: str) -> None:
    folded = fold(text)
    assert folded.forms[0] == folded.text == " ".join(folded.text.split())
    assert len(folded.text) <= MAX_LENGTH
    assert folded.text.isascii() <= (folded.text == folded.text.lower())


@given(st.text(alphabet=st.characters(min_codepoint=97, max_codepoint=122), max_size=40))
def test_plain_lower_case_words_are_their_own_fold(word: str) -> None:
    if not any(letter * 3 in word for letter in set(word)):
        assert fold(word).forms == (word,)
