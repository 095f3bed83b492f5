"""utils that hand data on in parts: datasets of batches, splits, windows of series, registered names."""

from pathlib import Path

import cases_utils as cases
import numpy as np
import pytest

from lamina import utils
from lamina.errors import ArgumentError, DataError, OptionError
from lamina.utils.component import Component
from lamina.utils.registration import register

RECORDED = np.load(Path(__file__).parent / "references" / "utils.npz")


class Numbers(utils.PyDataset):
    """A dataset whose constructor knows nothing of its parent's."""

    def __init__(self):
        self.numbers = np.arange(6)

    def __len__(self):
        return 3

    def __getitem__(self, index):
        return self.numbers[2 * index : 2 * index + 2]


class TestPyDataset:
    def test_batches(self):
        data = Numbers()
        assert [batch.tolist() for batch in data] == [[0, 1], [2, 3], [4, 5]] and data.num_batches == 3
        assert (data.workers, data.use_multiprocessing, data.max_queue_size) == (1, False, 10)
        assert data.on_epoch_begin() is None and data.on_epoch_end() is None
        assert utils.Sequence is utils.PyDataset and utils.PyDataset(workers=3, max_queue_size=4).workers == 3

    def test_refused(self):
        with pytest.raises(OptionError, match=r"PyDataset\(use_multiprocessing=True\).*\nLikely mend: use workers=4"):
            utils.PyDataset(use_multiprocessing=True)
        with pytest.raises(OptionError, match=r"PyDataset\(workers=...\): expected a whole number of 1 or more"):
            utils.PyDataset(workers=0)
        with pytest.raises(OptionError, match=r"max_queue_size=...\)"):
            utils.PyDataset(max_queue_size=0.5)
        with pytest.raises(NotImplementedError, match="PyDataset has no __len__"):
            len(utils.PyDataset())
        with pytest.raises(NotImplementedError, match="PyDataset has no __getitem__"):
            utils.PyDataset()[0]

    def test_parts_of_a_batch(self):
        assert utils.pack_x_y_sample_weight(1) == 1 and utils.pack_x_y_sample_weight((1, 2)) == ((1, 2),)
        assert utils.pack_x_y_sample_weight(1, 2) == (1, 2) and utils.pack_x_y_sample_weight(1, 2, 3) == (1, 2, 3)
        assert utils.unpack_x_y_sample_weight([1, 2]) == (1, 2, None)
        assert utils.unpack_x_y_sample_weight(1) == utils.unpack_x_y_sample_weight((1,)) == (1, None, None)
        for parts in ((), (1, 2, 3, 4)):
            with pytest.raises(DataError, match=f"expected x, .* received {len(parts)} parts"):
                utils.unpack_x_y_sample_weight(parts)


class TestSplits:
    @pytest.mark.parametrize("number", range(len(cases.SIZES)))
    def test_equals_keras(self, number):
        for side, part in zip("lr", utils.split_dataset(cases.ROWS, *cases.SIZES[number]), strict=True):
            np.testing.assert_array_equal(part, RECORDED[f"split/{number}/{side}"])

    @pytest.mark.parametrize("kind", [tuple, list])
    def test_several_arrays(self, kind):
        x, y = np.arange(20).reshape(10, 2), np.arange(10)
        left, right = utils.split_dataset(kind((x, y)), 0.7, shuffle=True, seed=3)
        assert type(left) is type(right) is kind and left[0].shape == (7, 2) and right[1].shape == (3,)
        assert (left[0][:, 0] == 2 * left[1]).all() and sorted([*left[1], *right[1]]) == list(range(10))
        assert left[1].tolist() != sorted(left[1]) and np.shares_memory(utils.split_dataset(x, 0.5)[1], x)
        again = utils.split_dataset(kind((x, y)), 0.7, shuffle=True, seed=3)
        np.testing.assert_array_equal(again[0][0], left[0])

    def test_a_list_of_rows(self):
        left, right = utils.split_dataset([[1, 2], [3, 4], [5, 6]], 1)
        assert left.tolist() == [[1, 2]] and right.tolist() == [[3, 4], [5, 6]]

    @pytest.mark.parametrize(
        ("sizes", "said"),
        [
            ((None, None), "left_size or right_size"),
            ((1.5, None), r"left_size=...\): expected a share below 1, or 1 to 10 rows, received 1.5"),
            ((None, 0), r"right_size=...\): expected a share below 1, or 1 to 10 rows, received 0"),
            ((1.0, None), "received 1.0"),
            ((True, None), "received True"),
            (("half", None), "received 'half'"),
            ((8, 8), "expected two parts of 10 rows, received 8 and 8"),
            ((0.8, 0.8), "received 8 and 8"),
            ((0.999, None), "received 10 and 0"),
            ((0.01, None), "received 0 and 10"),
            ((10, None), "received 10 and 0"),
        ],
    )
    def test_refused(self, sizes, said):
        with pytest.raises(OptionError, match=said):
            utils.split_dataset(cases.ROWS, *sizes)

    def test_lengths(self):
        with pytest.raises(DataError, match=r"equally many in all, received \[3, 4\]"):
            utils.split_dataset((np.arange(3), np.arange(4)), 0.5)
        with pytest.raises(DataError, match=r"at least one row, .* received \[0\]"):
            utils.split_dataset(np.zeros((0, 3)), 0.5)


