"""Held: whether rooms, which use memory again that nobody holds any more, can tell."""

from typing import Any

NEVER = -1  # a count of references that no object has


def tells_held(room: Any) -> bool:
    """Whether a room does not hand out again what somebody still has: an interpreter may count references otherwise.

    >>> from lamina.utils.processes import SharedRoom
    >>> tells_held(SharedRoom())
    True
    """
    held = room.empty((1,), "uint8")
    return room.empty((1,), "uint8").ctypes.data != held.ctypes.data
