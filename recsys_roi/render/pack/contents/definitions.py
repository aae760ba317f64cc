"""What the terms of a report mean, for a reader who was not in the room."""

from __future__ import annotations

DEFINITIONS: tuple[tuple[str, str], ...] = (
    (
        "SHIP, HOLD, ROLL BACK",
        "The verdict. SHIP: the value is proven and nothing forbids it. HOLD: go on, wait, stop or "
        "redesign, as the reason says. ROLL BACK: the candidate does harm and should be switched off.",
    ),
    (
        "Preliminary",
        "The pilot has not yet run its least number of days, so weekdays, weekends and the first "
        "newness are not all in the figures. The verdict may change until the date that is named.",
    ),
    (
        "Lift",
        "The candidate's KPI over the control's, less one. All users of both arms are compared as they "
        "were assigned; users, not requests, are the unit, so that busy users do not feign certainty.",
    ),
    (
        "Likely between",
        "An always-valid 95 % range (at the default error level): it holds however often it is looked "
        "at. The range for the relative lift is Fieller's, with the same width.",
    ),
    (
        "Planned end date",
        "A narrower, fixed-horizon range. It holds only when looked at once, on the date that was planned.",
    ),
    (
        "Measured and counted",
        "Measured is what the logs show. Counted is the measured lift drawn towards the lifts that such "
        "changes usually bring, since early and chosen results run high. Money uses the counted lift.",
    ),
    (
        "Measured and assumed",
        "A figure is measured when it comes from the logs, assumed when a person or a default gave it.",
    ),
    (
        "Guardrail",
        "Something that must not get worse by more than its limit. It passes only when the range shows "
        "that it stays within the limit; not shown safe is not the same as harmed.",
    ),
    (
        "Slice",
        "A group of users fixed before the first exposure. Its lift is counted drawn towards the other "
        "slices, and its p-value is adjusted for looking at many.",
    ),
    (
        "Value (NPV)",
        "Present value of the benefit over the horizon, less everything that is still to be paid. What "
        "is already spent is left out. A month's money is discounted from its end.",
    ),
    (
        "Return (ROI)",
        "The value over the present value of the costs.",
    ),
    (
        "Break-even",
        "The lift at which the value is zero.",
    ),
    (
        "Payback",
        "The month in which cumulative money, not discounted, has earned back the one-off costs.",
    ),
    (
        "Waiting",
        "What more weeks of the same pilot are worth: how often their result would change the answer, "
        "and how much that would save, against the value that is delayed meanwhile.",
    ),
    (
        "Cannot tell",
        "There is no figure: a field is not logged, there are too few users, or a range is not defined. "
        "It is never shown as zero.",
    ),
)
