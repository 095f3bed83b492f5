"""Optimizers: what stands around the rules. Layout in memory, state, configuration, learning rate, refusals."""

import ast
import copy
import pickle
import threading

import numpy as np
import pytest
from cases_optimizers import CASES, RULES, VARIABLES, constrain, draw, make

import lamina
from lamina import Variable, optimizers
from lamina.errors import ArgumentError, ConfigError, OptionError, ShapeError, StateError
from lamina.ops.room import in_huge_pages
from lamina.optimizers import SGD, Adam, AdamW, Optimizer, Slot, schedules
from lamina.optimizers.layout import BLOCK
from lamina.utils.component import parameters

COMMON = (
    "clipnorm=None, clipvalue=None, global_clipnorm=None, use_ema=False, ema_momentum=0.99,"
    " ema_overwrite_frequency=None, loss_scale_factor=None, gradient_accumulation_steps=None, name=None"
)
SURFACE = {  # Keras 3.15's, as inspect.signature gives them
    "Adadelta": "learning_rate=0.001, rho=0.95, epsilon=1e-07, weight_decay=None",
    "Adafactor": "learning_rate=0.001, beta_2_decay=-0.8, epsilon_1=1e-30, epsilon_2=0.001, clip_threshold=1.0, relative_step=True, weight_decay=None",
    "Adagrad": "learning_rate=0.001, initial_accumulator_value=0.1, epsilon=1e-07, weight_decay=None",
    "Adam": "learning_rate=0.001, beta_1=0.9, beta_2=0.999, epsilon=1e-07, amsgrad=False, weight_decay=None",
    "AdamW": "learning_rate=0.001, weight_decay=0.004, beta_1=0.9, beta_2=0.999, epsilon=1e-07, amsgrad=False",
    "Adamax": "learning_rate=0.001, beta_1=0.9, beta_2=0.999, epsilon=1e-07, weight_decay=None",
    "Ftrl": "learning_rate=0.001, learning_rate_power=-0.5, initial_accumulator_value=0.1, l1_regularization_strength=0.0, l2_regularization_strength=0.0, l2_shrinkage_regularization_strength=0.0, beta=0.0, weight_decay=None",
    "Lamb": "learning_rate=0.001, beta_1=0.9, beta_2=0.999, epsilon=1e-07, weight_decay=None",
    "Lion": "learning_rate=0.001, beta_1=0.9, beta_2=0.99, weight_decay=None",
    "Muon": "learning_rate=0.001, adam_beta_1=0.9, adam_beta_2=0.999, adam_weight_decay=0.004, epsilon=1e-07, weight_decay=0.004, exclude_layers=None, exclude_embeddings=True, muon_a=3.4445, muon_b=-4.775, muon_c=2.0315, adam_lr_ratio=1, momentum=0.95, ns_steps=5, nesterov=True, rms_rate=0.2",
    "Nadam": "learning_rate=0.001, beta_1=0.9, beta_2=0.999, epsilon=1e-07, weight_decay=None",
    "RMSprop": "learning_rate=0.001, rho=0.9, momentum=0.0, epsilon=1e-07, centered=False, weight_decay=None",
    "SGD": "learning_rate=0.01, momentum=0.0, nesterov=False, weight_decay=None",
}


@pytest.mark.parametrize("rule", RULES)
def test_arguments_are_keras_s(rule):
    call = ast.parse(f"f({SURFACE[rule]}, {COMMON})", mode="eval").body
    expected = {keyword.arg: ast.literal_eval(keyword.value) for keyword in call.keywords}
    found = {name: parameter.default for name, parameter in parameters(getattr(optimizers, rule)).items()}
    assert found == expected
    own = SURFACE[rule].removesuffix(", weight_decay=None").count("=")
    assert list(found)[:own] == list(expected)[:own]  # the order of those given by position


def variables(*shapes, dtype="float32", seed=0):
    rng = np.random.default_rng(seed)
    return [Variable(rng.normal(size=shape), dtype=dtype, name=f"w{i}") for i, shape in enumerate(shapes)]


def gradients_for(weights, seed):
    rng = np.random.default_rng(seed)
    return [rng.normal(size=weight.shape).astype(weight.dtype) for weight in weights]


def train(optimizer, weights, steps, seed=0):
    for step in range(steps):
        optimizer.apply(gradients_for(weights, (seed, step)), weights)


def values(weights):
    return [weight.numpy() for weight in weights]


def same(these, those):
    assert len(these) == len(those)
    for this, that in zip(these, those, strict=True):
        assert np.asarray(this).dtype == np.asarray(that).dtype
        np.testing.assert_array_equal(this, that)


# -- the layout


def test_variables_of_one_type_lie_end_to_end():
    weights = variables((3, 4), (4,), ())
    kept = values(weights)
    optimizer = Adam()
    optimizer.build(weights)
    same(values(weights), kept)
    homes = {id(weight.value.base) for weight in weights}
    assert len(homes) == 1
    assert weights[0].value.base.shape == (17,)
    assert {id(weight.grad.base) for weight in weights} == {id(weights[0].grad.base)}


