"""Values that must be nowhere, in every form in which they could be somewhere; and the search."""

import unicodedata
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import numpy as np

# The shortest form that is searched for: a window of so many bytes is looked at everywhere.
WINDOW = 6
BLOCK = 1 << 22


def text_forms(text: str) -> Iterator[bytes]:
    """Give a text in the encodings in which software keeps text."""
    for form in ("NFC", "NFD"):
        written = unicodedata.normalize(form, text)
        for variant in {written, written.lower(), written.upper()}:
            yield from byte_forms(variant.encode())
            for encoding in ("utf-16-le", "utf-16-be"):
                yield from byte_forms(variant.encode(encoding))
            yield variant.encode("unicode_escape")


def byte_forms(value: bytes) -> Iterator[bytes]:
    """Give bytes as they are, in hexadecimal, and in base64 wherever in a longer text they start."""
    yield value
    yield value.hex().encode()
    yield value.hex().upper().encode()
    for lead in range(3):
        first, last = (lead * 8 + 5) // 6, (lead + len(value)) * 8 // 6
        for encode in (b64encode, urlsafe_b64encode):
            yield encode(bytes(lead) + value)[first:last]


class Search:
    """Looks for many values at once.

    Args:
        wanted: forms of values by kind; forms shorter than `WINDOW` are left out.
    """

    def __init__(self, wanted: Mapping[str, Iterable[bytes]]) -> None:
        self._kinds: dict[int, list[tuple[bytes, str]]] = {}
        for kind, forms in wanted.items():
            for form in {form for form in forms if len(form) >= WINDOW}:
                self._kinds.setdefault(_number(form[:WINDOW]), []).append((form, kind))
        self._starts = np.array(sorted(self._kinds), np.uint64)

    def __len__(self) -> int:
        return sum(map(len, self._kinds.values()))

    def __call__(self, haystack: bytes) -> set[str]:
        """Say which kinds stand in `haystack`."""
        found: set[str] = set()
        for start in range(0, len(haystack), BLOCK):
            # Windows that begin in this block; forms may reach beyond it.
            block = np.frombuffer(haystack[start : start + BLOCK + WINDOW], np.uint8)
            places = len(block) - WINDOW + 1
            if places < 1:
                break
            windows = np.zeros(places, np.uint64)
            for offset in range(WINDOW):
                windows = windows << np.uint64(8) | block[offset : offset + places]
            near = np.searchsorted(self._starts, windows).clip(max=len(self._starts) - 1)
            for place in np.flatnonzero(self._starts[near] == windows):
                for form, kind in self._kinds[int(windows[place])]:
                    if haystack.startswith(form, start + int(place)):
                        found.add(kind)
        return found

    def in_folder(self, folder: Path, without: Iterable[str] = ()) -> dict[str, set[str]]:
        """Say what stands in which file; folders of these names are left out."""
        left_out = set(without)
        return {
            str(file.relative_to(folder)): kinds
            for file in sorted(folder.rglob("*"))
            if file.is_file()
            and not file.is_symlink()
            and not left_out & set(file.relative_to(folder).parts)
            and (kinds := self(file.read_bytes()))
        }


def _number(window: bytes) -> int:
    return int.from_bytes(window, "big")
