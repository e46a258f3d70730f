"""Say things in English or Korean."""

import os
from typing import Literal, TypeAlias

from tacit.cli.korean import KOREAN

Language: TypeAlias = Literal["en", "ko"]
LANGUAGES: tuple[Language, ...] = ("en", "ko")


def language_of(option: str | None) -> Language:
    """Choose the language: the option, else TACIT_LANG, else English.

    A value of TACIT_LANG such as `ko_KR.UTF-8` counts as `ko`; an unknown one as English, since
    a setting that only dresses the output must not stop a command.
    """
    wanted = (option or os.environ.get("TACIT_LANG", "")).split("_")[0].split("-")[0].lower()
    return "ko" if wanted == "ko" else "en"


def translate(text: str, language: Language, /, **params: object) -> str:
    """Give `text`, a `str.format_map` template, in `language` with its parameters filled in.

    A text without a Korean form stays English: an answer in the wrong language is still an answer.
    """
    template = KOREAN.get(text, text) if language == "ko" else text
    return template.format_map(params) if params else template
