"""The zip around a bundle, in one spelling only, so that not even its headers can change unnoticed.

Entries are stored, in the order of their names, dated 1980-01-01, without attributes, extras or comments.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

# Where Python and TypeScript differ, one would call whole what the other cannot read.
MAX_FILES = 2_000
MAX_BYTES = 512 * 1024 * 1024
_DATE = (1980, 1, 1, 0, 0, 0)


class NotABundle(Exception):
    """The file cannot be read as a bundle at all."""


def pack(files: Mapping[str, bytes]) -> bytes:
    """The zip of `files` by name."""
    target = io.BytesIO()
    _write(files, target)
    return target.getvalue()


def spelt(files: Mapping[str, bytes], data: bytes) -> bool:
    """Whether `data` is the zip of `files` in its one spelling, without a further copy of it all."""
    target = io.BytesIO()
    _write(files, target)
    return target.getbuffer() == data


def _write(files: Mapping[str, bytes], target: io.BytesIO) -> None:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for name, content in sorted(files.items()):
            entry = zipfile.ZipInfo(name, _DATE)
            entry.create_system = 0
            entry.external_attr = 0
            archive.writestr(entry, content)


def unpack(data: bytes) -> dict[str, bytes]:
    """The files in a zip by name. Raises NotABundle; whether the zip is in its one spelling says `spelt`."""
    if len(data) > MAX_BYTES:
        raise NotABundle("it is larger than a bundle may be")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            if any(entry.compress_type != zipfile.ZIP_STORED or entry.flag_bits & 1 for entry in entries):
                raise NotABundle("a file in it is packed or locked")
            if len(entries) > MAX_FILES or sum(entry.file_size for entry in entries) > len(data):
                raise NotABundle("it holds more than a bundle may")
            files = {entry.filename: archive.read(entry) for entry in entries}
    except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError, OSError) as error:
        raise NotABundle(f"it is no zip that can be read ({type(error).__name__})") from None
    if len(files) != len(entries):
        raise NotABundle("two files in it have one name")
    return files
