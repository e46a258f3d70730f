from dataclasses import asdict, replace
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from tacit.linkage.errors import Code, TacitError
from tacit.node.sealed_claims import ClaimSealer, ClaimText, derive_keys

KEY, AGREEMENT = bytes(range(32)), bytes(range(32, 64))
TOKEN, SALT = bytes(range(16)), bytes(range(64, 96))
TEXT = ClaimText("2014-03-02", "WGEID", "사건 17/2014", "가족 동의")
SEALER = ClaimSealer(KEY, AGREEMENT)


def test_the_sealing_key_is_hkdf_as_the_brief_states_it() -> None:
    # RFC 5869 with no salt, by hand: one block is enough for 32 bytes.
    import hmac  # noqa: PLC0415

    prk = hmac.digest(bytes(32), KEY, sha256)
    expected = hmac.digest(prk, b"tacit claim seal v1" + AGREEMENT + b"\x01", sha256)
    assert derive_keys(KEY, AGREEMENT)[0] == expected


def test_a_sealed_claim_is_a_nonce_and_gcm_over_canonical_json_with_the_token_as_aad() -> None:
    sealed = SEALER.seal(TEXT, SALT, TOKEN)
    plain = AESGCM(derive_keys(KEY, AGREEMENT)[0]).decrypt(sealed[:12], sealed[12:], TOKEN)
    assert plain.decode() == (
        '{"claim":{"consent":"가족 동의","documented_on":"2014-03-02","forum":"WGEID",'
        f'"petition":"사건 17/2014"}},"salt":"{SALT.hex()}","token":"{TOKEN.hex()}"}}'
    )


@given(
    st.builds(ClaimText, *[st.text(st.characters(exclude_categories=["Cs"]), max_size=30)] * 4),
    st.binary(min_size=32, max_size=32),
    st.binary(min_size=16, max_size=16),
)
def test_members_open_what_a_member_sealed(text: ClaimText, salt: bytes, token: bytes) -> None:
    sealed = SEALER.seal(text, salt, token)
    opened = ClaimSealer(KEY, AGREEMENT).open(sealed, token)
    assert (opened.text, opened.salt) == (text, salt)


def test_sealing_again_gives_the_same_bytes_and_anything_else_another_nonce() -> None:
    first = SEALER.seal(TEXT, SALT, TOKEN)
    assert first == SEALER.seal(TEXT, SALT, TOKEN)
    others = [
        SEALER.seal(replace(TEXT, forum="WGAD"), SALT, TOKEN),
        SEALER.seal(TEXT, bytes(32), TOKEN),
        SEALER.seal(TEXT, SALT, bytes(16)),
    ]
    assert len({sealed[:12] for sealed in [first, *others]}) == 4


@pytest.mark.parametrize(
    ("sealer", "token"),
    [
        (ClaimSealer(bytes(32), AGREEMENT), TOKEN),
        (ClaimSealer(KEY, bytes(32)), TOKEN),
        (SEALER, bytes(16)),
    ],
)
def test_another_key_agreement_or_record_does_not_open(sealer: ClaimSealer, token: bytes) -> None:
    with pytest.raises(TacitError) as caught:
        sealer.open(SEALER.seal(TEXT, SALT, TOKEN), token)
    assert caught.value.code is Code.PROOF_INVALID


@pytest.mark.parametrize(
    "content",
    [
        b"[]",
        b"{}",
        b'{"claim":{},"salt":"zz","token":"' + TOKEN.hex().encode() + b'"}',
        b'{"claim":{"other":""},"salt":"00","token":"' + TOKEN.hex().encode() + b'"}',
        b'{"claim":{"forum":7},"salt":"00","token":"' + TOKEN.hex().encode() + b'"}',
        b'{"claim":{},"salt":"00","token":"00"}',
    ],
)
def test_what_a_careless_member_sealed_is_refused(content: bytes) -> None:
    cipher = AESGCM(derive_keys(KEY, AGREEMENT)[0])
    with pytest.raises(TacitError) as caught:
        SEALER.open(bytes(12) + cipher.encrypt(bytes(12), content, TOKEN), TOKEN)
    assert caught.value.code is Code.PROOF_INVALID


def test_the_commitment_changes_with_salt_token_and_every_part_of_the_claim() -> None:
    same = TEXT.commitment(SALT, TOKEN)
    changed = [replace(TEXT, **{part: "x"}).commitment(SALT, TOKEN) for part in asdict(TEXT)]
    changed += [TEXT.commitment(bytes(32), TOKEN), TEXT.commitment(SALT, bytes(16))]
    assert len({same, *changed}) == 7
    assert same == TEXT.commitment(SALT, TOKEN)
