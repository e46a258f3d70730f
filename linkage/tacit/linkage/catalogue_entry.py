"""What the catalogue says of one code."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Entry:
    """What follows from a code.

    Attributes:
        status: name of the gRPC status code.
        exit_code: what the command line exits with.
        sentence: public English sentence, a `str.format_map` template.
        korean: the same in Korean.
    """

    status: str
    exit_code: int
    sentence: str
    korean: str