def windows(**options):
    return utils.timeseries_dataset_from_array(np.arange(8), None, **({"sequence_length": 2} | options))


class TestWindows:
    @pytest.mark.parametrize(("number", "targets"), cases.WINDOW_CASES)
    def test_equals_keras(self, number, targets):
        options, key = cases.WINDOWS[number], f"windows/{number}/{targets}"
        found = utils.timeseries_dataset_from_array(cases.SERIES, cases.TARGETS[targets], **options)
        batches = [batch if isinstance(batch, tuple) else (batch,) for batch in found]
        assert [len(x) for x, *_ in batches] == RECORDED[f"{key}/lengths"].tolist()
        for part, several in zip("xy", zip(*batches, strict=True), strict=False):
            rows = np.concatenate([np.asarray(row) if np.ndim(row) else [row] for row in several])
            np.testing.assert_array_equal(rows, RECORDED[f"{key}/{part}"])
            assert rows.dtype == RECORDED[f"{key}/{part}"].dtype
        assert len(batches[0]) == (1 if targets == "bare" else 2)

    def test_few_targets_after_the_start(self):
        """Where Keras fails."""
        ((x, y),) = utils.timeseries_dataset_from_array(np.arange(9), np.arange(5), 2, start_index=3)
        assert x.tolist() == [[3, 4], [4, 5]] and y.tolist() == [3, 4]

    def test_made_when_asked_for(self):
        data = np.arange(8)
        found = utils.timeseries_dataset_from_array(data, None, 2, batch_size=3)
        data[0] = 100
        assert found[0][0, 0] == 100 and len(found) == 3
        with pytest.raises(IndexError):
            found[3]

    def test_a_new_order_each_epoch(self):
        orders = []
        for found in (windows(shuffle=True, seed=1, batch_size=None) for _ in range(2)):
            for _ in range(2):
                orders.append([window[0] for window in found])
                found.on_epoch_end()
        assert all(sorted(order) == list(range(7)) for order in orders)
        assert orders[:2] == orders[2:] and orders[0] != orders[1] and list(range(7)) not in orders

    def test_in_order(self):
        found = windows(batch_size=None)
        found.on_epoch_end()
        assert [window[0] for window in found] == list(range(7))

    @pytest.mark.parametrize("name", ["sequence_length", "sequence_stride", "sampling_rate", "batch_size"])
    def test_numbers_refused(self, name):
        with pytest.raises(OptionError, match=rf"{name}=...\): expected a whole number of 1 or more, received 0"):
            windows(**{name: 0})

    @pytest.mark.parametrize(("begin", "end"), [(-1, None), (0, 9), (5, 5), (6, 2), (None, 0)])
    def test_steps_refused(self, begin, end):
        with pytest.raises(OptionError, match="start_index and end_index: expected steps of 0 to 8, received"):
            windows(start_index=begin, end_index=end)

    def test_too_short(self):
        with pytest.raises(DataError, match="at least 10 steps, as a window spans, and a target, received 8 steps"):
            windows(sequence_length=4, sampling_rate=3)
        with pytest.raises(DataError, match="received 4 steps and 0 targets"):
            utils.timeseries_dataset_from_array(np.arange(6), np.arange(2), 2, start_index=2)


class TestNames:
    class Thing(Component):
        pass

    def test_registered(self):
        utils.register_keras_serializable("mine", "Tool")(self.Thing)
        assert utils.get_registered_name(self.Thing) == "mine>Tool"
        assert utils.get_registered_object("mine>Tool") is utils.get_custom_objects()["mine>Tool"] is self.Thing
        utils.register_keras_serializable()(windows)
        assert utils.get_registered_object("Custom>windows") is windows
        assert utils.get_registered_name(len) == "len"

    def test_found(self):
        assert utils.get_registered_object("nothing") is None
        assert utils.get_registered_object("a", {"a": 1}, {"a": 2}) == 1
        assert utils.get_registered_object("a", None, {"a": 2}) == 2

    def test_refused(self):
        with pytest.raises(ArgumentError, match="can't register Bare: expected a class with get_config"):
            utils.register_keras_serializable()(type("Bare", (), {}))

    def test_scope(self):
        register(self.Thing, name="Known")
        with utils.CustomObjectScope({"Known": int, "Here": str}):
            register(float, name="Inside")
            assert utils.get_registered_object("Known") is int and utils.get_registered_object("Here") is str
        assert utils.get_registered_object("Known") is self.Thing and utils.get_registered_object("Here") is None
        assert utils.get_registered_object("Inside") is float, "what register was asked for stays"
        with pytest.raises(RuntimeError), utils.custom_object_scope({"Here": str}):
            raise RuntimeError
        assert utils.get_registered_object("Here") is None

    def test_clear_session(self):
        assert utils.clear_session() is None and utils.clear_session(free_memory=False) is None
