"""Clean columns as Splink's documentation asks (Data Prerequisites), for linkers of plain strings.

Trimmed, lower case, special characters and accents taken away, dates as yyyy-mm-dd, one code for
each sex. What is left out on purpose is all that knows Korean: that is Tacit's own work.
"""

import re
import unicodedata
from datetime import datetime

from anyascii import anyascii

from bench_data import DataSet, Table

_DAYS = ("%Y-%m-%d", "%Y/%m/%d", "%d %B %Y")
_SEXES = {"m": "m", "male": "m", "남": "m", "f": "f", "female": "f", "여": "f"}


def cleaned(data: DataSet, *, latin: bool = False) -> DataSet:
    """Clean a synthetic coalition.

    Args:
        data: a coalition's raw columns.
        latin: whether other scripts are transliterated, by a general library (anyascii).
    """
    return DataSet(data.key, tuple(_cleaned(table, latin) for table in data.tables), data.truth)


def _cleaned(table: Table, latin: bool) -> Table:
    return {
        name: [_value(name, value, latin) for value in values] for name, values in table.items()
    }


def _value(name: str, value: str, latin: bool) -> str:
    if name == "birth_date":
        return clean_date(value)
    if name == "sex":
        return _SEXES.get(value.casefold(), "")
    return clean_text(transliterated(value) if latin else value)


def transliterated(text: str) -> str:
    """Write other scripts in Latin letters, a word for each syllable that anyascii capitalises."""
    if text.isascii():
        return text
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", anyascii(text))


def clean_text(text: str) -> str:
    """Fold case and accents and drop special characters; a comma still parts town and province."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    letters = "".join(char for char in plain if not unicodedata.combining(char))
    kept = re.sub(r"[^\w\s,]", "", unicodedata.normalize("NFC", letters))
    return re.sub(r"\s*,\s*", ",", " ".join(kept.split()))


def clean_date(text: str) -> str:
    """Write a date as yyyy-mm-dd; a year alone stays one."""
    for layout in _DAYS:
        try:
            return datetime.strptime(text, layout).date().isoformat()  # noqa: DTZ007 (a day)
        except ValueError:
            continue
    return text if re.fullmatch(r"\d{4}", text) else ""
