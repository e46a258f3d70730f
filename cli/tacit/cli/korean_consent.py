"""Korean forms of what the commands about consent say: withdrawals and receipts."""

from collections.abc import Mapping

KOREAN_CONSENT: Mapping[str, str] = {
    "List the receipts for what was erased.": "삭제 확인서를 봅니다.",
    "Take records out for good.": "기록을 영구히 철회합니다.",
    "Let a record in again.": "철회한 기록을 다시 넣습니다.",
    "Telling the coordinator": "코디네이터에 알리는 중",
    "{record} may go in again; what was erased stays erased.": "{record}을(를) 다시 넣을 수 있습니다. 이미 지운 것은 되살아나지 않습니다.",
    "Withdraw {n} records for good: {names}?": "기록 {n}건을 영구히 철회할까요? {names}",
    "Withdrawn: {names}.": "철회했습니다: {names}.",
    "The coordinator has erased it; ledger entry {n} is the receipt.": "코디네이터가 삭제했습니다. 원장 항목 {n}번이 확인서입니다.",
    "{n} withdrawals wait for the coordinator; the next `tacit node sync` sends them.": "철회 {n}건이 코디네이터를 기다립니다. 다음 `tacit node sync` 때 전달됩니다.",
    "{project}: {n} withdrawals wait for the next `tacit node sync`.": "{project}: 철회 {n}건이 다음 `tacit node sync`를 기다립니다.",
    "What other members have fetched already is in their own hands: tell them too.": "다른 회원이 이미 받아 간 것은 그 회원에게 있으므로 직접 알리십시오.",
    "{project}: the coordinator has erased {n} withdrawn records; `tacit node receipts` shows the receipts.": "{project}: 코디네이터가 철회된 기록 {n}건을 삭제했습니다. `tacit node receipts`에서 확인서를 볼 수 있습니다.",
    "{project}: {n} records were withdrawn that this node does not remember, as after a restore from a backup. Withdraw them again.": "{project}: 이 노드가 기억하지 못하는 철회 기록이 {n}건 있습니다(백업에서 복원한 경우 등). 다시 철회하십시오.",
    "Records sent": "보낸 기록",
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
