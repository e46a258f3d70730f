"""Korean forms of what commands about members and their keys say, by their English text."""

from collections.abc import Mapping

KOREAN_MEMBERS: Mapping[str, str] = {
    "Standing": "자격",
    "member": "회원",
    "revoked": "제외됨",
    "Shut {member} out for good?": "{member}을(를) 영구히 제외합니까?",
    "{member} is shut out; its open calls end within seconds.": "{member}을(를) 제외했습니다. 진행 중인 요청은 몇 초 안에 끝납니다.",
    "It keeps what it has already. Make new linkage keys for projects that go on.": "이미 받은 것은 그 회원에게 남습니다. 계속되는 프로젝트에는 새 연결 키를 만드십시오.",
    "Its encodings are being erased. Send it the receipts, which it cannot fetch any more: `tacit coordinator receipts {member} --out FILE`.": "이 회원의 부호화된 값을 지우는 중입니다. 확인서는 그 회원이 더는 받아 갈 수 없으니 보내 주십시오: `tacit coordinator receipts {member} --out FILE`.",
    "Other members must confirm you first: read them what `tacit node safety-number` shows.": "먼저 다른 회원들이 확인해야 합니다. `tacit node safety-number`가 보여 주는 번호를 읽어 주십시오.",
    "Confirmed by": "확인한 회원",
    "Safety number": "안전 번호",
    "Safety number of you and {member}:": "본인과 {member}의 안전 번호:",
    "Your half of every safety number, for the others to compare:": "다른 회원이 대조할 본인의 안전 번호 절반:",
    "    {groups}": "    {groups}",
    "You have compared it.": "대조한 번호입니다.",
    "Compare it by telephone or in person, then run this again with --compared.": "전화나 대면으로 대조한 뒤 --compared를 붙여 다시 실행하십시오.",
    "Did {member} read this number to you?": "{member}이(가) 이 번호를 읽어 주었습니까?",
    "waits: {confirmed} of {needed}": "대기: {needed}명 중 {confirmed}명 확인",
    "left": "떠남",
    "KEYS CHANGED": "키가 바뀜",
    "compared": "대조함",
    "not compared": "대조하지 않음",
    "You confirmed {member}; it waits for others: {confirmed} of {needed}.": "{member}을(를) 확인했습니다. 다른 회원을 기다립니다: {needed}명 중 {confirmed}명.",
    "You confirmed {member}. It is a member now.": "{member}을(를) 확인했습니다. 이제 회원입니다.",
    "Leave the coalition for good as {name}?": "{name}(으)로서 연합을 영구히 떠납니까?",
    "{name} has left the coalition. Its linkage keys and results are erased; the register stays in this node.": "{name}이(가) 연합을 떠났습니다. 연결 키와 결과는 지웠고, 대장은 이 노드에 남습니다.",
    "The coordinator erases your encodings now and owes you a receipt for it, which this node cannot fetch any more. Ask its keeper for the file that `tacit coordinator receipts {member} --out FILE` writes, and take it in with `tacit node receipts --from FILE`.": "코디네이터가 이제 귀 단체의 부호화된 값을 지우고 그 확인서를 내야 하지만, 이 노드는 더는 받아 올 수 없습니다. 코디네이터 관리자에게 `tacit coordinator receipts {member} --out FILE`로 만든 파일을 받아 `tacit node receipts --from FILE`로 들여오십시오.",
}
