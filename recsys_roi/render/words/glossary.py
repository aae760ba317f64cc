"""The terms of the field in plain words: for the report, the documents and the app."""

from __future__ import annotations

from collections.abc import Mapping

GLOSSARY: Mapping[str, str] = {
    "A/A run": (
        "A trial run in which both arms get the control. It must find no difference; where it does, the "
        "logging or the split is wrong."
    ),
    "Always-valid": (
        "Said of a range that holds however often it is looked at, so that a pilot may be watched every day. "
        "The price is width: about 1.5 times a range that may be looked at once."
    ),
    "Arm": "One side of the comparison: control or candidate. Every user belongs to one arm only.",
    "Artifact": (
        "A file that the recommender serves from, such as a trained model or an index. A manifest says when "
        "it was last updated."
    ),
    "Assignment": "A line of the log that says which variant a request and its user were given.",
    "Attestation": (
        "Something that logs cannot show, stated by a person with a name and a date, such as that a rollback "
        "was practised. It expires, and must then be stated again."
    ),
    "Attribution window": (
        "How long after a list was shown an outcome still counts for it: 24 hours for clicks, seven days for "
        "everything else, unless set otherwise."
    ),
    "Audit trail": (
        "Every change that people made to a pilot and its record: who, when and what, each with a hash over "
        "itself and the one before it."
    ),
    "Baseline": "The control's own figure, per request, that a lift is a lift of.",
    "Break-even": "The lift at which the value is zero.",
    "Candidate": "The new recommender, whose launch is to be decided.",
    "Cannibalisation": (
        "The share of the measured gain that is only taken from sales elsewhere in the product, and so is "
        "no gain."
    ),
    "Cannot tell": (
        "There is no figure: a field is not logged, there are too few users, or a range is not defined. "
        "It is never shown as zero."
    ),
    "Capping": (
        "Cutting the totals of the few users with very much revenue or time at one limit for both arms, so "
        "that one large order does not decide the pilot."
    ),
    "Control": "What runs today, which the candidate is judged against.",
    "Counts": (
        "What is kept between the log lines and the figures: one row a compared request and one a joined "
        "outcome, without ids of people."
    ),
    "Covariate": (
        "Something known of a user from before the experiment. Taking it out removes noise without touching "
        "the effect (CUPED)."
    ),
    "Coverage": "The share of all items of the catalogue that was shown in a day.",
    "Decay": "How much of a lift is lost each month for good, as the rest of the product catches up.",
    "Declared view": (
        "One selection of arms, surface, days and windows whose sums are kept without rows and ids, to be "
        "handed round."
    ),
    "Design effect": (
        "How many times wider variance is because requests of one user are alike. Counting requests as if "
        "they were people would make ranges too narrow by its root."
    ),
    "Discount rate": "How much less money is worth when it comes a year later.",
    "Diversity": (
        "How evenly a day's lists are spread over the items: 1 where all are shown alike, 0 where it is one "
        "item only."
    ),
    "Drift": (
        "A change in the logs themselves while the pilot runs: other names, other people, other amounts, or "
        "a service that got worse. It makes early and late days hard to compare."
    ),
    "Evidence folder": (
        "Counts of logs without the rows, with a note of what was counted by what. It opens like a pilot."
    ),
    "Exposure": "A line of the log for one list that was shown: to whom, when, and which items.",
    "False positive risk": "Of the results that look like wins, the share that are none.",
    "Guardrail": (
        "Something that must not get worse by more than its limit. It passes only when the range shows "
        "that it stays within the limit; not shown safe is not the same as harmed."
    ),
    "Horizon": "The number of months over which benefits and costs are counted.",
    "Implausible lift": (
        "A lift so much larger than such changes usually bring that a fault in the logs is likelier than a "
        "success (Twyman's law)."
    ),
    "Incident": (
        "An integrity check fails while a guardrail seems breached. The figures cannot be trusted, and yet "
        "people may be harmed: consider switching the candidate off first."
    ),
    "Integrity check": "A test of the logs themselves. While one fails, no figure is to be relied on.",
    "Join": (
        "Finding the list that an outcome or assignment belongs to, by request_id. At least 95 % of them "
        "must find theirs."
    ),
    "KPI": (
        "The one measure that the pilot is to improve, such as the click-through rate. All others are shown, "
        "but only the primary KPI decides."
    ),
    "Lift": (
        "The candidate's KPI over the control's, less one. All users of both arms are compared as they "
        "were assigned; users, not requests, are the unit, so that busy users do not feign certainty."
    ),
    "Likely between": (
        "An always-valid 95 % range (at the default error level): it holds however often it is looked "
        "at. The range for the relative lift is Fieller's, widened by the same factor."
    ),
    "Limit": "How much worse a guardrail may get; also called its margin.",
    "Locked plan": (
        "The settings as they were agreed, kept with name, time and hash. Later changes are shown as "
        "departures from it."
    ),
    "Margin": "The part of a sale that is left after its own costs.",
    "Mature": (
        "Said of a request whose attribution window is over, so that no outcome of it can still come. "
        "Money counts mature requests only, once there are any."
    ),
    "Measured and assumed": (
        "A figure is measured when it comes from the logs, assumed when a person or a default gave it."
    ),
    "Measured and counted": (
        "Measured is what the logs show. Counted is the measured lift drawn towards the lifts that such "
        "changes usually bring, since early and chosen results run high. Money uses the counted lift."
    ),
    "Novelty": "The part of a lift that comes from newness alone, and wears off.",
    "Outcome": "A line of the log for something a user did with a list: a click, an order, a complaint.",
    "P10 and P90": "Of all that may happen, one in ten lies below P10, and one in ten above P90.",
    "Payback": "The month in which cumulative money, not discounted, has earned back the one-off costs.",
    "Percentile (p95, p99)": (
        "The value that 95 or 99 of 100 requests stay at or below. A latency is judged by it, since a mean "
        "hides the slow ones."
    ),
    "Pilot": "The trial of a candidate on part of the traffic; here, also its logs under one name.",
    "Planned end date": (
        "A narrower, fixed-horizon range. It holds only when looked at once, on the date that was planned."
    ),
    "Power": "The chance that a test of a given size shows an effect that is really there.",
    "Preliminary": (
        "The pilot has not yet run its least number of days, so weekdays, weekends and the first "
        "newness are not all in the figures. The verdict may change until the date that is named."
    ),
    "Pre-period": (
        "The days before the first compared request, as far as the logs reach back. What users did then is "
        "taken out of the lift."
    ),
    "Prior": "What is believed of lifts before the pilot: most are small, few are large.",
    "Pseudonymous": (
        "Said of an id that stays the same for one user but cannot be traced back to the person by those "
        "who read the logs."
    ),
    "Retention": (
        "For how many days the rows of a pilot are kept. When they go, counts, record and audit trail stay."
    ),
    "Return (ROI)": "The value over the present value of the costs.",
    "Role": (
        "What a member may do in a pilot where people sign in: viewers look, analysts add and write, owners "
        "also delete, waive and choose members."
    ),
    "Sample ratio mismatch (SRM)": (
        "The users are not split between the arms as planned. Something loses users of one arm, so the arms "
        "cannot be compared."
    ),
    "Scenario": "One full set of settings: what is compared, what things cost, what is asked of the lift.",
    "Sequential test": (
        "A test that may be looked at every day. Of the split of users it is a second opinion; the check "
        "itself decides."
    ),
    "Session": (
        "Requests of one user with the same session_id, or with no more than 30 minutes between them."
    ),
    "SHIP, HOLD, ROLL BACK": (
        "The verdict. SHIP: the value is proven and nothing forbids it. HOLD: go on, wait, stop or "
        "redesign, as the reason says. ROLL BACK: the candidate does harm and should be switched off."
    ),
    "Slice": (
        "A group of users fixed before the first exposure. Its lift is counted drawn towards the other "
        "slices, and its p-value is adjusted for looking at many."
    ),
    "Stability index": (
        "How far a mix of values has moved between two times: 0 not at all, above 0.1 somewhat, above 0.25 "
        "a lot."
    ),
    "Sunk cost": (
        "Money already spent. It is shown in the return of the whole programme and left out of the verdict, "
        "since no decision brings it back."
    ),
    "Surface": "The place in the product where the list is shown, such as the home page.",
    "Value (NPV)": (
        "Present value of the benefit over the horizon, less everything that is still to be paid. What "
        "is already spent is left out. A month's money is discounted from its end."
    ),
    "Waiting": (
        "What more weeks of the same pilot are worth: how often their result would change the answer, "
        "and how much that would save, against the value that is delayed meanwhile."
    ),
    "Waiver": (
        "A guardrail that is not shown safe, accepted in writing by a person, up to a stated harm. A breach "
        "cannot be waived."
    ),
}
"""Meaning by term, in the order of the alphabet."""
