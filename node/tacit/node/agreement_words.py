"""An agreement in plain words, English and Korean, so that a person knows what is being signed."""

from collections.abc import Mapping
from hashlib import sha256, sha512

from tacit.linkage.agreement import Agreement, Purpose
from tacit.linkage.errors import TacitError
from tacit.linkage.schema import parse_schema

_PURPOSES: Mapping[str, Mapping[Purpose, str]] = {
    "en": {
        Purpose.CHECK: "check whether another member documents a person, and whether it objects to "
        "publication",
        Purpose.COUNT: "count together how many distinct persons the members document",
        Purpose.ATTRIBUTE: "establish which member recorded a case first, and under which petition",
    },
    "ko": {
        Purpose.CHECK: "다른 회원이 같은 사람을 기록했는지, 공개에 반대하는지 확인",
        Purpose.COUNT: "회원들이 기록한 사람의 수를 중복 없이 함께 집계",
        Purpose.ATTRIBUTE: "어느 회원이 어떤 진정에 따라 사건을 먼저 기록했는지 규명",
    },
}


def terms(agreement: Agreement, language: str = "en") -> tuple[str, ...]:
    """Say what the agreement binds its members to, one sentence each, in `en` or `ko`."""
    return _korean(agreement) if language == "ko" else _english(agreement)


def safety_number(agreement_hash: bytes) -> str:
    """Give what members compare out of band: 60 digits in groups of five.

    The agreement holds every member's keys, so two members who read the same number hold the same
    keys for everybody, and the coordinator has put none of its own between them.
    """
    digest = sha512(b"tacit safety number v1" + agreement_hash).digest()
    groups = (int.from_bytes(digest[i : i + 5], "big") % 100_000 for i in range(0, 60, 5))
    return " ".join(f"{group:05}" for group in groups)


def _english(agreement: Agreement) -> tuple[str, ...]:
    members = ", ".join(party.name for party in agreement.members)
    purposes = "; ".join(_PURPOSES["en"][purpose] for purpose in agreement.purposes)
    strata = ", ".join(agreement.strata) or "none"
    return (
        f"Members: {members}.",
        f"Records may be linked to: {purposes}.",
        (
            "Names and dates leave no member. The coordinator gets keyed encodings, which fields "
            f"are present, objections to publication, and these coarse categories: {strata}."
        ),
        "Matches name the member who holds the other record."
        if agreement.disclose_members
        else "Matches do not name the member who holds the other record.",
        f"Published counts from 1 to {agreement.minimum_cell - 1} are suppressed.",
        (
            f"A check asks about {agreement.check_minimum_batch} to "
            f"{agreement.check_maximum_batch} records; each member may ask about "
            f"{agreement.check_budget} in all, and holders are told how many of their records "
            "were found."
        ),
        _threshold(agreement),
        _reasons(agreement),
        (
            "A member may say of a match that it is, or is not, the same person: the other member "
            "is told, and later matches follow unless the two disagree."
        ),
        _repeating(agreement),
        f"The coordinator deletes encodings and results after {agreement.retention_days} days.",
        f"Compared are: {compared(agreement)}.",
        _end(agreement),
        _periods(agreement),
        f"This is version {agreement.version} of the agreement.",
    )


