"""Positions in a full binary tree kept as an array (RFC 9420 appendix C).

Leaf number n is node 2n; a tree of n leaves (a power of two) has 2n - 1 nodes and root n - 1.
"""

from __future__ import annotations


def level(node: int) -> int:
    """How far a node is above the leaves, which are at level 0."""
    return (~node & (node + 1)).bit_length() - 1


def children(node: int) -> tuple[int, int]:
    """The left and the right child of a node that is no leaf."""
    height = level(node)
    return node ^ (1 << (height - 1)), node ^ (3 << (height - 1))


def parent(node: int) -> int:
    """The node above, in an endless tree; the caller stops at the root."""
    height = level(node)
    return (node | (1 << height)) & ~(1 << (height + 1))


def sibling(node: int) -> int:
    """The other child of the node above."""
    left, right = children(parent(node))
    return right if node == left else left


def path_to_root(leaf: int, width: int) -> list[tuple[int, int]]:
    """The direct path of leaf number `leaf`, lowest first, each with its child off the path."""
    root = width // 2
    node, path = 2 * leaf, []
    while node != root:
        above = parent(node)
        path.append((above, sibling(node)))
        node = above
    return path
