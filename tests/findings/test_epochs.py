from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import backlight as bl
from backlight.findings import THRESHOLDS, outcome
from backlight.findings.epochs import by_epochs
from backlight.findings.facts import Facts
from tests.findings.runs import names, noticed, run


def in_batches(size, *, samples=5, epochs=25, extra=0, rate=0.0, seed=0, shuffle=None, over="mean", **options):
    """A small classifier of random points, trained for some epochs and a few iterations more."""
    generator = np.random.default_rng(seed)
    x = generator.normal(size=(samples, 2))
    changes = {
        "training.learning_rate": rate,
        "training.iterations": epochs * -(-samples // size) + extra,
        "training.batch_size": size,
        "parameters.random_seed": seed,
        "loss.over_samples": over,
    } | ({} if shuffle is None else {"training.shuffle_seed": shuffle})
    y = (x[:, :1] > 0).astype(float)
    return run([2, 3, 1], ["tanh", "sigmoid"], x.tolist(), y.tolist(), changes=changes, **options)


runs = st.integers(2, 9).flatmap(
    lambda samples: st.fixed_dictionaries(
        {
            "samples": st.just(samples),
            "size": st.integers(1, samples),
            "epochs": st.integers(0, 24),
            "extra": st.integers(0, 5),
            "seed": st.integers(0, 1000),
            "shuffle": st.none() | st.integers(0, 5),
            "over": st.sampled_from(["mean", "sum"]),
            "record": st.sampled_from(["all", "loss", "all:2", "all:3", "loss:5"]),
        }
    )
)


@settings(max_examples=150, deadline=None)
@given(runs, st.sampled_from([0.0, 1e-9, 1e-6, 1e-3]))
def test_what_hardly_moves_never_oscillates(run_of, rate):
    trace = in_batches(run_of.pop("size"), rate=rate, **run_of)
    assert outcome(trace) in {"stalled", "still_falling", "converged"}
    assert "oscillation" not in names(trace)
    assert "divergence" not in names(trace)


@pytest.mark.parametrize("epochs", [3, 24])
def test_a_hard_sample_that_is_recorded_late_is_no_divergence(epochs):
    rarely = in_batches(1, samples=2, epochs=epochs, seed=32, shuffle=0, record="all:2", rate=1e-9)
    assert rarely.loss[0] < rarely.loss.max() / 30
    assert outcome(rarely) in {"stalled", "still_falling"}


@settings(max_examples=100, deadline=None)
@given(runs)
def test_with_a_learning_rate_of_0_every_whole_epoch_has_the_same_mean(run_of):
    facts = Facts(in_batches(run_of.pop("size"), **run_of))
    if run_of["record"] in {"all", "loss"} and run_of["epochs"] and run_of["over"] == "mean":
        everything = in_batches(run_of["samples"], **run_of).loss[0]
        assert facts.judged.loss == pytest.approx(everything, rel=1e-13)


@pytest.mark.parametrize("size", [1, 2, 3, 4])
@pytest.mark.parametrize("shuffle", [None, 3])
def test_fewer_epochs_than_the_table_says_are_not_judged(size, shuffle):
    few, enough = (
        in_batches(size, rate=1e-6, shuffle=shuffle, epochs=epochs, extra=-1)
        for epochs in (THRESHOLDS.blocks - 1, THRESHOLDS.blocks)
    )
    assert (outcome(few), names(few)) == ("still_falling", [])
    assert outcome(enough) == "stalled"
    assert noticed(enough.findings, "stall").evidence["reason"] == "short_steps"


@pytest.mark.parametrize("size", [1, 2])
def test_what_jumps_from_epoch_to_epoch_oscillates(size):
    trace = run(
        [1, 1],
        "tanh",
        [[1.0], [0.5], [-0.7]],
        [[0.3], [0.1], [-0.4]],
        changes={
            "parameters.weights": [[[0.9]]],
            "training.learning_rate": 10,
            "training.iterations": 200,
            "training.batch_size": size,
            "training.shuffle_seed": 1,
        },
    )
    assert outcome(trace) == "oscillating"
    found = noticed(trace.findings, "oscillation")
    assert "its mean over whole epochs goes up and down" in found.text
    assert found.evidence["highest"] < trace.loss.max()
    assert found.evidence["from_iteration"] % -(-3 // size) == 0


def test_steps_in_a_circle_are_no_short_steps():
    """Each of two batches pulls its own way, and every epoch ends where it began: longer steps help nobody."""
    trace = run(
        [1, 1],
        "identity",
        [[1.0], [1.0], [1.0]],
        [[1.0], [1.0], [-1.0]],
        changes={"training.learning_rate": 0.5, "training.iterations": 200, "training.batch_size": 2},
    )
    assert np.abs(trace["dL_dW1"][-2:]).min() > 0.1
    assert noticed(trace.findings, "stall").evidence["reason"] == "flat"


def test_a_recording_with_gaps_is_judged_where_it_holds_every_batch():
    """Of 3 batches in file order, every second row meets all in turn, and every third row always the same."""
    seen, same, shuffled = (
        in_batches(2, rate=1e-6, epochs=60, record=record, shuffle=shuffle)
        for record, shuffle in [("all:2", None), ("all:3", None), ("all:2", 1)]
    )
    assert outcome(seen) == "stalled"
    assert outcome(same) == outcome(shuffled) == "still_falling"


def test_batches_that_explode_diverge_whatever_was_recorded():
    for record in ("all", "all:3", "loss:2"):
        for shuffle in (None, 1):
            trace = run(
                [1, 1],
                "identity",
                [[1.0], [2.0], [3.0]],
                [[1.0], [1.0], [1.0]],
                changes={
                    "training.learning_rate": 1e3,
                    "training.iterations": 400,
                    "training.batch_size": 1,
                }
                | ({} if shuffle is None else {"training.shuffle_seed": shuffle}),
                record=record,
            )
            assert outcome(trace) == "diverged"


def test_an_epoch_cut_short_is_dropped_unless_it_breaks_down():
    loss = np.array([1.0, 3.0, 1.0, 3.0, 9.0])
    assert by_epochs(loss, np.arange(5), np.ones(2), shuffled=False).loss.tolist() == [2.0, 2.0]
    loss[-1] = np.inf
    assert by_epochs(loss, np.arange(5), np.ones(2), shuffled=False).loss.tolist() == [2.0, np.inf]


def test_a_short_batch_counts_by_its_samples_where_the_loss_is_a_mean():
    trace = in_batches(2, samples=5, epochs=1, rate=0)
    assert Facts(trace).judged.loss[0] == pytest.approx(np.average(trace.loss[:3], weights=[2, 2, 1]), rel=1e-15)


def test_a_saved_trace_is_judged_alike(tmp_path):
    trace = in_batches(2, rate=0.5, shuffle=1, epochs=20)
    trace.save(tmp_path / "t.json")
    assert outcome(bl.load(tmp_path / "t.json")) == outcome(trace)


@pytest.mark.parametrize("shuffle", range(5))
def test_the_noise_of_small_batches_is_no_oscillation(shuffle):
    generator = np.random.default_rng(0)
    x = generator.normal(size=(18, 2))
    y = np.sin(x[:, :1]) + 0.6 * generator.normal(size=(18, 1))
    trace = run(
        [2, 6, 1],
        ["tanh", "identity"],
        x.tolist(),
        y.tolist(),
        changes={
            "training.learning_rate": 0.1,
            "training.iterations": 120,
            "training.batch_size": 3,
            "training.shuffle_seed": shuffle,
        },
    )
    parts = Facts(trace).judged.loss
    assert parts[-4:].mean() < 0.6 * parts[0]  # it learned
    assert "oscillation" not in names(trace)
