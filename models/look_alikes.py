"""Letters of other alphabets, and signs, that pass for Latin letters. Tables only."""

import re
import unicodedata
from typing import Final

# Letters whose shape is a Latin letter's in most fonts: a word of these alone may still be disguised Latin.
_TWINS: Final = {
    "а": "a", "с": "c", "е": "e", "һ": "h", "і": "i", "ј": "j", "ӏ": "l", "о": "o", "р": "p", "ԛ": "q", "ѕ": "s",
    "у": "y", "х": "x", "ԝ": "w", "ѵ": "v", "ԁ": "d", "ё": "e", "ї": "i", "А": "A", "В": "B", "С": "C", "Е": "E",
    "Н": "H", "І": "I", "Ј": "J", "К": "K", "М": "M", "О": "O", "Р": "P", "Ѕ": "S", "Т": "T", "Х": "X", "У": "Y",
    "Ԝ": "W", "Ԛ": "Q", "Ӏ": "I", "ο": "o", "ν": "v", "Α": "A", "Β": "B", "Ε": "E", "Ζ": "Z", "Η": "H", "Ι": "I",
    "Κ": "K", "Μ": "M", "Ν": "N", "Ο": "O", "Ρ": "P", "Τ": "T", "Υ": "Y", "Χ": "X", "օ": "o", "ս": "u", "հ": "h",
    "ո": "n", "ց": "g", "զ": "q",
}  # fmt: skip
# Letters that only pass for Latin among Latin letters.
_COUSINS: Final = {
    "к": "k", "м": "m", "т": "t", "н": "h", "в": "b", "п": "n", "г": "r", "и": "u", "я": "r", "з": "e", "ь": "b",
    "ы": "bl", "ѐ": "e", "ү": "y", "ғ": "f", "ҝ": "k", "ԍ": "g", "З": "E", "И": "N", "Я": "R", "П": "N", "Г": "R",
    "α": "a", "β": "b", "γ": "y", "ε": "e", "η": "n", "ι": "i", "κ": "k", "ρ": "p", "σ": "o", "ς": "c", "τ": "t",
    "υ": "u", "χ": "x", "ω": "w", "δ": "d", "ά": "a", "έ": "e", "ί": "i", "ό": "o", "ύ": "u", "ή": "n", "ϲ": "c",
    "ϳ": "j", "Λ": "A", "Σ": "E", "Ͻ": "C",
}  # fmt: skip

TWIN_LETTERS: Final = frozenset(_TWINS)
TO_LATIN: Final = str.maketrans(_TWINS | _COUSINS)
TO_CYRILLIC: Final = str.maketrans(
    {
        latin: twin
        for twin, latin in reversed(_TWINS.items())
        if "Ѐ" <= twin <= "ӿ" and twin not in "ёїһӏӀԛѵ" and latin in "aceiopxysABCEHIKMOPTXYS"
    }
)
PASS_FOR_LATIN: Final = frozenset(_TWINS | _COUSINS)
PASS_FOR_CYRILLIC: Final = frozenset(map(chr, TO_CYRILLIC))

# Ornamental Latin letters that Unicode's compatibility forms leave alone.
_SMALL_CAPITALS: Final = dict(zip("ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘǫʀꜱᴛᴜᴠᴡʏᴢ", "abcdefghijklmnopqrstuvwyz", strict=True))
_TURNED: Final = {"ɑ": "a", "ɡ": "g", "ɩ": "i", "ʋ": "v", "ɯ": "w", "ʂ": "s", "ʐ": "z"}


def _boxed() -> dict[str, str]:
    """Letters in brackets, white on black circles, white on black squares."""
    table = {chr(0x249C + offset): chr(ord("a") + offset) for offset in range(26)}
    for start in (0x1F110, 0x1F150, 0x1F170):
        table |= {chr(start + offset): chr(ord("A") + offset) for offset in range(26)}
    return table


def _compatible() -> dict[str, str]:
    """Full-width, mathematical, circled, superscript and joined letters, by Unicode's own table."""
    blocks = ((0xFF01, 0xFF5F), (0x1D400, 0x1D800), (0x2460, 0x24F0), (0x1F130, 0x1F14A), (0xFB00, 0xFB07))
    letter_like = "ℂℊℋℌℍℎℐℑℒℓℕℙℚℛℜℝℤℨℬℭℯℰℱℳℴℹℽⅅⅆⅇⅈⅉ"
    superscript = "ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ"
    signs = [chr(code) for start, end in blocks for code in range(start, end)] + list(letter_like + superscript)
    return {sign: plain for sign in signs if (plain := unicodedata.normalize("NFKC", sign)) != sign}


ORNAMENTAL: Final = _compatible() | _boxed() | _SMALL_CAPITALS | _TURNED
ORNAMENTS: Final = str.maketrans(ORNAMENTAL)


def _without_accents() -> dict[int, str]:
    table = {}
    for code in (*range(0xC0, 0x250), *range(0x1E00, 0x1F00)):
        bare = "".join(c for c in unicodedata.normalize("NFD", chr(code)) if not unicodedata.combining(c))
        if bare != chr(code):
            table[code] = bare
    strokes = {"ø": "o", "đ": "d", "ð": "d", "ħ": "h", "ł": "l", "ŧ": "t", "ƀ": "b", "ɨ": "i", "ʉ": "u", "ƶ": "z",
               "ɇ": "e", "ɉ": "j", "ɍ": "r", "ɏ": "y", "ǥ": "g", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th"}  # fmt: skip
    return table | str.maketrans(strokes)


ACCENT_FREE: Final = _without_accents()
DIGRAPHS: Final = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"})

# Two letters that make a flag; any other pair of regional indicators is spelling.
_FLAGS: Final = frozenset(
    re.findall(
        "[A-Z]{2}",
        """
        AC AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS
        BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CP CR CU CV CW CX CY CZ DE DG DJ DK DM DO DZ EA
        EC EE EG EH ER ES ET EU FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY
        HK HM HN HR HT HU IC ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA
        LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ
        NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW
        SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TA TC TD TF TG TH TJ TK TL TM TN TO
        TR TT TV TW TZ UA UG UM UN US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW
        """,
    )
)
REGIONAL_RUN: Final = re.compile("[\U0001f1e6-\U0001f1ff]+")


def spell_regional(run: str) -> str:
    """Return the letters that a run of regional indicators stands for."""
    return "".join(chr(ord(sign) - 0x1F1E6 + ord("a")) for sign in run)


def is_flags(run: str) -> bool:
    """Whether a run of regional indicators is nothing but flags."""
    spelled = spell_regional(run).upper()
    return len(spelled) % 2 == 0 and all(spelled[at : at + 2] in _FLAGS for at in range(0, len(spelled), 2))
