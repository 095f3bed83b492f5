"""Models in threads and in other processes: none disturbs another, and the numbers are those of one alone."""

import multiprocessing
import os
import pickle
import threading

import numpy as np
import pytest

import lamina
from lamina import Input, Sequential, layers, optimizers

rng = np.random.default_rng(0)
X = rng.normal(size=(64, 6)).astype("float32")
Y = rng.integers(0, 3, 64)


def built(seed):
    """A model whose every draw comes from seeds of its own, so that it is the same wherever it is built."""
    initializers = [lamina.initializers.GlorotUniform(seed=seed + number) for number in range(3)]
    model = Sequential(
        [
            Input((6,)),
            layers.Dense(16, activation="relu", kernel_initializer=initializers[0]),
            layers.BatchNormalization(),
            layers.Dropout(0.3, seed=seed),
            layers.Reshape((4, 4)),
            layers.GRU(5, kernel_initializer=initializers[1], recurrent_initializer=initializers[2]),
            layers.Dense(3, activation="softmax", kernel_initializer=initializers[0]),
        ]
    )
    model.compile(optimizers.Adam(0.01), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def run(seed):
    """The bits that a model ends with."""
    model = built(seed)
    history = model.fit(X, Y, batch_size=8, epochs=4, verbose=0, shuffle=False, validation_split=0.25).history
    return [weight.tobytes() for weight in model.get_weights()], history, model.predict(X, verbose=0).tobytes()


def side_by_side(jobs):
    """What jobs give in threads of their own, begun together."""
    together, found, errors = threading.Barrier(len(jobs)), [None] * len(jobs), []

    def work(number):
        try:
            together.wait()
            found[number] = jobs[number]()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(len(jobs))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    return found


class TestThreads:
    def test_models_fit_side_by_side_as_one_after_another(self):
        alone = [run(seed) for seed in range(4)]
        assert side_by_side([lambda seed=seed: run(seed) for seed in range(4)]) == alone

    def test_small_batches_beside_large_ones(self):
        """The BLAS sums in another order with other threads, and one run limits these: another must not notice."""

        def wide(batch_size, rows):
            x = np.random.default_rng(1).normal(size=(rows, 700)).astype("float32")
            kernel = lamina.initializers.GlorotUniform(seed=1)
            model = Sequential([Input((700,)), layers.Dense(600, kernel_initializer=kernel), layers.Dense(1, "tanh")])
            model.layers[1].kernel.assign(np.full((600, 1), 0.01))
            model.compile(optimizers.SGD(1e-3), "mse")
            model.fit(x, np.tanh(x[:, 0]), batch_size=batch_size, epochs=2, verbose=0, shuffle=False)
            return [weight.tobytes() for weight in model.get_weights()]

        jobs = [lambda: wide(3, 60), lambda: wide(32, 96), lambda: wide(3, 60)]
        assert side_by_side(jobs) == [job() for job in jobs]

    def test_models_built_side_by_side_have_draws_of_their_own(self):
        """The root's children are handed out one by one: no two models get the same, and the set is the seed's."""

        def first_kernel():
            return Sequential([Input((6,)), layers.Dense(4)]).get_weights()[0].tobytes()

        def many():
            return [first_kernel() for _ in range(20)]

        lamina.utils.set_random_seed(5)
        found = [kernel for kernels in side_by_side([many] * 4) for kernel in kernels]
        assert len(set(found)) == 80

    def test_predictions_of_one_model_from_a_thread_each(self):
        """A model of each thread's own, of equal weights, answers alike while others answer."""
        expected = built(1).predict(X, verbose=0)
        for found in side_by_side([lambda: built(1).predict(X, verbose=0)] * 3):
            np.testing.assert_array_equal(found, expected)


def in_a_process(seed, answers):
    answers.put(run(seed))


def trained_further(model, answers):
    answers.put(go_on(model))


def go_on(model):
    """The bits after two epochs more."""
    model.fit(X, Y, batch_size=8, epochs=2, verbose=0, shuffle=False)
    return b"".join(weight.tobytes() for weight in model.get_weights())


# the tests' own processes are forked while a test runner's thread may run beside
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
class TestProcesses:
    @pytest.mark.parametrize("method", ["fork", "spawn"])
    def test_a_model_half_trained_and_sent_goes_on_as_its_twin(self, method):
        """Pickled with its optimizer, its moving means and the states of its draws."""
        model = built(2)
        go_on(model)
        context = multiprocessing.get_context(method)
        answers = context.Queue()
        process = context.Process(target=trained_further, args=(pickle.loads(pickle.dumps(model)), answers))
        process.start()
        found = answers.get(timeout=60)
        process.join(60)
        assert found == go_on(model)

    @pytest.mark.parametrize("method", ["fork", "spawn"])
    def test_a_model_in_another_process_gives_the_same_bits(self, method):
        context = multiprocessing.get_context(method)
        answers = context.Queue()
        process = context.Process(target=in_a_process, args=(3, answers))
        process.start()
        found = answers.get(timeout=60)
        process.join(60)
        assert found == run(3) and process.exitcode == 0

    def test_a_forked_model_goes_on_as_its_twin(self):
        """A model half trained, forked: both go on from the same point, to the same bits, and leave each other alone."""
        model = built(2)
        go_on(model)
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                with os.fdopen(writer, "wb") as pipe:
                    pipe.write(go_on(model))
            finally:
                os._exit(0)
        os.close(writer)
        with os.fdopen(reader, "rb") as pipe:
            found = pipe.read()
        os.waitpid(child, 0)
        assert found == go_on(model)
