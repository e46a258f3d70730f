"""What the demo's members see, told once and shown twice: on the terminal and in the report."""

from collections.abc import Sequence

from tacit.cli.demo.cast import ARCHIVE, PETITION, Both, Role
from tacit.cli.demo.play import Played
from tacit.cli.demo.report import Section, Table
from tacit.cli.demo.scoring import Score
from tacit.cli.output import moment

SHOWN = 12

TITLE: Both = ("Three stories from one linkage", "하나의 연결, 세 가지 이야기")
OPENING: Both = (
    (
        "Three organisations document the same victims and may not show each other their lists. Each"
        " ran a node of its own; a coordinator compared encodings that it cannot read. All persons"
        " here are invented."
    ),
    (
        "세 단체가 같은 피해자들을 기록하지만 서로 명단을 보여 줄 수는 없습니다. 각 단체는 자기 노드를"
        " 운영했고, 코디네이터는 자신이 읽을 수 없는 부호를 비교했습니다. 여기 나오는 사람은 모두"
        " 가상의 인물입니다."
    ),
)


def who(roles: Sequence[Role], played: Played) -> Section:
    """Tell who takes part and with what."""
    rows = []
    for role in roles:
        upload = played.syncs[role.slug]["projects"][0]["upload"]
        rows.append(
            [f"{role.name} · {role.korean}", role.does[0], upload["records"], upload["withheld"]]
        )
    heads: list[Both] = [
        ("Member", "회원"),
        ("What it does", "하는 일"),
        ("Records uploaded", "올린 레코드"),
        ("Kept back by consent", "동의로 제외"),
    ]
    number = played.project["safety_number"]
    return Section(
        ("Who takes part", "참여 회원"),
        [
            (
                (
                    "They signed one agreement: what the linkage may serve, what a count may show, how"
                    " many records may be asked about. Nothing flowed before the last signature. Each"
                    f" compares the same safety number: {number}."
                ),
                (
                    "회원들은 하나의 협약에 서명했습니다. 연결의 목적, 집계에 보일 수 있는 것, 조회할 수"
                    " 있는 레코드 수가 담겨 있습니다. 마지막 서명 전에는 아무것도 오가지 않았습니다. 모두"
                    f" 같은 안전 번호를 대조합니다: {number}."
                ),
            )
        ],
        [Table(("Members of the project", "프로젝트 회원"), heads, rows)],
    )


def before_publication(played: Played) -> Section:
    """Tell the first story: the check."""
    check = played.check
    rows = [
        [row["label"], holder["member"], holder["score"]]
        for row in check["rows"]
        for holder in row["holders"]
        if holder["objects"]
    ]
    heads: list[Both] = [
        ("The archive's record", "아카이브의 레코드"),
        ("Who documents it and objects", "기록하고 반대하는 회원"),
        ("Score", "점수"),
    ]
    asked, held, objected = len(check["rows"]), check["held"], check["objected"]
    more = len(rows) - SHOWN
    caption = (
        f"Under objection{f' (first {SHOWN} of {len(rows)})' if more > 0 else ''}",
        f"공개 반대{f' (전체 {len(rows)}건 중 처음 {SHOWN}건)' if more > 0 else ''}",
    )
    return Section(
        ("Before publication", "공개하기 전에"),
        [
            (
                (
                    f"The archive is about to publish {asked} records. It asks first. {held} of them"
                    f" are documented by other members, and for {objected} somebody objects to"
                    " publication: families who told their story in confidence, for a petition to the"
                    " United Nations. The archive holds these back and calls whoever objects."
                ),
                (
                    f"아카이브는 {asked}건을 공개하려 합니다. 먼저 물어봅니다. 그중 {held}건은 다른 회원도"
                    f" 기록하고 있고, {objected}건에는 공개 반대가 있습니다. 유엔 진정을 위해 비공개로"
                    " 이야기한 가족들입니다. 아카이브는 이 기록을 보류하고 반대하는 회원에게 연락합니다."
                ),
            ),
            _noticed(played),
        ],
        [Table(caption, heads, rows[:SHOWN])] if rows else [],
    )


def _noticed(played: Played) -> Both:
    notices = played.notices["projects"][0]["notices"]
    last = notices[0] if notices else {"member": ARCHIVE.name, "records": 0, "ledger_index": 0}
    return (
        (
            f"The petition group sees that it was asked about: {last['member']} asked, and"
            f" {last['records']} of the group's records were found; never which. Entry"
            f" {last['ledger_index']} of the ledger holds the check for good."
        ),
        (
            f"진정 단체는 조회 사실을 통지받습니다. {last['member']}이(가) 물었고 이 단체의 레코드"
            f" {last['records']}건이 발견되었습니다. 어느 레코드인지는 알려지지 않습니다. 원장"
            f" {last['ledger_index']}번 항목에 이 확인이 영구히 남습니다."
        ),
    )