def compared(agreement: Agreement) -> str:
    """Name the features that the schema compares, and the schema by 16 digits of its SHA-256."""
    digest = sha256(agreement.schema.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    try:
        features = parse_schema(agreement.schema).features
    except TacitError:
        return f"SHA-256 {digest}"
    return f"{', '.join(feature.identifier for feature in features)} (SHA-256 {digest})"


def _end(agreement: Agreement) -> str:
    if not agreement.expires_on:
        return "The agreement has no end."
    return (
        f"The agreement holds until the end of {agreement.expires_on} (UTC); then encodings, "
        "results and linkage keys are erased, here and at the coordinator."
    )


def _periods(agreement: Agreement) -> str:
    if not agreement.epoch_days:
        return "The linkage key changes only with the agreement."
    return (
        f"Every {agreement.epoch_days} days the nodes make a new linkage key by themselves; the "
        "old one and the encodings made with it are erased."
    )


def _threshold(agreement: Agreement) -> str:
    if agreement.threshold_permille:
        return f"Records match from a probability of {agreement.threshold_permille / 1000:.3f}."
    if agreement.precision_permille:
        return (
            "The probability from which records match is found from the data, without known "
            f"answers, such that {agreement.precision_permille / 10:.1f} % of the matches should be right."
        )
    return (
        "The probability from which records match is found from the data, without known answers, "
        "such that wrong and missed matches balance."
    )


def _reasons(agreement: Agreement) -> str:
    if not agreement.reasons:
        return "Matches do not tell which fields agree."
    return (
        "For each match, its two members are told which fields agree, agree in part or differ. "
        "For that the coordinator gets a keyed sketch of the fields of every matched record: it "
        "learns how alike the fields of a match are, not what they hold."
    )


def _repeating(agreement: Agreement) -> str:
    names = ", ".join(p.name for p in agreement.members if p.member_id in agreement.repeating)
    if not names:
        return "Every member's register holds each person once."
    return f"Registers that may hold a person several times: {names}; all others hold each once."


def _korean(agreement: Agreement) -> tuple[str, ...]:
    members = ", ".join(party.name for party in agreement.members)
    purposes = "; ".join(_PURPOSES["ko"][purpose] for purpose in agreement.purposes)
    strata = ", ".join(agreement.strata) or "없음"
    return (
        f"회원: {members}.",
        f"연결 목적: {purposes}.",
        (
            "이름과 날짜는 회원 밖으로 나가지 않습니다. 코디네이터는 키로 부호화한 값, 어떤 항목이 "
            f"있는지, 공개 반대 여부, 그리고 다음의 대략적 분류만 받습니다: {strata}."
        ),
        "일치 결과는 상대 기록을 가진 회원의 이름을 밝힙니다."
        if agreement.disclose_members
        else "일치 결과는 상대 기록을 가진 회원의 이름을 밝히지 않습니다.",
        f"공표되는 집계에서 1부터 {agreement.minimum_cell - 1}까지의 값은 가립니다.",
        (
            f"확인 한 번에 {agreement.check_minimum_batch}~{agreement.check_maximum_batch}건을 "
            f"조회할 수 있고, 회원마다 모두 {agreement.check_budget}건까지 조회할 수 있습니다. "
            "기록을 가진 회원은 자기 기록이 몇 건 발견되었는지 통지받습니다."
        ),
        _threshold_ko(agreement),
        _reasons_ko(agreement),
        (
            "회원은 어떤 일치가 같은 사람인지 아닌지 판단을 남길 수 있습니다. 상대 회원에게 알려지며, "
            "두 회원의 판단이 엇갈리지 않는 한 이후의 일치가 이를 따릅니다."
        ),
        _repeating_ko(agreement),
        f"코디네이터는 {agreement.retention_days}일 뒤 부호화된 값과 결과를 삭제합니다.",
        f"비교하는 항목: {compared(agreement)}.",
        _end_ko(agreement),
        _periods_ko(agreement),
        f"이 협약은 {agreement.version}판입니다.",
    )


def _end_ko(agreement: Agreement) -> str:
    if not agreement.expires_on:
        return "협약에는 끝나는 날이 없습니다."
    return (
        f"협약은 {agreement.expires_on}(UTC)까지 유효합니다. 그 뒤에는 부호화된 값과 결과, 연결 키를 "
        "여기와 코디네이터에서 모두 지웁니다."
    )


def _periods_ko(agreement: Agreement) -> str:
    if not agreement.epoch_days:
        return "연결 키는 협약이 바뀔 때만 바뀝니다."
    return (
        f"{agreement.epoch_days}일마다 노드들이 새 연결 키를 만듭니다. 이전 키와 그 키로 부호화한 값은 "
        "지웁니다."
    )


def _threshold_ko(agreement: Agreement) -> str:
    if agreement.threshold_permille:
        return f"일치 확률이 {agreement.threshold_permille / 1000:.3f} 이상이면 일치로 봅니다."
    if agreement.precision_permille:
        return (
            "일치로 보는 확률은 정답 없이 자료에서 구하되, 일치의 "
            f"{agreement.precision_permille / 10:.1f}%가 맞도록 합니다."
        )
    return "일치로 보는 확률은 정답 없이 자료에서 구하되, 잘못된 일치와 놓친 일치가 균형을 이루게 합니다."


def _reasons_ko(agreement: Agreement) -> str:
    if not agreement.reasons:
        return "일치 결과는 어떤 항목이 같은지 알려 주지 않습니다."
    return (
        "일치마다 그 두 회원에게 어떤 항목이 같고, 일부 같고, 다른지 알려 줍니다. 이를 위해 "
        "코디네이터는 일치한 기록의 항목을 키로 요약한 값을 받습니다. 항목이 얼마나 비슷한지는 "
        "알게 되지만 내용은 알 수 없습니다."
    )


def _repeating_ko(agreement: Agreement) -> str:
    names = ", ".join(p.name for p in agreement.members if p.member_id in agreement.repeating)
    if not names:
        return "모든 회원의 대장에는 한 사람이 한 번씩만 있습니다."
    return f"한 사람이 여러 번 있을 수 있는 대장: {names}. 나머지 대장에는 한 번씩만 있습니다."
