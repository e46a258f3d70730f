"""Derive the tables of Han readings from Unicode's Unihan data.

    python scripts/han_readings.py FOLDER

FOLDER holds Unihan_Readings.txt, Unihan_Variants.txt and Unihan_OtherMappings.txt. What comes out
is one line per reading with all the characters that have it, for the characters that Korean names
use and for the simplified, Japanese and other variants of them.
"""

import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

from tacit.linkage.normalise.hangul import initial_law, is_syllable

DATA = Path(__file__).parents[1] / "linkage" / "tacit" / "linkage" / "normalise" / "data"
VARIANTS = ("kTraditionalVariant", "kZVariant", "kSemanticVariant", "kSimplifiedVariant")
NOTE = """\
# {what}
# Derived by scripts/han_readings.py from Unihan 15.0.0 ({fields}).
# (c) 1991-2022 Unicode, Inc. Unicode and the Unicode Logo are registered trademarks of Unicode,
# Inc. in the U.S. and other countries. Unicode License: https://www.unicode.org/license.txt
"""

Fields = Mapping[str, Mapping[str, str]]


def read(folder: Path) -> Fields:
    """Give every character's fields."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for name in ("Readings", "Variants", "OtherMappings"):
        for line in (folder / f"Unihan_{name}.txt").read_text("utf-8").splitlines():
            if line.startswith("U+"):
                code, field, value = line.split("\t")
                found[_char(code)][field] = value
    return found


def _char(code: str) -> str:
    return chr(int(code.removeprefix("U+"), 16))


def _related(fields: Mapping[str, str], names: Iterable[str]) -> list[str]:
    codes = [part for name in names for part in fields.get(name, "").split()]
    return [_char(code.split("<")[0].split(":")[-1]) for code in codes if "U+" in code]


def hangul(unihan: Fields) -> dict[str, set[str]]:
    """Give the Korean readings, without those that the initial-sound law makes of others."""
    own = {
        char: {part[0] for part in fields["kHangul"].split() if is_syllable(part[0])}
        for char, fields in unihan.items()
        if "kHangul" in fields
    }
    found = {
        char: readings - {initial_law(one, first=True) for one in readings if _changes(one)}
        for char, readings in own.items()
    }
    links: dict[str, list[str]] = defaultdict(list)
    for char, fields in unihan.items():
        for other in _related(fields, (*VARIANTS, "kJinmeiyoKanji")):
            links[char].append(other)
            links[other].append(char)
    inherited: dict[str, set[str]] = {}
    for char in links.keys() - found.keys():
        near = [other for other in links[char] if other in found]
        further = [far for other in links[char] for far in links[other] if far in found]
        for other in (near or further)[:1]:
            inherited[char] = found[other]
    return {**found, **inherited}


def _changes(syllable: str) -> bool:
    return initial_law(syllable, first=True) != syllable


def japanese(unihan: Fields, wanted: Iterable[str]) -> dict[str, set[str]]:
    """Give the first Sino-Japanese reading, for the characters that Japan writes its own way."""
    shinjitai = {
        _char(fields["kJinmeiyoKanji"].split(":")[1])
        for fields in unihan.values()
        if ":U+" in fields.get("kJinmeiyoKanji", "")
    }
    found = {}
    for char in wanted:
        fields = unihan.get(char, {})
        if "kJapaneseOn" in fields and ({"kJoyoKanji", "kJinmeiyoKanji"} & fields.keys()):
            mark = "*" if char in shinjitai else ""
            found[char] = {mark + fields["kJapaneseOn"].split()[0].lower()}
    return found


def write(name: str, what: str, fields: str, readings: Mapping[str, set[str]]) -> None:
    """Write one line per reading."""
    grouped: dict[str, list[str]] = defaultdict(list)
    for char, own in sorted(readings.items()):
        for reading in own:
            grouped[reading].append(char)
    lines = [f"{reading}\t{''.join(chars)}\n" for reading, chars in sorted(grouped.items())]
    text = NOTE.format(what=what, fields=fields) + "".join(lines)
    (DATA / name).write_text(text, "utf-8", newline="\n")


def main() -> None:
    """Write both tables."""
    unihan = read(Path(sys.argv[1]))
    korean = hangul(unihan)
    korean = {char: own for char, own in korean.items() if "\u3400" <= char <= "\ufaff"}
    write(
        "han_korean.tsv",
        "Korean reading of Han characters, then the characters; before the initial-sound law.",
        "kHangul; variants without one have that of the character they stand for",
        korean,
    )
    write(
        "han_japanese.tsv",
        "Sino-Japanese reading of Han characters, then the characters; * for Japan's own forms.",
        "kJapaneseOn, kJoyoKanji, kJinmeiyoKanji",
        japanese(unihan, korean),
    )


if __name__ == "__main__":
    main()