def test_variables_in_memory_of_another_kind_are_not_laid_out_again():
    weights = variables((300, 300), (4,))
    optimizer = Adam()
    optimizer.move(weights, in_huge_pages)
    layout = optimizer._layout
    for _ in range(2):
        for weight in weights:
            weight.grad += 1.0
        optimizer.step(weights)
    assert optimizer._layout is layout
    copied = copy.deepcopy(weights)
    optimizer.step(copied)
    assert optimizer._layout is not layout


def test_what_left_the_model_is_forgotten():
    w, b = variables((2,), (3,))
    optimizer = Adam()
    optimizer.build([w, b])
    optimizer.keep([b])
    assert optimizer.met == [b]
    assert {key: value.shape for key, value in optimizer.get_state().items() if "/" in key} == {
        "momentum/0": (3,),
        "velocity/0": (3,),
    }


def test_one_name_is_one_word_that_excludes_from_decay():
    optimizer, (w,) = AdamW(), variables((2,))
    optimizer.exclude_from_weight_decay(var_names="bias")
    w.path = "output/kernel"
    assert not optimizer.is_undecayed(w)
    w.path = "output/bias"
    assert optimizer.is_undecayed(w)


def test_gradients_gathered_before_the_layout_are_kept():
    w, b = variables((2,), (3,))
    w.grad += 1.0
    before = values([w, b])
    SGD(0.5).step([w, b])
    same(values([w, b]), [before[0] - np.float32(0.5), before[1]])


def test_gradients_begin_anew_after_a_step():
    (w,) = variables((2,))
    optimizer = SGD(1.0)
    before = w.numpy()
    w.grad += 1.0
    optimizer.step([w])
    np.testing.assert_allclose(w.value, before - 1)
    w.grad += 2.0
    optimizer.step([w])
    np.testing.assert_allclose(w.value, before - 3)
    optimizer.step([w])  # nothing gathered
    np.testing.assert_allclose(w.value, before - 3)


@pytest.mark.parametrize("rule", RULES)
def test_types_stay(rule):
    single, double = Variable(np.ones((3, 2), "float32")), Variable(np.ones((3, 2), "float64"))
    optimizer = getattr(optimizers, rule)(0.1, clipnorm=5.0, use_ema=True)
    for _ in range(3):
        optimizer.apply([np.ones((3, 2), "float64"), np.ones((3, 2), "float32")], [single, double])
    assert (single.dtype, double.dtype) == ("float32", "float64")
    np.testing.assert_allclose(single.value, double.value, rtol=1e-5)
    slots = [variable for variable in optimizer.variables if variable.shape == (3, 2)]
    assert {slot.dtype for slot in slots} == {"float32", "float64"}


