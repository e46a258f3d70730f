"""Personal names."""

from tacit.linkage.normalise.text import tokens


def name(value: str) -> str:
    """Normalise a personal name: folded words in alphabetical order."""
    return " ".join(sorted(tokens(value)))


def name_fine(value: str) -> str:
    """Normalise a personal name to its finer form."""
    return " ".join(sorted(tokens(value)))
