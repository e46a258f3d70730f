"""Names that are not Korean: folded words in Latin letters, in alphabetical order."""

import re
import unicodedata
from collections.abc import Sequence

from anyascii import anyascii

from tacit.linkage.normalise import indic, kana
from tacit.linkage.normalise.text import fold, tokens
from tacit.linkage.normalise.titles import without_titles

_BEYOND_LATIN = re.compile("[^\\x00-\u036f\u1e00-\u1eff\u2000-\u206f\u3000-\u303f\\s]+")
_KANA = re.compile("[\u3041-\u30ff]")
_LEAST_WORDS = 2
_PINYIN = re.compile(
    r"(?:zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw])?"
    r"(?:iang|iong|uang|ang|eng|ong|ian|iao|uai|uan|ai|ei|ao|ou|an|en|er|ia|ie|iu|in|ing|ua|uo|ui"
    r"|un|ue|a|o|e|i|u|v)"
)
_PINYIN_WORD = re.compile(f"{_PINYIN.pattern}(?:(?=[^aeiouv]){_PINYIN.pattern})?")
_PINYIN_RUN = re.compile(f"(?:{_PINYIN.pattern}){{1,4}}")
CHINESE_SURNAMES = frozenset(
    [
        "wang",
        "li",
        "zhang",
        "liu",
        "chen",
        "yang",
        "huang",
        "zhao",
        "wu",
        "zhou",
        "xu",
        "sun",
        "ma",
        "zhu",
        "hu",
        "guo",
        "he",
        "lin",
        "gao",
        "luo",
        "zheng",
        "liang",
        "xie",
        "song",
        "tang",
        "deng",
        "han",
        "feng",
        "cao",
        "peng",
        "zeng",
        "xiao",
        "tian",
        "dong",
        "pan",
        "yuan",
        "cai",
        "jiang",
        "yu",
        "du",
        "ye",
        "cheng",
        "wei",
        "su",
        "lu",
        "ding",
        "ren",
        "yao",
        "shen",
        "zhong",
        "jia",
        "xia",
        "fu",
        "fang",
        "zou",
        "xiong",
        "bai",
        "meng",
        "qin",
        "qiu",
        "hou",
        "yin",
        "xue",
        "lei",
        "hao",
        "gong",
        "shao",
        "dai",
        "long",
        "wan",
        "kang",
        "mao",
        "qian",
        "yan",
        "shi",
        "duan",
        "gu",
        "kong",
        "lai",
        "piao",
        "jin",
        "cui",
        "quan",
        "pu",
        "an",
        "lv",
        "qi",
        "mo",
        "ning",
        "nie",
        "xing",
        "zhuang",
        "bao",
        "tao",
        "hong",
        "qu",
        "chang",
        "tong",
        "ke",
        "xi",
        "hua",
        "jiao",
        "wen",
        "chai",
        "chu",
        "fei",
        "ge",
        "ji",
        "jing",
        "lan",
        "le",
        "ling",
        "lou",
        "miao",
        "mu",
        "ou",
        "pang",
        "pei",
        "ruan",
        "sang",
        "sheng",
        "shu",
        "tan",
        "teng",
        "weng",
        "xin",
        "yi",
        "ying",
        "you",
        "yue",
        "zha",
        "zhan",
        "zhuo",
        "zong",
    ]
)
_CHINESE_WORDS = 3
_HYPHENATED = re.compile(r"([a-z]+)-([a-z]+)")


def romanise(value: str) -> str:
    """Write a name of any script in Latin letters."""
    if value.isascii():
        return value
    folded = unicodedata.normalize("NFKC", value)
    if _KANA.search(folded):
        folded = kana.latin(folded)
    if indic.is_indic(folded):
        folded = indic.latin(folded)
    return folded if folded.isascii() else _letters(folded)


def _letters(value: str) -> str:
    """Write what is beyond Latin letters in them, word by word; accents are folded elsewhere."""
    return _BEYOND_LATIN.sub(lambda run: anyascii(run[0]), value)


def general(value: str) -> str:
    """Normalise a name: words in Latin letters, titles left out, in alphabetical order.

    So neither a comma nor the order of given name and surname counts.
    """
    return " ".join(general_words(romanise(without_titles(value))))


def general_words(written: str) -> list[str]:
    """Give the folded words of a name in Latin letters, in alphabetical order."""
    return sorted(_joined_chinese(tokens(written), _HYPHENATED.findall(fold(written))))


def _joined_chinese(words: list[str], hyphenated: list[tuple[str, str]]) -> list[str]:
    """Join the two syllables of a Chinese given name: Xi Jin Ping and Jin-ping Xi, Xi Jinping."""
    if len(words) != _CHINESE_WORDS or not all(map(_PINYIN.fullmatch, words)):
        return words
    if len(hyphenated) == 1:
        one, other = hyphenated[0]
        rest = [word for word in words if word not in hyphenated[0]]
        return [*rest, one + other] if len(rest) == 1 else words
    if words[0] in CHINESE_SURNAMES:
        return [words[0], words[1] + words[2]]
    if words[2] in CHINESE_SURNAMES:
        return [words[0] + words[1], words[2]]
    return words


def is_chinese(words: list[str]) -> bool:
    """Tell whether words may be a Chinese name in pinyin."""
    return (
        _LEAST_WORDS <= len(words) <= _CHINESE_WORDS
        and words[0] in CHINESE_SURNAMES - {"yi"}
        and all(map(_PINYIN_WORD.fullmatch, words))
    )


def is_pinyin(words: Sequence[str]) -> bool:
    """Tell whether words, in any order, may be a Chinese name in pinyin."""
    if len(words) == 1:
        return _PINYIN_WORD.fullmatch(words[0]) is not None
    return not CHINESE_SURNAMES.isdisjoint(words) and all(map(_PINYIN_RUN.fullmatch, words))
