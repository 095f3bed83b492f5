"""Room: memory that is used again is nobody's, whatever the sizes."""

import numpy as np
import pytest

from lamina import Sequential, layers
from lamina.ops import room
from lamina.ops.room import HUGE, LARGE, Room, in_huge_pages
from lamina.utils import processes
from lamina.utils.held import NEVER, tells_held
from lamina.utils.processes import SharedRoom


@pytest.mark.parametrize("most", [200, LARGE // 2, 3 * HUGE], ids=["small", "mixed", "large"])
def test_no_array_that_is_held_is_written_over(most):
    rng, room, held = np.random.default_rng(0), Room(), []
    for number in range(200):
        array = room.empty((int(rng.integers(1, most)),), "uint8")
        assert array.ctypes.data % 64 == 0
        array[...] = number
        held.append((array[::3], number))  # a view holds its block, too
        while rng.random() < 0.6 and held:
            held.pop(int(rng.integers(len(held))))
        if number % 50 == 49:
            room.let_go()
        assert all((view == value).all() for view, value in held)


@pytest.mark.parametrize("size", [100, LARGE, HUGE + 1])
def test_memory_that_nobody_holds_is_used_again(size):
    room = Room()
    places = set()
    for _ in range(5):
        places.add(room.empty((size,), "uint8").ctypes.data)
    assert len(places) == 1


def test_a_view_of_a_view_holds_its_block():
    room = Room()
    view = room.empty((LARGE,), "float32").reshape(-1, 4)[1:].T[2:]
    view[...] = 7
    room.empty((LARGE,), "float32")[...] = 0
    assert (view == 7).all()


@pytest.mark.parametrize(("module", "kind"), [(room, Room), (processes, SharedRoom)])
def test_an_interpreter_that_counts_otherwise_costs_memory_not_numbers(monkeypatch, module, kind):
    """Were the count of a block that is held taken for that of one that is not, this is seen, and nothing is used again."""
    monkeypatch.setattr(module, "_UNUSED", module._UNUSED + 1)
    assert not tells_held(kind())
    monkeypatch.setattr(module, "_UNUSED", NEVER)
    own = kind()
    held = [own.empty((LARGE,), "uint8") for _ in range(3)]
    assert len({array.ctypes.data for array in held}) == 3 and not own._blocks


@pytest.mark.parametrize("dtype", ["float32", "int64", "<U3", "object"])
@pytest.mark.parametrize("size", [0, 3, LARGE])
def test_memory_of_ones_own_takes_any_type(size, dtype):
    a, b = in_huge_pages(size, dtype), in_huge_pages(size, dtype)
    a[...], b[...] = "7", "8"
    assert a.shape == (size,) and a.dtype == dtype and a.flags.writeable
    assert set(a.tolist()) <= {"7", 7}
    assert a.flags.owndata or not a.dtype.hasobject  # objects in memory that NumPy does not know would not be let go


def test_many_texts_are_predicted():
    model = Sequential([layers.StringLookup(vocabulary=["a", "b"], invert=True)])
    found = model.predict(np.full((LARGE // 8 + 1, 1), 1), batch_size=LARGE, verbose=0)
    assert set(found.ravel().tolist()) == {"a"}
