"""The tree is that of RFC 6962."""

from __future__ import annotations

from hashlib import sha256

import pytest

from preserve.proof.merkle import Frontier, inclusion_proof, leaf_hash, root_of, verify_inclusion

# The eight leaves and the roots of their trees that the certificate-transparency projects test with.
LEAVES = [bytes.fromhex(text) for text in (
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
)]  # fmt: skip
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


@pytest.mark.parametrize("size", range(9))
def test_roots_are_the_published_ones(size: int) -> None:
    assert root_of(map(leaf_hash, LEAVES[:size])).hex() == ROOTS[size]


def recursive(leaves: list[bytes]) -> bytes:
    """RFC 6962 §2.1, word for word."""
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return sha256(b"\x01" + recursive(leaves[:split]) + recursive(leaves[split:])).digest()


def test_the_frontier_agrees_with_the_definition_at_every_size() -> None:
    frontier, leaves = Frontier(), []
    for number in range(130):
        leaves.append(leaf_hash(b"%d\n" % number))
        frontier.append(leaves[-1])
        assert (frontier.size, frontier.root()) == (number + 1, recursive(leaves))


def test_each_leaf_is_proven_and_nothing_else_is() -> None:
    for size in range(1, 40):
        leaves = [leaf_hash(bytes([number])) for number in range(size)]
        root = root_of(leaves)
        for index, leaf in enumerate(leaves):
            path = inclusion_proof(leaves, index)
            assert verify_inclusion(leaf, index, size, path, root)
            assert not verify_inclusion(leaf_hash(b"other"), index, size, path, root)
            assert not verify_inclusion(leaf, index + 1, size, path, root)
            assert not verify_inclusion(leaf, index, size, [*path, root], root)
            assert not path or not verify_inclusion(leaf, index, size, path[:-1], root)


def test_there_is_no_proof_outside_the_tree() -> None:
    with pytest.raises(IndexError):
        inclusion_proof([leaf_hash(b"")], 1)
    assert not verify_inclusion(b"", 0, 0, [], b"")
    assert not verify_inclusion(b"", -1, 1, [], b"")
