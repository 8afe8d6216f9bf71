"""What the server checks of MLS (RFC 9420) without being a member: parse and decide, nothing else.

Pure functions over bytes and plain values: no Django, no clock, no store. Whatever a client sent and
is wrong with it comes out as `errors.MlsError` with a closed code; nothing else is raised for it.

    key_package.check_key_package    is this upload a usable key package of just this device?
    framing.check_application        may this application message go into the room now?
    rules.judge_commit               is this commit the room's next, and what does it change?
    group.open_group_info            the room's group, rebuilt from the stored group info
    external.external_remove         the server's own proposal to remove a device
    external.pending_removal         what such a proposal says, read back from the log

The server follows the public side of a group as each member does: it applies every commit to the
tree that it knows, and the group info that came with it must hold exactly the tree, the transcript
and the context that come out. What it accepts, honest members accept.

What it cannot check, because that takes the group's secrets:

-   the membership tag and the confirmation tag of a commit (it checks that commit and group info
    carry the same confirmation tag);
-   that the encrypted path secrets and the Welcome open, and belong to the keys in the tree;
-   that the external key in a group info is the epoch's;
-   anything inside an application message, and which member sent it.

So a member with a changed client can still send a commit that nobody can process. It is bound to
that member by its signature; the others come back by an external commit, and the member can be
removed. And at epoch 0, which the server never saw:

-   the signature of a room's very first commit when that renews the creator's keys, since it covers
    the unseen leaf that it replaces. The leaf, the group info and their signatures are checked; no
    other member exists whom the commit could mislead.

Parser and tree are our own and strict, because two readings of one message are a way to show the
server one thing and the members another. The PyPI package `rfc9420`, an independent implementation,
is held against them in the tests; it is not used here since it takes bytes left over and a group
info signed by a key that the group info itself brings along.
"""