@pytest.mark.parametrize("rule", [rule for rule in RULES if getattr(optimizers, rule).elementwise])
def test_blocks_give_what_whole_variables_give(rule):
    class Whole(getattr(optimizers, rule)):
        elementwise = False

    shapes = [(7,), (300, BLOCK // 4 // 100), (11, 2)]  # more than three blocks, edges within variables
    blocks, wholes = variables(*shapes), variables(*shapes)
    train(getattr(optimizers, rule)(0.1, weight_decay=0.1), blocks, 3)
    train(Whole(0.1, weight_decay=0.1), wholes, 3)
    same(values(blocks), values(wholes))


def test_threads_may_share_the_pieces():
    # a later training loop may let two threads update halves, each with a room of its own
    class Halved(Adam):
        def _sweep(self, pieces, room, factors, decay):
            half, sweep = len(pieces) // 2, super()._sweep
            work = [(pieces[:half], room), (pieces[half:], np.empty_like(room))]
            threads = [threading.Thread(target=sweep, args=(part, own, factors, decay)) for part, own in work]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()

    one, two = variables((400, 500)), variables((400, 500))
    train(Adam(0.1), one, 3)
    train(Halved(0.1), two, 3)
    same(values(one), values(two))


@pytest.mark.parametrize("rule", ["Adam", "Lamb", "Adafactor"])
def test_a_frozen_variable_keeps_its_slots(rule):
    optimizer = getattr(optimizers, rule)(0.1)
    a, b = variables((2, 3), (4,))
    train(optimizer, [a, b], 2)
    frozen, slots = b.numpy(), optimizer.slot(b, "velocity").copy()
    train(optimizer, [a], 3, seed=1)
    same([b.value, optimizer.slot(b, "velocity")], [frozen, slots])
    assert len(optimizer.get_state()) == len(optimizer.variables)
    train(optimizer, [b, a], 1, seed=2)  # in another order, too

    again_a, again_b = variables((2, 3), (4,))
    other = getattr(optimizers, rule)(0.1)
    train(other, [again_a, again_b], 2)
    saved = other.get_state()
    train(other, [again_a], 3, seed=1)
    kept = {key: value for key, value in other.get_state().items() if key.endswith("/1")}
    for key, value in kept.items():
        np.testing.assert_array_equal(value, saved[key], err_msg=key)
    train(other, [again_b, again_a], 1, seed=2)
    same(values([a, b]), values([again_a, again_b]))
    assert int(optimizer.iterations) == 6


def test_a_variable_that_joins_later_begins_with_fresh_slots():
    optimizer = SGD(0.1, momentum=0.9, use_ema=True, ema_momentum=0.5)
    a, b = variables((2,), (3,))
    train(optimizer, [a], 2)
    start = b.numpy()
    train(optimizer, [a, b], 1)
    np.testing.assert_allclose(optimizer.slot(b, "average"), (start + b.value) / 2, rtol=1e-6)
    np.testing.assert_allclose(optimizer.slot(b, "momentum"), b.value - start, rtol=1e-5)


def test_two_optimizers_share_a_variable():
    shared, alone = variables((3, 2), (4,))
    first, second = Adam(0.1), SGD(0.1, momentum=0.9)
    for step in range(4):
        train(first, [shared, alone], 1, seed=step)
        train(second, [shared], 1, seed=step)

    x, y = variables((3, 2), (4,))
    m, v, p = (np.zeros_like(x.value) for _ in range(3))
    plain, alone_by_itself = x.numpy(), Adam(0.1)
    for step in range(4):
        g, g_alone = gradients_for([x, y], (step, 0))
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
        t = step + 1
        plain = plain - 0.1 * np.sqrt(1 - 0.999**t) / (1 - 0.9**t) * m / (np.sqrt(v) + 1e-7)
        alone_by_itself.apply([g_alone], [y])
        p = 0.9 * p - 0.1 * gradients_for([x], (step, 0))[0]
        plain = plain + p
    np.testing.assert_allclose(shared.value, plain, rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(alone.value, y.value)


def test_values_that_are_assigned_are_trained_on():
    (w,) = variables((3,))
    optimizer = SGD(1.0)
    train(optimizer, [w], 1)
    w.assign([1.0, 2.0, 3.0])
    optimizer.apply([np.ones(3)], [w])
    np.testing.assert_array_equal(w.value, [0, 1, 2])


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda pair: pickle.loads(pickle.dumps(pair))])
def test_a_copy_trains_on_apart_from_the_original(copied):
    optimizer, weights = Adam(0.1), variables((2, 3), (4,))
    train(optimizer, weights, 2)
    twin, twin_weights = copied((optimizer, weights))
    kept = values(weights)
    train(twin, twin_weights, 3, seed=5)
    same(values(weights), kept)
    train(optimizer, weights, 3, seed=5)
    same(values(weights), values(twin_weights))


def test_no_variable_twice():
    (w,) = variables((2,))
    with pytest.raises(ArgumentError, match="an optimizer's variables: expected each variable once, received w0, w0"):
        SGD().step([w, w])


def test_an_empty_variable_and_no_variables():
    w, none = variables((2,), (0, 3))
    train(Adam(), [none, w], 2)
    assert np.isfinite(w.value).all()
    optimizer = SGD()
    optimizer.step([])
    assert int(optimizer.iterations) == 1


# -- around the rule


def test_constraints_come_last():
    w = Variable(np.array([0.2, 1.0]), constraint=lamina.constraints.NonNeg())
    SGD(1.0).apply([[1.0, 0.5]], [w])
    np.testing.assert_array_equal(w.value, [0, 0.5])
    w.constraint = lambda x: np.minimum(x, 0.25)  # set later
    SGD(1.0).apply([[0.0, 0.0]], [w])
    np.testing.assert_array_equal(w.value, [0, 0.25])


def test_decay_leaves_out_the_excluded():
    kernel, bias, other = (Variable(np.ones(2), name=name) for name in ("kernel", "bias", "gamma"))
    bias.path = "dense/bias"
    optimizer = SGD(0.5, weight_decay=0.1)
    optimizer.exclude_from_weight_decay(var_list=[kernel])
    zeros = [np.zeros(2)] * 3
    optimizer.apply(zeros, [kernel, bias, other])
    np.testing.assert_allclose([w.value[0] for w in (kernel, bias, other)], [1, 0.95, 0.95])
    optimizer.exclude_from_weight_decay(var_names=["dense/"])  # after a step as well
    optimizer.apply(zeros, [kernel, bias, other])
    np.testing.assert_allclose([w.value[0] for w in (kernel, bias, other)], [1, 0.95, 0.9025])


def test_decay_is_not_rounded_away():
    # 1 - lr·decay, rounded to float32, would be off by 5 %
    w = Variable(np.full(1, 1.0, "float32"))
    optimizer = SGD(1e-3, weight_decay=2e-4 * 2)
    for _ in range(5):
        w.assign([1.0])
        optimizer.apply([[0.0]], [w])
    lost = np.float32(1.0) - w.value[0]
    assert lost == pytest.approx(4e-7, rel=0.2)
    large = Variable(np.linspace(0.5, 1, 4000, dtype="float32"))
    before = large.numpy().astype("float64")
    optimizer.apply([np.zeros(4000)], [large])
    assert np.sum(before - large.value) == pytest.approx(4e-7 * np.sum(before), rel=0.02)


def test_averages_are_written_in_the_end():
    (w,) = variables((3,))
    optimizer = SGD(0.1, use_ema=True, ema_momentum=0.5)
    optimizer.build([w])
    optimizer.finalize_variable_values([w])  # nothing has happened yet
    average = None
    for step in range(4):
        train(optimizer, [w], 1, seed=step)
        average = w.numpy() if average is None else (average + w.value) / 2
    optimizer.finalize_variable_values([w])
    np.testing.assert_allclose(w.value, average, rtol=1e-6)
    plain = SGD(0.1)
    train(plain, [w], 1)
    kept = w.numpy()
    plain.finalize_variable_values([w])
    same([w.value], [kept])


def test_gradient_norm():
    w, b = variables((2, 2), (2,))
    optimizer = SGD()
    assert optimizer.gradient_norm([w, b]) == 0
    w.grad += 2.0
    b.grad += 3.0
    assert optimizer.gradient_norm() == pytest.approx(np.sqrt(4 * 4 + 2 * 9))
    assert optimizer.gradient_norm([w]) == pytest.approx(4)
    w.grad[0, 0] = np.nan
    assert np.isnan(optimizer.gradient_norm())
    optimizer.apply([np.full((2, 2), 3e30), np.zeros(2)], [w, b])
    assert optimizer.gradient_norm() == 0
    w.grad += 3e30  # whose square is no float32
    assert optimizer.gradient_norm() == pytest.approx(6e30)


@pytest.mark.parametrize("clip", ["clipnorm", "global_clipnorm"])
def test_clipping_shows_what_is_not_finite(clip):
    for bad in (np.nan, np.inf):
        w = Variable(np.ones(3, "float32"))
        SGD(0.1, **{clip: 1.0}).apply([[bad, 1.0, 0.0]], [w])
        assert np.isnan(w.value).all()
    large = Variable(np.zeros(2, "float32"))
    SGD(1.0, **{clip: 5.0}).apply([[3e30, 4e30]], [large])
    np.testing.assert_allclose(large.value, [-3, -4], rtol=1e-6)


# -- a rule of the user's own


def test_a_rule_of_one_s_own():
    class Polyak(Optimizer):
        """w ← w - lr·mean of g, where the mean is over all gradients so far; looks at whole variables."""

        def slots(self):
            return [
                Slot("total", "total"),
                Slot("norms", "norms", start=1.0, shape=lambda shape: shape[:1], beside=True),
            ]

        def factors(self, rate, t):
            return rate / t

        def update_step(self, g, w, rate, room, total, norms):
            total += g
            norms += np.abs(g).sum(axis=-1)
            w -= np.multiply(total, rate, out=room)

    w = Variable(np.zeros((2, 3)), name="kernel")
    optimizer = Polyak(0.5)
    optimizer.apply([np.ones((2, 3))], [w])
    optimizer.apply([np.full((2, 3), 3.0)], [w])
    np.testing.assert_allclose(w.value, -0.5 - 1.0)
    np.testing.assert_allclose(optimizer.slot(w, "norms"), [13, 13])
    assert [variable.path for variable in optimizer.variables] == [
        "iteration", "learning_rate", "polyak/kernel_total", "polyak/kernel_norms",
    ]  # fmt: skip


def test_an_elementwise_rule_has_slots_of_the_variable_s_shape():
    class Wrong(Optimizer):
        elementwise = True

        def slots(self):
            return [Slot("s", "sums", shape=lambda shape: shape[:1])]

    with pytest.raises(StateError, match="slot of another shape.*\nLikely mend: let `elementwise` be False"):
        Wrong().build(variables((2, 3)))


def test_without_a_rule():
    with pytest.raises(StateError, match=r"Optimizer has no update_step.\n.*writes update_step\(g, w, rate, room\)"):
        Optimizer(0.1).step(variables((2,)))


def test_variables_of_its_own_are_saved():
    optimizer = SGD()
    extra = optimizer.add_variable((2,), "ones", name="extra")
    assert extra.path == "sgd/extra" and extra.dtype == "float32"
    assert optimizer.add_variable().name == "variable_1"
    assert set(optimizer.get_state()) == {"iterations", "learning_rate", "extra", "variable_1"}
    with pytest.raises(OptionError, match="sgd: add_variable: expected a name that is new, received 'extra'"):
        optimizer.add_variable(name="extra")


# -- state

STATEFUL = [name for name in CASES if not name.endswith(("default", "clipnorm", "clipvalue", "weight decay"))]


@pytest.mark.parametrize("name", STATEFUL)
def test_a_run_goes_on_bit_for_bit_from_a_saved_state(name):
    def begin(start):
        weights = [Variable(value, name=key) for key, value in zip(VARIABLES, start, strict=True)]
        constrain(lamina.constraints, CASES[name], weights)
        return make(optimizers, CASES[name]), weights

    start, steps = draw(name)
    optimizer, weights = begin(start)
    for step in steps[:3]:
        optimizer.apply(step, weights)
    state, kept = optimizer.get_state(), values(weights)
    assert all(isinstance(value, np.ndarray) for value in state.values())
    for step in steps[3:]:
        optimizer.apply(step, weights)

    resumed, again = begin(kept)
    resumed.build(again)
    resumed.set_state(state)
    for step in steps[3:]:
        resumed.apply(step, again)
    same(values(again), values(weights))
    same(list(resumed.get_state().values()), list(optimizer.get_state().values()))


def test_state_is_a_copy():
    optimizer, weights = Adam(), variables((2,))
    train(optimizer, weights, 1)
    state = optimizer.get_state()
    kept = {key: value.copy() for key, value in state.items()}
    train(optimizer, weights, 1)
    same(list(state.values()), list(kept.values()))


def test_state_that_does_not_fit():
    optimizer, weights = Adam(), variables((2,))
    train(optimizer, weights, 1)
    state = optimizer.get_state()
    with pytest.raises(
        StateError, match=r"adam: set_state: expected iterations, learning_rate, received .*momentum/0.*\n.*call build"
    ):
        Adam().set_state(state)
    with pytest.raises(StateError, match="sgd: set_state"):
        SGD().set_state(state)
    with pytest.raises(ShapeError, match=r"adam: 'w0_velocity': expected \(2,\), received \(3,\)"):
        optimizer.set_state(state | {"momentum/0": np.ones(2), "velocity/0": np.ones(3)})
    same([optimizer.slot(weights[0], "momentum")], [state["momentum/0"]])  # nothing was set


def test_set_weights():
    optimizer, weights = Adam(), variables((2,))
    train(optimizer, weights, 1)
    kept = [variable.numpy() for variable in optimizer.variables]
    train(optimizer, weights, 1)
    optimizer.set_weights(kept)
    same([variable.value for variable in optimizer.variables], kept)
    with pytest.raises(ShapeError, match="adam: set_weights: expected 4 arrays, received 2"):
        optimizer.set_weights(kept[:2])


def test_variables_are_the_state_itself():
    optimizer, weights = SGD(0.0, momentum=0.5), variables((2,))
    train(optimizer, weights, 1)
    momentum = optimizer.variables[-1]
    assert momentum.path == "sgd/w0_momentum"
    momentum.assign([1.0, 2.0])
    before = weights[0].numpy()
    optimizer.apply([np.zeros(2)], weights)
    np.testing.assert_allclose(weights[0].value, before + np.array([0.5, 1.0]))


def test_a_slot_that_is_not_there():
    optimizer, weights = Adam(), variables((2,))
    train(optimizer, weights, 1)
    with pytest.raises(
        OptionError, match="adam has no slot 'momentums' of 'w0'.\nLikely mend: did you mean 'momentum'?"
    ):
        optimizer.slot(weights[0], "momentums")


# -- configuration


@pytest.mark.parametrize("name", CASES)
def test_config_makes_an_equal_one(name):
    if len(CASES[name]) > 2:
        assert CASES[name][2]  # what the extras say stands in no config
    optimizer = make(optimizers, CASES[name][:2])
    config = optimizers.serialize(optimizer)
    again = optimizers.deserialize(config)
    assert type(again) is type(optimizer) and optimizers.serialize(again) == config
    start, steps = draw(name)
    trained = []
    for each in (optimizer, again):
        weights = [Variable(value, name=key) for key, value in zip(VARIABLES, start, strict=True)]
        for step in steps[:3]:
            each.apply(step, weights)
        trained.append(values(weights))
    same(*trained)


def test_config_is_keras_s():
    config = Adam(schedules.CosineDecay(0.1, 10), clipnorm=1.0, name="mine").get_config()
    assert config == {
        "name": "mine", "weight_decay": None, "clipnorm": 1.0, "global_clipnorm": None, "clipvalue": None,
        "use_ema": False, "ema_momentum": 0.99, "ema_overwrite_frequency": None, "gradient_accumulation_steps": None,
        "beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-7, "amsgrad": False,
        "learning_rate": {
            "class_name": "CosineDecay",
            "config": {
                "initial_learning_rate": 0.1, "decay_steps": 10.0, "alpha": 0.0, "name": "CosineDecay",
                "warmup_target": None, "warmup_steps": 0.0,
            },
        },
    }  # fmt: skip
    assert SGD(0.25).get_config()["learning_rate"] == 0.25
    assert [getattr(optimizers, rule)().name for rule in ("Adam", "AdamW", "RMSprop", "SGD")] == [
        "adam", "adam_w", "rm_sprop", "sgd",
    ]  # fmt: skip


@pytest.mark.parametrize("rule", RULES)
def test_get(rule):
    cls = getattr(optimizers, rule)
    made = cls()
    assert optimizers.get(made) is made
    for identifier in (rule, rule.lower(), cls, {"class_name": rule, "config": {"learning_rate": 0.5}}):
        assert type(optimizers.get(identifier)) is cls
    assert float(optimizers.get({"class_name": rule, "config": {"learning_rate": 0.5}}).learning_rate) == 0.5


# -- the learning rate


def test_the_learning_rate_reads_and_sets():
    optimizer = SGD(0.1)
    assert float(optimizer.learning_rate) == 0.1
    assert optimizer.learning_rate.numpy() == 0.1
    optimizer.learning_rate = 0.2
    assert float(optimizer.learning_rate) == 0.2
    optimizer.learning_rate.assign(0.3)
    optimizer.learning_rate = optimizer.learning_rate * 2
    assert float(optimizer.learning_rate) == 0.6
    optimizer.learning_rate = Variable(0.5)
    (w,) = variables((2,))
    before = w.numpy()
    optimizer.apply([np.ones(2)], [w])
    np.testing.assert_allclose(w.value, before - 0.5)
    assert optimizer.get_config()["learning_rate"] == 0.5
    assert SGD(1).get_config()["learning_rate"] == 1.0


def test_a_schedule_as_the_learning_rate():
    optimizer = SGD(schedules.PiecewiseConstantDecay([1], [1.0, 0.5]))
    assert [variable.name for variable in optimizer.variables] == ["iteration"]
    (w,) = variables((2,))
    train(optimizer, [w], 2)
    assert optimizer.learning_rate == 0.5
    with pytest.raises(
        ArgumentError,
        match="sgd: the learning rate follows a schedule: expected another schedule, received 0.1.\n.*make the optimizer with a number",
    ):
        optimizer.learning_rate = 0.1
    optimizer.learning_rate = schedules.ExponentialDecay(1.0, 1, 0.5)
    assert optimizer.learning_rate == 0.25
    later = SGD(0.1)
    later.learning_rate = schedules.ExponentialDecay(0.5, 1, 0.5)
    assert later.learning_rate == 0.5
    given = SGD(
        {
            "class_name": "ExponentialDecay",
            "config": {"initial_learning_rate": 2.0, "decay_steps": 1, "decay_rate": 0.5},
        }
    )
    assert given.learning_rate == 2.0


def test_iterations_count_updates():
    optimizer = SGD(0.1, gradient_accumulation_steps=2)
    weights = variables((2,))
    counts = []
    for _ in range(5):
        assert (
            optimizer.apply_gradients(list(zip(gradients_for(weights, 0), weights, strict=True)))
            is optimizer.iterations
        )
        counts.append(int(optimizer.iterations))
    assert counts == [0, 1, 1, 2, 2]
    assert optimizer.iterations.dtype == "int64" and float(optimizer.iterations) == 2.0
    adam = Adam(1.0)
    adam.iterations.assign(1000)  # later updates are hardly corrected for their start
    before = weights[0].numpy()
    adam.apply([np.ones(2)], weights)
    expected = np.sqrt(1 - 0.999**1001) / (1 - 0.9**1001) * 0.1 / (np.sqrt(0.001) + 1e-7)
    np.testing.assert_allclose(before - weights[0].value, expected, rtol=1e-5)


# -- refusals

W = Variable(np.ones((2, 3)), name="kernel")
REFUSED = {
    "a word as learning rate": (lambda: Adam("auto"), r"Adam\(learning_rate=...\): expected a number from 0, a LearningRateSchedule, or a function that gives a number, received 'auto'"),
    "a negative learning rate": (lambda: Adam(-0.1), r"learning_rate=...\): expected a number from 0, a LearningRateSchedule, or a function that gives a number, received -0.1"),
    "a NaN as learning rate": (lambda: Adam(float("nan")), "received nan"),
    "a function of the step as learning rate": (lambda: Adam(lambda step: 0.1), "a function without arguments, received <function"),
    "None as learning rate": (lambda: SGD(None), "or a function that gives a number, received None"),
    "an unknown schedule": (lambda: SGD({"class_name": "CosineDecai", "config": {}}), "unknown schedule 'CosineDecai'.\nLikely mend: did you mean 'CosineDecay'?"),
    "two kinds of clipping": (lambda: Adam(clipnorm=1.0, clipvalue=0.5), "Adam: clipping: expected one of clipnorm, clipvalue, global_clipnorm, received clipnorm and clipvalue"),
    "a clipnorm of 0": (lambda: Adam(clipnorm=0), r"Adam\(clipnorm=...\): expected a number above 0, received 0"),
    "a negative clipvalue": (lambda: Adam(clipvalue=-1.0), r"Adam\(clipvalue=...\): expected a number above 0, received -1.0"),
    "a word as global_clipnorm": (lambda: Adam(global_clipnorm="1"), r"global_clipnorm=...\): expected a number above 0, received '1'"),
    "a negative decay": (lambda: SGD(weight_decay=-0.1), r"SGD\(weight_decay=...\): expected a number from 0, received -0.1"),
    "AdamW without decay": (lambda: AdamW(weight_decay=None), r"AdamW\(weight_decay=...\): expected a number from 0, received None"),
    "an average of words": (lambda: SGD(use_ema="yes"), r"use_ema=...\): expected True or False, received 'yes'"),
    "ema_momentum above 1": (lambda: SGD(use_ema=True, ema_momentum=1.5), r"ema_momentum=...\): expected a number from 0 to 1, received 1.5"),
    "an overwriting without average": (lambda: SGD(ema_overwrite_frequency=3), "SGD: ema_overwrite_frequency without an average.\nLikely mend: add use_ema=True"),
    "an overwriting at fractions": (lambda: SGD(use_ema=True, ema_overwrite_frequency=1.5), r"ema_overwrite_frequency=...\): expected a whole number of 1 or more, received 1.5"),
    "an overwriting at 0": (lambda: SGD(use_ema=True, ema_overwrite_frequency=0), r"ema_overwrite_frequency=...\): expected a whole number of 1 or more, received 0"),
    "one step to gather": (lambda: SGD(gradient_accumulation_steps=1), r"gradient_accumulation_steps=...\): expected a whole number of 2 or more, received 1"),
    "a number as name": (lambda: SGD(name=3), r"SGD\(name=...\): expected a string, received 3"),
    "an unknown argument": (lambda: SGD(learning_rat=0.1), "SGD has no argument 'learning_rat'.\nLikely mend: did you mean 'learning_rate'?"),
    "Keras 2's lr": (lambda: Adam(decay=0.1), "Adam has no argument 'decay'"),
    "momentum above 1": (lambda: SGD(momentum=1.5), r"SGD\(momentum=...\): expected a number from 0 to 1, received 1.5"),
    "nesterov as a number": (lambda: SGD(nesterov=2), r"nesterov=...\): expected True or False, received 2"),
    "amsgrad as a word": (lambda: Adam(amsgrad="no"), r"amsgrad=...\): expected True or False, received 'no'"),
    "centered as None": (lambda: optimizers.RMSprop(centered=None), r"centered=...\): expected True or False, received None"),
    "rho of 1": (lambda: optimizers.RMSprop(rho=1), r"RMSprop\(rho=...\): expected a number from 0 to below 1, received 1"),
    "rho below 0": (lambda: optimizers.Adadelta(rho=-0.1), r"Adadelta\(rho=...\): expected a number from 0 to below 1, received -0.1"),
    "beta_1 of 1": (lambda: Adam(beta_1=1.0), r"Adam\(beta_1=...\): expected a number from 0 to below 1, received 1.0"),
    "beta_2 of 1": (lambda: optimizers.Nadam(beta_2=1.0), r"Nadam\(beta_2=...\)"),
    "epsilon of 0": (lambda: optimizers.Adamax(epsilon=0), r"Adamax\(epsilon=...\): expected a number above 0, received 0"),
    "epsilon of None": (lambda: optimizers.Lamb(epsilon=None), r"Lamb\(epsilon=...\): expected a number above 0, received None"),
    "Lion's beta_1 of 0": (lambda: optimizers.Lion(beta_1=0.0), r"Lion\(beta_1=...\): expected a number above 0, received 0.0"),
    "Lion's beta_1 of 1": (lambda: optimizers.Lion(beta_1=1.0), r"Lion\(beta_1=...\): expected a number from 0 to below 1, received 1.0"),
    "a negative start": (lambda: optimizers.Adagrad(initial_accumulator_value=-1), r"initial_accumulator_value=...\): expected a number from 0, received -1"),
    "a positive power": (lambda: optimizers.Ftrl(learning_rate_power=0.5), r"learning_rate_power=...\): expected a number to 0, received 0.5"),
    "a negative l1": (lambda: optimizers.Ftrl(l1_regularization_strength=-1), r"l1_regularization_strength=...\): expected a number from 0"),
    "a negative l2": (lambda: optimizers.Ftrl(l2_regularization_strength=-1), r"l2_regularization_strength=...\): expected a number from 0"),
    "a negative shrinkage": (lambda: optimizers.Ftrl(l2_shrinkage_regularization_strength=-1), r"l2_shrinkage_regularization_strength=...\)"),
    "a negative beta": (lambda: optimizers.Ftrl(beta=-1), r"Ftrl\(beta=...\): expected a number from 0"),
    "a positive beta_2_decay": (lambda: optimizers.Adafactor(beta_2_decay=0.8), r"beta_2_decay=...\): expected a number to 0, received 0.8"),
    "a clip_threshold of 0": (lambda: optimizers.Adafactor(clip_threshold=0), r"clip_threshold=...\): expected a number above 0"),
    "an unknown name": (lambda: optimizers.get("adma"), "unknown optimizer 'adma'.\nLikely mend: did you mean 'adam'?"),
    "no name": (lambda: optimizers.get(None), "can't read this as an optimizer: expected a name, an Optimizer or a config, received None"),
    "a function": (lambda: optimizers.get(len), "can't read this as an optimizer"),
    "a number": (lambda: optimizers.get(3), "can't read this as an optimizer"),
    "no config": (lambda: optimizers.get({"learning_rate": 0.1}), "not the config of an optimizer"),
    "too few gradients": (lambda: SGD().apply([], [W]), "sgd: apply: expected 1 gradients, received 0"),
    "no gradient": (lambda: SGD().apply([None], [W]), "sgd: apply: expected a gradient for some variable, received none"),
    "no pairs": (lambda: SGD().apply_gradients([]), "expected a gradient for some variable"),
    "no variables": (lambda: SGD().apply([1.0]), r"sgd: apply without variables.\nLikely mend: pass them, or call build\(variables\) first"),
    "a gradient that would broadcast": (lambda: SGD().apply([np.ones(3)], [W]), r"sgd: gradient of 'kernel': expected \(2, 3\), received \(3,\)"),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
def test_refused(what):
    call, message = REFUSED[what]
    with pytest.raises((OptionError, ArgumentError, ConfigError, ShapeError, StateError), match=message):
        call()


def test_a_gradient_of_none_leaves_its_variable_out():
    a, b = variables((2,), (2,))
    optimizer = SGD(1.0, momentum=0.9)
    train(optimizer, [a, b], 1)
    kept = b.numpy()
    with pytest.warns(UserWarning, match="sgd: no gradient, and so no update, for w1"):
        optimizer.apply([np.ones(2), None], [a, b])
    same([b.value], [kept])


def test_a_gradient_that_does_not_fit_changes_nothing():
    a, b = variables((2,), (2,))
    kept = values([a, b])
    with pytest.raises(ShapeError):
        SGD(1.0).apply([np.ones(2), np.ones(3)], [a, b])
    same(values([a, b]), kept)
    assert (a.grad == 0).all()


def test_the_gradients_of_the_last_variables():
    a, b = variables((2,), (3,))
    optimizer = SGD(1.0)
    optimizer.build([a, b])
    before = values([a, b])
    optimizer.apply([np.ones(2), np.ones(3)])
    for variable, value in zip((a, b), before, strict=True):
        np.testing.assert_allclose(variable.value, value - 1)


def test_muon_leaves_embeddings_and_what_is_named_to_adam():
    model = lamina.Sequential(
        [lamina.Input((3,)), lamina.layers.Embedding(5, 4), lamina.layers.Flatten(), lamina.layers.Dense(6),
         lamina.layers.Dense(2, name="last")]
    )  # fmt: skip
    muon = optimizers.Muon(exclude_layers=["last"])
    by_adam = [variable.path.removeprefix("sequential/") for variable in model.weights if muon.moves_by_adam(variable)]
    assert by_adam == ["embedding/embeddings", "dense/bias", "last/kernel", "last/bias"]
    everything = optimizers.Muon(exclude_embeddings=False)
    assert not everything.moves_by_adam(model.weights[0])


def test_muon_trains_saves_and_goes_on(tmp_path):
    rng = np.random.default_rng(0)
    x, y = rng.integers(0, 20, (64, 4)), rng.normal(size=(64, 1)).astype("float32")
    model = lamina.Sequential(
        [lamina.Input((4,)), lamina.layers.Embedding(20, 8), lamina.layers.Flatten(), lamina.layers.Dense(1)]
    )
    model.compile(optimizers.Muon(0.02, exclude_layers=["dense"]), "mse")
    losses = model.fit(x, y, epochs=5, shuffle=False, verbose=0).history["loss"]
    assert losses[-1] < losses[0]
    model.save(tmp_path / "m.lamina")
    again = lamina.models.load_model(tmp_path / "m.lamina")
    assert again.optimizer.get_config() == model.optimizer.get_config()
    a, b = (one.fit(x, y, epochs=2, shuffle=False, verbose=0).history for one in (model, again))
    assert a == b


@pytest.mark.parametrize("words", ["last", ["("], [3]])
def test_muon_refuses_what_are_no_words(words):
    with pytest.raises(OptionError, match="exclude_layers"):
        optimizers.Muon(exclude_layers=words)
