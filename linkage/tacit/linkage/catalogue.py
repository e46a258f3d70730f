"""The one catalogue of what can go wrong: status, exit code and public sentences by code."""

from collections.abc import Mapping

from tacit.linkage.catalogue_calls import CALLS
from tacit.linkage.catalogue_entry import Entry
from tacit.linkage.error_codes import Code

__all__ = ["CATALOGUE", "Entry"]

CATALOGUE: Mapping[Code, Entry] = {
    Code.USAGE: Entry("INVALID_ARGUMENT", 2, "{problem}", "{problem}"),
    Code.BAD_INPUT: Entry("INVALID_ARGUMENT", 3, "{where}: {problem}", "{where}: {problem}"),
    Code.BAD_SCHEMA: Entry(
        "INVALID_ARGUMENT",
        3,
        "The schema cannot be used: {problem}",
        "스키마를 사용할 수 없습니다: {problem}",
    ),
    Code.BAD_MAPPING: Entry(
        "INVALID_ARGUMENT",
        3,
        "The mapping cannot be used: {problem}",
        "매핑을 사용할 수 없습니다: {problem}",
    ),
    Code.BAD_AGREEMENT: Entry(
        "INVALID_ARGUMENT",
        3,
        "The agreement cannot be used: {problem}",
        "협약을 사용할 수 없습니다: {problem}",
    ),
    Code.NOT_FOUND: Entry("NOT_FOUND", 4, "There is no such {what}.", "찾을 수 없습니다: {what}."),
    Code.EXISTS: Entry("ALREADY_EXISTS", 5, "{what} exists already.", "이미 있습니다: {what}."),
    Code.WRONG_PASSPHRASE: Entry(
        "UNAUTHENTICATED",
        6,
        "The passphrase does not open this store, or the file is damaged.",
        "암호가 맞지 않거나 파일이 손상되었습니다.",
    ),
    Code.NOT_ENROLLED: Entry(
        "FAILED_PRECONDITION",
        6,
        "This node is not enrolled yet. Ask the coordinator for an invitation and run `tacit node enrol`.",
        "이 노드는 아직 등록되지 않았습니다. 코디네이터에게 초대장을 받아 `tacit node enrol`을 실행하십시오.",
    ),
    Code.INVITATION_INVALID: Entry(
        "PERMISSION_DENIED",
        6,
        "The invitation is unknown, used or expired. Ask for a new one.",
        "초대장이 없거나 이미 사용되었거나 만료되었습니다. 새 초대장을 요청하십시오.",
    ),
    Code.VERSION_UNSUPPORTED: Entry(
        "FAILED_PRECONDITION",
        7,
        "This coordinator speaks protocol {oldest} to {newest}, the node speaks {node}. Update the older of the two.",
        "이 코디네이터는 프로토콜 {oldest}~{newest}을 사용하고 노드는 {node}을 사용합니다. 오래된 쪽을 업데이트하십시오.",
    ),
    Code.UNAUTHENTICATED: Entry(
        "UNAUTHENTICATED",
        6,
        "The coordinator does not know this node's certificate.",
        "코디네이터가 이 노드의 인증서를 알지 못합니다.",
    ),
    Code.CERTIFICATE_EXPIRED: Entry(
        "UNAUTHENTICATED",
        6,
        "This node's certificate has ended. Ask the coordinator's keeper for an invitation made with --renew, and run `tacit node enrol` with it.",
        "이 노드의 인증서가 만료되었습니다. 코디네이터 관리자에게 --renew로 만든 초대장을 받아 `tacit node enrol`을 실행하십시오.",
    ),
    Code.REVOKED: Entry(
        "UNAUTHENTICATED",
        6,
        "This member has left the coalition or was shut out of it. Only a new invitation lets it in again.",
        "이 회원은 연합을 떠났거나 제외되었습니다. 새 초대장이 있어야만 다시 들어올 수 있습니다.",
    ),
    Code.UNCONFIRMED: Entry(
        "FAILED_PRECONDITION",
        8,
        "This member can only wait: {confirmed} of {needed} members have confirmed it. Read them the number that `tacit node safety-number` shows.",
        "이 회원은 기다려야 합니다. 회원 {needed}명 중 {confirmed}명이 확인했습니다. `tacit node safety-number`가 보여 주는 번호를 그들에게 읽어 주십시오.",
    ),
    Code.KEY_CHANGED: Entry(
        "FAILED_PRECONDITION",
        9,
        "{member} has other keys than this node knows. Nothing goes on until you have compared the safety number with them by telephone: `tacit node safety-number`. If they changed no keys, tell the other members.",
        "{member}의 키가 이 노드가 아는 것과 다릅니다. 전화로 안전 번호를 대조하기 전에는 아무것도 진행되지 않습니다: `tacit node safety-number`. 키를 바꾼 적이 없다고 하면 다른 회원에게 알리십시오.",
    ),
    Code.NUMBER_DIFFERS: Entry(
        "FAILED_PRECONDITION",
        9,
        "The safety number of {member} is not the one that was given. If it was read aright, somebody stands between you: tell the other members by another way.",
        "{member}의 안전 번호가 주어진 번호와 다릅니다. 제대로 읽은 번호라면 누군가 사이에 끼어 있는 것입니다. 다른 경로로 회원들에게 알리십시오.",
    ),
    Code.FORBIDDEN: Entry(
        "PERMISSION_DENIED", 6, "This node may not do that.", "이 노드에는 권한이 없습니다."
    ),
    Code.PURPOSE_NOT_AGREED: Entry(
        "PERMISSION_DENIED",
        6,
        "The agreement does not allow the purpose '{purpose}'.",
        "협약이 '{purpose}' 목적을 허용하지 않습니다.",
    ),
    Code.NOT_IN_FORCE: Entry(
        "FAILED_PRECONDITION",
        8,
        "The agreement is not in force: not every member has signed it.",
        "모든 회원이 서명하지 않아 협약이 아직 발효되지 않았습니다.",
    ),
    Code.AGREEMENT_STALE: Entry(
        "FAILED_PRECONDITION",
        8,
        "The request names another agreement than the one in force.",
        "요청이 발효 중인 협약과 다른 협약을 가리킵니다.",
    ),
    Code.AGREEMENT_EXPIRED: Entry(
        "FAILED_PRECONDITION",
        8,
        "The agreement ended with {day}. Agree on a new version: `tacit project propose`.",
        "협약이 {day}에 끝났습니다. 새 판에 합의하십시오: `tacit project propose`.",
    ),
    Code.MEMBER_GONE: Entry(
        "FAILED_PRECONDITION",
        8,
        "{names} left the coalition or was shut out of it. Nothing goes on until a version of the agreement without it is in force: `tacit project propose --remove NAME`.",
        "{names}이(가) 연합을 떠났거나 제외되었습니다. 이 회원이 없는 새 판의 협약이 발효될 때까지 아무것도 진행되지 않습니다: `tacit project propose --remove NAME`.",
    ),
    Code.PROPOSAL_OPEN: Entry(
        "FAILED_PRECONDITION",
        8,
        "Version {version} of the agreement is proposed and not decided yet. Sign it (`tacit project sign`) or drop it (`tacit project drop`) first.",
        "협약의 {version}판이 제안되어 아직 결정되지 않았습니다. 먼저 서명하거나(`tacit project sign`) 철회하십시오(`tacit project drop`).",
    ),
    Code.EPOCH_ENDED: Entry(
        "FAILED_PRECONDITION",
        8,
        "A new linkage key is due: epoch {epoch} is over. Run `tacit node sync`.",
        "새 연결 키가 필요합니다. {epoch}번째 기간이 끝났습니다. `tacit node sync`를 실행하십시오.",
    ),
    Code.EPOCH_RUNNING: Entry(
        "FAILED_PRECONDITION",
        8,
        "No new linkage key is due: epoch {epoch} has begun and is not over. Run `tacit node sync`.",
        "새 연결 키가 아직 필요하지 않습니다. {epoch}번째 기간이 시작되어 아직 끝나지 않았습니다. `tacit node sync`를 실행하십시오.",
    ),
    Code.NOT_NAMED: Entry(
        "FAILED_PRECONDITION",
        8,
        "The members agreed on a version of the agreement that does not name this member: the project is over for it.",
        "회원들이 이 회원이 없는 새 판의 협약에 합의했습니다. 이 회원에게는 프로젝트가 끝났습니다.",
    ),
    Code.UNSIGNED_AGREEMENT: Entry(
        "DATA_LOSS",
        9,
        "The coordinator goes by an agreement that this node did not sign: {problem}. Nothing of it was taken; tell the other members.",
        "코디네이터가 이 노드가 서명하지 않은 협약을 따르고 있습니다. {problem} 아무것도 받아들이지 않았습니다. 다른 회원에게 알리십시오.",
    ),
    Code.SIGNATURE_INVALID: Entry(
        "PERMISSION_DENIED", 9, "A signature does not verify.", "서명이 검증되지 않습니다."
    ),
    Code.KEY_MISSING: Entry(
        "FAILED_PRECONDITION",
        8,
        "The linkage key has not reached this node yet. The member who made it must run `tacit node sync`.",
        "연결 키가 아직 이 노드에 도착하지 않았습니다. 키를 만든 회원이 `tacit node sync`를 실행해야 합니다.",
    ),
    Code.KEY_LOST: Entry(
        "FAILED_PRECONDITION",
        8,
        "This node made the project's linkage key, and its store no longer holds it. Restore the store from a backup, or agree on a new key: `tacit project propose --new-key`.",
        "이 노드가 만든 연결 키가 저장소에 없습니다. 백업에서 저장소를 복원하거나 새 키에 합의하십시오: `tacit project propose --new-key`.",
    ),
    Code.RUN_NOT_DONE: Entry(
        "FAILED_PRECONDITION", 8, "The run has not finished yet.", "실행이 아직 끝나지 않았습니다."
    ),
    Code.RUN_FAILED: Entry(
        "INTERNAL",
        10,
        "The run failed. The coordinator's log says why.",
        "실행이 실패했습니다. 이유는 코디네이터 로그에 있습니다.",
    ),
    Code.NOTHING_TO_LINK: Entry(
        "FAILED_PRECONDITION",
        8,
        "Fewer than two members have uploaded records.",
        "레코드를 올린 회원이 둘 미만입니다.",
    ),
    Code.CONTRADICTION: Entry(
        "FAILED_PRECONDITION",
        8,
        "Known links and non-links contradict each other: {problem}",
        "알려진 연결과 비연결이 서로 모순됩니다: {problem}",
    ),
    Code.BATCH_TOO_SMALL: Entry(
        "INVALID_ARGUMENT",
        8,
        "The agreement asks for at least {minimum} records in a check, so that no single person is looked up.",
        "한 사람만 조회하는 것을 막기 위해 협약은 확인 한 번에 최소 {minimum}건을 요구합니다.",
    ),
    Code.BATCH_TOO_LARGE: Entry(
        "INVALID_ARGUMENT",
        8,
        "A check holds at most {maximum} records.",
        "확인 한 번에 최대 {maximum}건까지 가능합니다.",
    ),
    Code.BUDGET_SPENT: Entry(
        "RESOURCE_EXHAUSTED",
        8,
        "The agreement's query budget is spent: {left} of {budget} records are left.",
        "협약의 조회 한도를 다 썼습니다: {budget}건 중 {left}건 남았습니다.",
    ),
    Code.PROOF_INVALID: Entry(
        "DATA_LOSS",
        9,
        "The coordinator's ledger proof does not verify. Do not trust this answer; tell the other members.",
        "코디네이터의 원장 증명이 검증되지 않습니다. 이 답을 믿지 말고 다른 회원에게 알리십시오.",
    ),
    Code.LEDGER_FORKED: Entry(
        "DATA_LOSS",
        9,
        "The coordinator shows this node another history than {member}: {member} cosigned a ledger head that contradicts it. Do not go on; telephone the other members. `tacit ledger verify` shows the evidence.",
        "코디네이터가 이 노드와 {member}에 서로 다른 기록을 보였습니다. {member}이(가) 서명한 원장 헤드가 이 노드의 기록과 모순됩니다. 작업을 멈추고 다른 회원에게 전화하십시오. `tacit ledger verify`로 증거를 볼 수 있습니다.",
    ),
    **CALLS,
}
