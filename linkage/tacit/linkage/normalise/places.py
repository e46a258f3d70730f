"""Places."""

from tacit.linkage.normalise.text import text


def place(value: str) -> str:
    """Normalise a place name."""
    return text(value)
