"""Who takes part in the demo."""

from dataclasses import dataclass
from typing import TypeAlias

Both: TypeAlias = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Role:
    """A kind of organisation.

    Attributes:
        slug: names its folder and its node.
        name: by which the coalition knows it.
        korean: the same in Korean.
        does: what it does, in English and Korean.
    """

    slug: str
    name: str
    korean: str
    does: Both


PETITION = Role(
    "petition",
    "Petition group",
    "진정 단체",
    (
        "takes families' testimony in confidence and petitions the United Nations",
        "가족의 증언을 비공개로 받아 유엔에 진정을 제출합니다",
    ),
)
CENTRE = Role(
    "centre",
    "Database centre",
    "기록 센터",
    (
        "keeps a database of cases from interviews and documents",
        "면담과 문서에서 모은 사건 데이터베이스를 관리합니다",
    ),
)
ARCHIVE = Role(
    "archive",
    "Public archive",
    "공개 아카이브",
    (
        "publishes lists of victims, and is about to publish 125 more",
        "피해자 명단을 공개하며, 곧 125명을 더 공개하려 합니다",
    ),
)


def cast(members: int) -> tuple[Role, ...]:
    """Give the roles of a coalition: the three of the story, then others without a part in it.

    Args:
        members: at least 3.
    """
    others = tuple(
        Role(
            f"member{number}",
            f"Member {number}",
            f"회원 {number}",
            ("documents cases of its own", "자체적으로 사건을 기록합니다"),
        )
        for number in range(4, members + 1)
    )
    return (PETITION, CENTRE, ARCHIVE, *others)
