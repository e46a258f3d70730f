"""Korean forms of what `tacit ledger` says."""

from collections.abc import Mapping

LEDGER: Mapping[str, str] = {
    "Reading the ledger": "원장 읽는 중",
    "Verifying the ledger": "원장 검증 중",
    "{entries} entries, {heads} signed heads.": "항목 {entries}개, 서명된 트리 헤드 {heads}개.",
    "Ledger of {size} entries, {time}.": "원장 항목 {size}개, {time}.",
    "Root: {root}": "루트: {root}",
    "Cosigned by you; {members} agree.": "귀 단체가 함께 서명했고 {members}의 기록과 일치합니다.",
    "For paper: {paper}": "종이 보관용: {paper}",
    "{name}": "{name}",
    "{problem}": "{problem}",
    "Entries": "항목",
    "Type": "종류",
    "Cosigned entries": "함께 서명한 항목",
    "Cosigned at": "서명 시각",
    "Not cosigned for a week by: {members}. Compare `tacit ledger head` by telephone.": "한 주 동안 함께 서명하지 않은 회원: {members}. 전화로 `tacit ledger head`를 대조하십시오.",
    "The ledger's key: {key}": "원장 키: {key}",
    "{n} entries are held against receipts.": "항목 {n}개를 영수 기록과 대조했습니다.",
    "On {day}: a head of {size} entries, shown by {name}.": "{day}: 항목 {size}개의 트리 헤드, 출처 {name}.",
    "Have all members compared their heads, and agree?": "모든 회원이 트리 헤드를 대조했고 서로 일치합니까?",
    "Settled; {n} contradicting heads stay on record with your note.": "정리했습니다. 모순되는 트리 헤드 {n}개는 메모와 함께 기록에 남습니다.",
    "Everything verifies.": "모두 검증되었습니다.",
    "The ledger does not verify. Do not trust it; tell the other members.": "원장이 검증되지 않습니다. 믿지 말고 다른 회원에게 알리십시오.",
}
