"""Korean forms of what the commands about consent say: withdrawals and receipts."""

from collections.abc import Mapping

KOREAN_CONSENT: Mapping[str, str] = {
    "List the receipts for what was erased.": "삭제 확인서를 봅니다.",
    "records withdrawn": "기록 철회",
    "encodings destroyed": "암호화 기록 파기",
    "key destroyed": "키 파기",
    "There are no receipts yet.": "아직 확인서가 없습니다.",
    "Receipts": "확인서",
    "Ledger entry": "원장 항목",
    "Time": "시각",
    "Confirmed": "확인 내용",
    "Epoch": "시기",
    "`tacit ledger verify` holds them against the ledger.": "`tacit ledger verify`로 원장과 대조할 수 있습니다.",
}