def contested(played: Played) -> Section:
    """Tell the third story: who recorded a contested case first."""
    heading = ("A contested case", "다툼이 있는 사건")
    if not played.claims or not played.claims["groups"]:
        return Section(heading, [("No case is contested.", "다툼이 있는 사건이 없습니다.")])
    group = played.claims["groups"][0]
    rows = [
        [
            claim["order"],
            claim["member"],
            moment(claim["recorded_at"]),
            claim["documented_on"],
            claim["forum"],
            claim["petition"],
            claim["consent"],
        ]
        for claim in group["claims"]
    ]
    heads: list[Both] = [
        ("Order", "순서"),
        ("Member", "회원"),
        ("In the ledger since", "원장 기록 시각"),
        ("Documented on, it says", "회원이 밝힌 문서화 일자"),
        ("Forum", "제출 기구"),
        ("Petition", "진정"),
        ("Consent", "동의"),
    ]
    own = next(claim["record_id"] for claim in group["claims"] if claim["yours"])
    first = group["claims"][0]["member"]
    size, root = played.claims["tree_size"], played.claims["tree_root"]
    return Section(
        heading,
        [
            (
                (
                    f"The archive's record {own} is a case of the {PETITION.name.lower()}'s too. Both"
                    " see each other's claim, which the coordinator could not read. The ledger held"
                    f" that of {first} first. The archive's node verified every step: from the claim"
                    " to its commitment, to the signed upload, to the ledger's signed head of"
                    f" {size} entries, root {root}."
                ),
                (
                    f"아카이브의 레코드 {own}은(는) {PETITION.korean}의 사건이기도 합니다. 양측은"
                    " 코디네이터가 읽을 수 없었던 서로의 주장을 봅니다. 원장에는"
                    f" {first}의 것이 먼저 있었습니다. 아카이브의 노드는 주장에서 약속값, 서명된 업로드,"
                    f" 항목 {size}개의 서명된 원장 머리(루트 {root})까지 모든 단계를 검증했습니다."
                ),
            )
        ],
        [Table(("Claims, earliest recorded first", "먼저 기록된 순서의 주장"), heads, rows)],
    )


def how_right(played: Played, scores: Sequence[tuple[Both, Score]]) -> Section:
    """Tell how right the matches were, by the synthetic truth."""
    run = played.run["run"]
    heads: list[Both] = [
        ("", ""),
        ("Precision", "정밀도"),
        ("Recall", "재현율"),
        ("F1", "F1"),
        ("Found", "찾음"),
        ("True", "정답"),
    ]
    rows = [
        [
            f"{name[0]} · {name[1]}",
            f"{score.precision:.3f}",
            f"{score.recall:.3f}",
            f"{score.f1:.3f}",
            score.found,
            score.true,
        ]
        for name, score in scores
    ]
    threshold, precision = run["threshold"], run["estimated_precision"]
    recall = run["estimated_recall"]
    return Section(
        ("How right it was", "얼마나 정확했나"),
        [
            (
                (
                    "The registers are synthetic, so the truth is known; the members and the"
                    f" coordinator did not have it. The threshold, {threshold:.3f}, was found from the"
                    f" scores alone, with an expected precision of {precision:.3f} and recall of"
                    f" {recall:.3f}."
                ),
                (
                    "합성 자료이므로 정답을 알 수 있지만, 회원과 코디네이터는 정답을 몰랐습니다. 임계값"
                    f" {threshold:.3f}은(는) 점수만으로 구했으며, 예상 정밀도는 {precision:.3f}, 재현율은"
                    f" {recall:.3f}였습니다."
                ),
            )
        ],
        [Table(("Against the truth", "정답과 비교"), heads, rows)],
    )


def footer(seed: int, seconds: float) -> Both:
    """Say how the report came about."""
    return (
        (
            f"Made by `tacit demo` with seed {seed} in {seconds:.0f} seconds, by a coordinator and"
            " nodes in separate processes over TLS. The same seed makes the same registers."
        ),
        (
            f"`tacit demo`가 시드 {seed}(으)로 {seconds:.0f}초 만에 만들었습니다. 코디네이터와 노드는"
            " TLS로 연결된 별도의 프로세스였습니다. 같은 시드는 같은 명부를 만듭니다."
        ),
    )
