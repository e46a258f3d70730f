"""What can be wrong with a ledger: one sentence for each finding, in English and Korean."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What was found."""

    ENTRY_FORM = "entry form"
    ENTRY_ORDER = "entry order"
    ENTRY_REFERENCE = "entry reference"
    ENTRY_SIGNATURE = "entry signature"
    HEAD_SIGNATURE = "head signature"
    HEAD_ROOT = "head root"
    HEAD_SIZE = "head size"
    HEAD_ORDER = "head order"
    HEAD_MISSING = "head missing"
    FORK = "fork"
    PARTING = "parting"
    GROWTH = "growth"
    COSIGNATURE = "cosignature"
    PAPER_SIZE = "paper size"
    PAPER_ROOT = "paper root"
    PAPER_DAY = "paper day"
    LEDGER_KEY = "ledger key"
    SEEN_HEAD = "seen head"
    SEEN_SIZE = "seen size"
    MEMBER_KEY = "member key"
    RECEIPT = "receipt"
    RECEIPT_GONE = "receipt gone"
    EVIDENCE = "evidence"
    EVIDENCE_SETTLED = "evidence settled"
    NOT_OURS = "not ours"
    UNKNOWN_TYPE = "unknown type"


@dataclass(frozen=True, slots=True)
class _Words:
    english: str
    korean: str
    remark: bool = False


