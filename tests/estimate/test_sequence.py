"""What all looks say together."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from recsys_roi.estimate.anytime import always_valid
from recsys_roi.estimate.figures import NotMeasurable, Reason
from recsys_roi.estimate.lift import Arm, Difference, difference_of
from recsys_roi.estimate.sequence import read_looks

PLANNED = 5000


def look(lift: float, se: float = 0.01, users: int = 1000) -> Difference:
    """A look at a lift of a mean of 1."""
    variance = se * se / 2
    found = difference_of(
        Arm(ratio=1.0, variance=variance, users=users), Arm(ratio=1.0 + lift, variance=variance, users=users)
    )
    assert isinstance(found, Difference)
    return found


TOO_FEW = NotMeasurable(reason=Reason.TOO_FEW_USERS)


@given(st.lists(st.floats(-0.1, 0.1), min_size=1, max_size=20))
def test_the_running_p_never_rises_and_the_running_interval_never_widens(lifts):
    found = read_looks([look(lift) for lift in lifts], 0.05, PLANNED)
    p_values = [one.p_running for one in found.looks]
    assert p_values == sorted(p_values, reverse=True)
    assert p_values[-1] == min(always_valid(look(lift), 0.05, PLANNED).p_value for lift in lifts)
    widths = [one.running.high - one.running.low for one in found.looks if one.running is not None]
    assert widths == sorted(widths, reverse=True)
    assert found.changing == (found.looks[-1].running is None)


def test_an_effect_that_turns_round_is_changing():
    found = read_looks([look(0.2), look(0.2), look(-0.2)], 0.05, PLANNED)
    assert found.changing
    assert [one.running is None for one in found.looks] == [False, False, True]


def test_the_first_crossing_is_named_and_stays():
    found = read_looks([TOO_FEW, look(0.0, se=0.1), look(0.2), look(0.0, se=0.1)], 0.05, PLANNED)
    assert found.crossed == 2
    assert not found.changing
    assert found.looks[0].reading is None
    assert found.looks[0].p_running is None


def test_looks_that_cannot_be_read_say_nothing():
    found = read_looks([TOO_FEW, TOO_FEW], 0.05, PLANNED)
    assert (found.changing, found.crossed) == (False, None)
    assert read_looks([], 0.05, PLANNED).looks == ()


def test_a_crossing_is_where_the_interval_leaves_0_out():
    for lift in (0.031, 0.033):
        one = look(lift)
        interval = always_valid(one, 0.05, PLANNED).difference
        assert (read_looks([one], 0.05, PLANNED).crossed == 0) == (interval.low > 0)
    assert read_looks([look(0.05)], 0.05, PLANNED).crossed == 0
    assert read_looks([look(0.01)], 0.05, PLANNED).crossed is None
