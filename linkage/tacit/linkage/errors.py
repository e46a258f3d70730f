"""The one base error; what it can be is in the catalogue.

A `TacitError` carries a code of the catalogue, parameters that may be shown (a file name, a row
number, a field name: never a personal value) and, apart from these, a detail for the local log.
The gRPC status, the exit code and the public sentence follow from the code alone.
"""

from tacit.linkage.catalogue import CATALOGUE, Entry
from tacit.linkage.error_codes import Code
from tacit.linkage.korean_problems import korean_params

__all__ = ["CATALOGUE", "Code", "Entry", "TacitError"]

LONGEST_PARAMETER = 1000
"""Characters of one parameter that are kept: enough for thirty names."""


class TacitError(Exception):
    """Anything Tacit reports.

    Args:
        code: what went wrong.
        detail: for the local log only; must not hold personal data or keys either.
        params: values for the public sentence; never a personal value.
    """

    def __init__(self, code: Code, detail: str = "", **params: object) -> None:
        super().__init__(code.value)
        self.code = code
        self.detail = detail
        self.params = {name: _short(value) for name, value in params.items()}

    @property
    def entry(self) -> Entry:
        """Status, exit code and sentences of this error's code."""
        return CATALOGUE[self.code]

    def sentence(self, language: str = "en") -> str:
        """Say it to a person, in `en` or `ko`, the words among the parameters included."""
        if language == "ko":
            return self.entry.korean.format_map(_Params(korean_params(self.params)))
        return self.entry.sentence.format_map(_Params(self.params))

    def __str__(self) -> str:
        return self.sentence()


def _short(value: object) -> object:
    """Cut what would fill a screen, and what a call's trailing metadata has no room for."""
    if isinstance(value, str) and len(value) > LONGEST_PARAMETER:
        return f"{value[:LONGEST_PARAMETER]}…"
    return value


class _Params(dict[str, object]):
    """Parameters of a sentence; a missing one shows as its name, so that no error hides another."""

    def __missing__(self, key: str) -> str:
        return f"<{key}>"
