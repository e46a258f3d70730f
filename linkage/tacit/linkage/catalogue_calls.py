"""The catalogue's part about calls and stores: what goes wrong whatever was asked for."""

from collections.abc import Mapping

from tacit.linkage.catalogue_entry import Entry
from tacit.linkage.error_codes import Code

CALLS: Mapping[Code, Entry] = {
    Code.REPLAYED: Entry(
        "PERMISSION_DENIED",
        9,
        "The coordinator has had this very request before. If this node did not send it twice, somebody between repeats what it sends.",
        "코디네이터가 이미 받은 요청입니다. 이 노드가 두 번 보내지 않았다면 중간에서 누군가 요청을 되풀이하고 있는 것입니다.",
    ),
    Code.REQUEST_STALE: Entry(
        "ABORTED",
        10,
        "The request is dated too far from the coordinator's clock. Run the command again.",
        "요청의 시각이 코디네이터의 시계와 너무 다릅니다. 명령을 다시 실행하십시오.",
    ),
    Code.RATE_LIMITED: Entry(
        "RESOURCE_EXHAUSTED",
        10,
        "Too many calls in a short time. Nothing is lost; go on in {seconds} seconds.",
        "짧은 시간에 요청이 너무 많았습니다. 잃은 것은 없으니 {seconds}초 뒤에 계속하십시오.",
    ),
    Code.TOO_SLOW: Entry(
        "ABORTED",
        10,
        "The coordinator waited too long for what this node was sending or taking. Nothing is lost; run the command again, on a better line if it happens again.",
        "코디네이터가 이 노드의 송수신을 너무 오래 기다렸습니다. 잃은 것은 없으니 명령을 다시 실행하고, 되풀이되면 더 나은 회선을 사용하십시오.",
    ),
    Code.CUT_OFF: Entry(
        "CANCELLED",
        10,
        "The call was cut off before it ended: the coordinator stopped, or this node or its line was too slow. Nothing is lost; run the command again, on a better line if it happens again.",
        "요청이 끝나기 전에 끊겼습니다. 코디네이터가 멈추었거나 이 노드 또는 회선이 너무 느렸습니다. 잃은 것은 없으니 명령을 다시 실행하고, 되풀이되면 더 나은 회선을 사용하십시오.",
    ),
    Code.MALFORMED: Entry(
        "INVALID_ARGUMENT",
        9,
        "The request is malformed: {problem}",
        "요청 형식이 잘못되었습니다: {problem}",
    ),
    Code.OFFSET_MISMATCH: Entry(
        "ABORTED",
        10,
        "The upload must go on at record {committed}.",
        "업로드는 {committed}번째 레코드부터 계속해야 합니다.",
    ),
    Code.DIGEST_MISMATCH: Entry(
        "DATA_LOSS",
        9,
        "What arrived is not what was announced; start the upload again.",
        "도착한 자료가 예고된 것과 다릅니다. 업로드를 다시 시작하십시오.",
    ),
    Code.BAD_ANSWER: Entry(
        "DATA_LOSS",
        9,
        "The coordinator gave an answer that makes no sense: {problem} Nothing of it was kept; if it goes on, tell its keeper.",
        "코디네이터의 응답이 이치에 맞지 않습니다: {problem} 아무것도 받아들이지 않았습니다. 계속되면 코디네이터 관리자에게 알리십시오.",
    ),
    Code.UNTRUSTED: Entry(
        "UNAVAILABLE",
        9,
        "Whoever answers at {address} does not prove to be this coalition's coordinator. Nothing was sent.",
        "{address}에서 응답한 서버가 이 연합의 코디네이터임을 증명하지 못했습니다. 아무것도 보내지 않았습니다.",
    ),
    Code.UNAVAILABLE: Entry(
        "UNAVAILABLE",
        10,
        "The coordinator at {address} cannot be reached. Nothing is lost; run the command again later.",
        "{address}의 코디네이터에 연결할 수 없습니다. 잃은 것은 없으니 나중에 다시 실행하십시오.",
    ),
    Code.BUSY: Entry(
        "RESOURCE_EXHAUSTED",
        10,
        "The coordinator is busy with other calls of this node. Nothing is lost; run the command again.",
        "코디네이터가 이 노드의 다른 요청을 처리하고 있습니다. 잃은 것은 없으니 명령을 다시 실행하십시오.",
    ),
    Code.STORE_BUSY: Entry(
        "UNAVAILABLE",
        10,
        "Another tacit process is using this store.",
        "다른 tacit 프로세스가 이 저장소를 사용하고 있습니다.",
    ),
    Code.STORE_FAILED: Entry(
        "UNAVAILABLE",
        10,
        "The store cannot be used: {problem}",
        "저장소를 사용할 수 없습니다: {problem}",
    ),
    Code.INTERRUPTED: Entry(
        "CANCELLED",
        130,
        "Interrupted. Run the command again to go on.",
        "중단되었습니다. 계속하려면 명령을 다시 실행하십시오.",
    ),
    Code.INTERNAL: Entry(
        "INTERNAL",
        70,
        "Something went wrong that Tacit did not foresee.",
        "예상하지 못한 문제가 발생했습니다.",
    ),
}