_WORDS: Mapping[Kind, _Words] = {
    Kind.ENTRY_FORM: _Words(
        "Entry {index} is not what an entry of its type must be ('{field}').",
        "{index}번 항목이 해당 종류의 형식에 맞지 않습니다('{field}').",
    ),
    Kind.ENTRY_ORDER: _Words(
        "Entry {index} is dated {seconds} s before an entry that stands before it.",
        "{index}번 항목의 시각이 앞선 항목보다 {seconds}초 이릅니다.",
    ),
    Kind.ENTRY_REFERENCE: _Words(
        "Entry {index} refers to what no entry before it holds ('{field}').",
        "{index}번 항목이 앞선 어느 항목에도 없는 것을 가리킵니다('{field}').",
    ),
    Kind.ENTRY_SIGNATURE: _Words(
        "The member's signature in entry {index} does not verify.",
        "{index}번 항목에 있는 회원의 서명이 검증되지 않습니다.",
    ),
    Kind.HEAD_SIGNATURE: _Words(
        "The head of size {size} is not signed with the ledger's key.",
        "크기 {size}의 트리 헤드가 원장 키로 서명되지 않았습니다.",
    ),
    Kind.HEAD_ROOT: _Words(
        "The first {size} entries do not give the root that was signed for them: something was rewritten, reordered, put in or left out.",
        "처음 {size}개 항목이 서명된 루트와 맞지 않습니다. 고치거나 순서를 바꾸거나 끼워 넣거나 빼낸 것이 있습니다.",
    ),
    Kind.HEAD_SIZE: _Words(
        "A head of {size} entries was signed, but only {entries} are there: the end was cut off.",
        "항목 {size}개의 트리 헤드가 서명되었으나 {entries}개만 있습니다. 끝부분이 잘렸습니다.",
    ),
    Kind.HEAD_ORDER: _Words(
        "The head of size {size} is dated before what it holds, or before a smaller head: it was back-dated, or the coordinator's clock was wrong.",
        "크기 {size}의 트리 헤드 시각이 그 안의 항목이나 더 작은 헤드보다 이릅니다. 날짜를 앞당겼거나 코디네이터의 시계가 틀렸습니다.",
    ),
    Kind.HEAD_MISSING: _Words(
        "{entries} entries at the end stand under no signed head.",
        "끝의 항목 {entries}개에 서명된 트리 헤드가 없습니다.",
    ),
    Kind.FORK: _Words(
        "The coordinator signed two different heads of size {size}: history was forked.",
        "코디네이터가 크기 {size}의 서로 다른 트리 헤드 두 개에 서명했습니다. 기록이 둘로 갈라졌습니다.",
    ),
    Kind.PARTING: _Words(
        "The two copies differ from entry {index} on: history was rewritten or forked.",
        "두 사본이 {index}번 항목부터 다릅니다. 기록이 고쳐졌거나 둘로 갈라졌습니다.",
    ),
    Kind.GROWTH: _Words(
        "The proof that the head of size {size} continues the one before it does not verify.",
        "크기 {size}의 트리 헤드가 앞의 헤드를 잇는다는 증명이 검증되지 않습니다.",
    ),
    Kind.COSIGNATURE: _Words(
        "The signature of {member} under the head of size {size} does not verify.",
        "크기 {size}의 트리 헤드에 있는 {member}의 서명이 검증되지 않습니다.",
    ),
    Kind.PAPER_SIZE: _Words(
        "The head on paper has {size} entries, but only {entries} are there: something was left out.",
        "종이에 적힌 트리 헤드는 항목이 {size}개이나 {entries}개만 있습니다. 빠진 것이 있습니다.",
    ),
    Kind.PAPER_ROOT: _Words(
        "The first {size} entries are not those of the head on paper: history was changed since.",
        "처음 {size}개 항목이 종이에 적힌 트리 헤드의 항목과 다릅니다. 그 뒤에 기록이 바뀌었습니다.",
    ),
    Kind.PAPER_DAY: _Words(
        "The head on paper is of {day}, but among its {size} entries are later ones, or the head signed for them has another date.",
        "종이에 적힌 트리 헤드는 {day}의 것이나 그 {size}개 항목 가운데 더 늦은 것이 있거나, 서명된 헤드의 날짜가 다릅니다.",
    ),
    Kind.LEDGER_KEY: _Words(
        "The heads are signed with another key than this ledger's: it is another coordinator's, or the key was replaced.",
        "트리 헤드가 이 원장의 키가 아닌 다른 키로 서명되었습니다. 다른 코디네이터의 원장이거나 키가 바뀌었습니다.",
    ),
    Kind.SEEN_HEAD: _Words(
        "A head of size {size} that {seen_by} saw is no part of this ledger: history was rewritten or forked.",
        "{seen_by}이(가) 본 크기 {size}의 트리 헤드가 이 원장에 속하지 않습니다. 기록이 고쳐졌거나 둘로 갈라졌습니다.",
    ),
    Kind.SEEN_SIZE: _Words(
        "{seen_by} saw a head of {size} entries, but only {entries} are here.",
        "{seen_by}이(가) 항목 {size}개의 트리 헤드를 보았으나 여기에는 {entries}개만 있습니다.",
    ),
    Kind.MEMBER_KEY: _Words(
        "The ledger gives {member} another signing key than this node knows: compare keys by telephone.",
        "원장에 있는 {member}의 서명 키가 이 노드가 아는 것과 다릅니다. 전화로 키를 대조하십시오.",
    ),
    Kind.RECEIPT: _Words(
        "Entry {index} is not what this member remembers of it ('{field}').",
        "{index}번 항목이 이 회원이 기억하는 내용과 다릅니다('{field}').",
    ),
    Kind.RECEIPT_GONE: _Words(
        "This member remembers something of the type '{type}' that no entry holds ({name}).",
        "이 회원이 기억하는 '{type}' 종류의 일({name})이 어느 항목에도 없습니다.",
    ),
    Kind.EVIDENCE: _Words(
        "On {day} this node was shown a signed head of size {size} that contradicts its history ({seen_by}). It keeps the head as evidence.",
        "{day}에 이 노드는 자기 기록과 모순되는, 서명된 크기 {size}의 트리 헤드를 받았습니다({seen_by}). 증거로 보관하고 있습니다.",
    ),
    Kind.EVIDENCE_SETTLED: _Words(
        "On {day} this node was shown a signed head of size {size} that contradicts its history ({seen_by}). Its people settled that on {settled}: {note}",
        "{day}에 이 노드는 자기 기록과 모순되는, 서명된 크기 {size}의 트리 헤드를 받았습니다({seen_by}). 담당자가 {settled}에 정리했습니다: {note}",
        remark=True,
    ),
    Kind.NOT_OURS: _Words(
        "Entry {index} says that this member did something ('{type}') which this node does not remember.",
        "{index}번 항목에는 이 노드가 기억하지 못하는 이 회원의 행위('{type}')가 적혀 있습니다.",
        remark=True,
    ),
    Kind.UNKNOWN_TYPE: _Words(
        "{count} entries have the type '{type}', which this version of Tacit does not know.",
        "이 버전의 Tacit이 알지 못하는 '{type}' 종류의 항목이 {count}개 있습니다.",
        remark=True,
    ),
}


@dataclass(frozen=True, slots=True)
class LedgerFinding:
    """Something about a ledger that somebody should hear.

    Attributes:
        kind: what it is.
        params: numbers and names for the sentence.
    """

    kind: Kind
    params: Mapping[str, int | str]

    @property
    def remark(self) -> bool:
        """Whether the ledger still verifies."""
        return _WORDS[self.kind].remark

    def sentence(self, language: str = "en") -> str:
        """Say it in `en` or `ko`."""
        words = _WORDS[self.kind]
        template = words.korean if language == "ko" else words.english
        return template.format_map(self.params)


def finding(kind: Kind, **params: int | str) -> LedgerFinding:
    """Make a finding."""
    return LedgerFinding(kind, params)
