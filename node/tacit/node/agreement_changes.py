"""What a new version of an agreement changes, in plain words: the old sentence and the new one."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tacit.linkage.agreement import Agreement, Party
from tacit.node.agreement_words import terms

_WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "joins": "{name} joins.",
        "leaves": "{name} leaves.",
        "keys": "{name} has keys that begin with {key}.",
        "name": "The project is called {name}.",
        "codes": "{dimension} is one of: {codes}.",
    },
    "ko": {
        "joins": "{name}이(가) 참여합니다.",
        "leaves": "{name}이(가) 나갑니다.",
        "keys": "{name}의 키는 {key}(으)로 시작합니다.",
        "name": "프로젝트의 이름은 {name}입니다.",
        "codes": "{dimension}의 값은 다음 가운데 하나입니다: {codes}.",
    },
}


@dataclass(frozen=True, slots=True)
class Change:
    """A sentence of the version before, and the one in its place; either may be empty."""

    old: str
    new: str


def changes(before: Agreement, after: Agreement, language: str = "en") -> tuple[Change, ...]:
    """Say what `after` changes of `before`, in `en` or `ko`; nothing that binds is left out."""
    said = _WORDS["ko" if language == "ko" else "en"]
    return (
        *_members(before, after, said),
        *_name(before, after, said),
        *_codes(before, after, said),
        *_sentences(before, after, language),
    )


def _members(before: Agreement, after: Agreement, said: Mapping[str, str]) -> Iterator[Change]:
    for party in after.members:
        earlier = before.party(party.member_id)
        if earlier is None:
            yield Change("", said["joins"].format(name=party.name))
        elif earlier != party:
            yield Change(_keys(earlier, said), _keys(party, said))
    for party in before.members:
        if after.party(party.member_id) is None:
            yield Change("", said["leaves"].format(name=party.name))


def _keys(party: Party, said: Mapping[str, str]) -> str:
    keys = f"{party.signing_key[:8]}, {party.sealing_key[:8]}"
    return said["keys"].format(name=party.name, key=keys)


def _name(before: Agreement, after: Agreement, said: Mapping[str, str]) -> Iterator[Change]:
    if before.name != after.name:
        yield Change(*(said["name"].format(name=each.name) for each in (before, after)))


def _codes(before: Agreement, after: Agreement, said: Mapping[str, str]) -> Iterator[Change]:
    for dimension in before.strata.keys() & after.strata.keys():
        lists: Sequence[Sequence[str]] = (before.strata[dimension], after.strata[dimension])
        if lists[0] != lists[1]:
            texts = (
                said["codes"].format(dimension=dimension, codes=", ".join(codes)) for codes in lists
            )
            yield Change(*texts)


def _sentences(before: Agreement, after: Agreement, language: str) -> Iterator[Change]:
    """Pair the sentences that differ; who joins or leaves and the version's number are said."""
    pairs = list(zip(terms(before, language), terms(after, language), strict=True))
    for old, new in pairs[1:-1]:
        if old != new:
            yield Change(old, new)
