"""The secrets of the box, as one value that is handed in and never shown."""

from __future__ import annotations

from dataclasses import dataclass, field

KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class Keyring:
    """Each is KEY_BYTES of chance. None of them is ever in a database, a backup, a log or an event."""

    master: bytes = field(repr=False)  # wraps the data key of each member; of this box alone
    index: bytes = field(repr=False)  # finds members without their phone in clear; of the whole chain
    coupon: bytes = field(repr=False)  # proves coupon codes; of the whole chain

    def __post_init__(self) -> None:
        for name in self.__slots__:
            assert len(getattr(self, name)) == KEY_BYTES, name
