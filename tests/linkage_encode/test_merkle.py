from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tacit.linkage import merkle

# The reference tree of the Certificate Transparency code base (google/certificate-transparency,
# merkletree/merkle_tree_test.cc): inputs, roots after each, and some proofs.
INPUTS = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
LEAVES = [merkle.leaf_hash(entry) for entry in INPUTS]
MANY = [merkle.leaf_hash(bytes([i])) for i in range(40)]
MANY_ROOTS = [merkle.root(MANY[:size]) for size in range(41)]


def spoilt(path: list[bytes]) -> list[list[bytes]]:
    """Give proofs that differ from `path` in one place each."""
    turned = [
        [*path[:i], bytes([path[i][0] ^ 1]) + path[i][1:], *path[i + 1 :]] for i in range(len(path))
    ]
    shorter = [path[:-1], path[1:]] if path else []
    return [*turned, *shorter, [*path, bytes(32)], [bytes(32), *path]]


@pytest.mark.parametrize("size", range(9))
def test_reference_roots(size: int) -> None:
    assert merkle.root(LEAVES[:size]).hex() == ROOTS[size]


@pytest.mark.parametrize(
    ("leaf", "size", "expected"),
    [
        (1, 1, []),
        (
            1,
            8,
            [
                "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
            ],
        ),
        (3, 3, ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"]),
    ],
)
def test_reference_paths(leaf: int, size: int, expected: list[str]) -> None:
    # The reference counts leaves from 1.
    path = merkle.inclusion_path(leaf - 1, LEAVES[:size])
    assert [node.hex() for node in path] == expected


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (1, 1, []),
        (
            1,
            8,
            [
                "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
            ],
        ),
        (
            6,
            8,
            [
                "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
                "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            ],
        ),
    ],
)
def test_reference_consistency(first: int, second: int, expected: list[str]) -> None:
    path = merkle.consistency_path(first, LEAVES[:second])
    assert [node.hex() for node in path] == expected


def test_leaf_and_node_are_told_apart() -> None:
    assert merkle.leaf_hash(b"a" + b"b") == sha256(b"\x00ab").digest()
    assert merkle.node_hash(b"a", b"b") == sha256(b"\x01ab").digest()


@pytest.mark.parametrize("size", range(1, 41))
def test_inclusion(size: int) -> None:
    leaves, root = MANY[:size], MANY_ROOTS[size]
    for index, leaf in enumerate(leaves):
        path = merkle.inclusion_path(index, leaves)
        assert merkle.verify_inclusion(leaf, index, size, path, root)
        assert not merkle.verify_inclusion(leaf, index, size, path, MANY_ROOTS[size - 1])
        assert not merkle.verify_inclusion(merkle.leaf_hash(b"x"), index, size, path, root)
        assert not any(
            merkle.verify_inclusion(leaf, other, size, path, root)
            for other in range(-1, size + 1)
            if other != index
        )
        assert not any(
            merkle.verify_inclusion(leaf, index, size, wrong, root) for wrong in spoilt(path)
        )


@pytest.mark.parametrize("second", range(41))
def test_consistency(second: int) -> None:
    for first in range(second + 1):
        path = merkle.consistency_path(first, MANY[:second])
        old, new = MANY_ROOTS[first], MANY_ROOTS[second]
        assert merkle.verify_consistency(first, second, path, old, new)
        assert not any(
            merkle.verify_consistency(first, second, wrong, old, new) for wrong in spoilt(path)
        )
        assert not merkle.verify_consistency(first, second, path, bytes(32), new)
        if first:  # everything follows from nothing
            assert not merkle.verify_consistency(first, second, path, old, bytes(32))
        if first < second:
            assert not merkle.verify_consistency(second, first, path, new, old)


@given(st.lists(st.binary(max_size=4), min_size=2, max_size=40), st.data())
def test_a_rewritten_history_is_not_consistent(entries: list[bytes], data: st.DataObject) -> None:
    leaves = [merkle.leaf_hash(entry) for entry in entries]
    first = data.draw(st.integers(1, len(leaves) - 1))
    place = data.draw(st.integers(0, first - 1))
    rewritten = [*leaves[:place], merkle.leaf_hash(b"rewritten"), *leaves[place + 1 :]]
    path = merkle.consistency_path(first, rewritten)
    assert not merkle.verify_consistency(
        first, len(leaves), path, merkle.root(leaves[:first]), merkle.root(rewritten)
    )


@pytest.mark.parametrize("index", [-1, 3])
def test_there_is_no_path_of_a_leaf_that_is_not_there(index: int) -> None:
    with pytest.raises(IndexError):
        merkle.inclusion_path(index, LEAVES[:3])


@pytest.mark.parametrize("first", [-1, 4])
def test_there_is_no_proof_of_a_prefix_that_is_not_there(first: int) -> None:
    with pytest.raises(IndexError):
        merkle.consistency_path(first, LEAVES[:3])
