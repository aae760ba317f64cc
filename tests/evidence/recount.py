"""The KPIs counted a second way: plain Python over the rows, following numbers book 0."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from dataclasses import dataclass, field

from recsys_roi.evidence.sums import Sums
from tests.evidence.rows import hour

HOURS = defaultdict(lambda: 168, click=24)
TOTALS = {  # KPI: numerator, denominator
    "ctr": ("requests with click", "requests"),
    "clicks_per_request": ("click", "requests"),
    "conversion_rate": ("has conversion", "users"),
    "conversions_per_request": ("conversion", "requests"),
    "revenue_per_request": ("value of conversion", "requests"),
    "revenue_per_user": ("value of conversion", "users"),
    "revenue_per_session": ("value of conversion", "sessions"),
    "add_to_cart_rate": ("requests with add_to_cart", "requests"),
    "completion_rate": ("complete", "start"),
    "completions_per_user": ("complete", "users"),
    "time_spent": ("value of dwell", "users"),
}


@dataclass
class User:
    """What one user was shown and did, in the view."""

    arm: str
    hours: list = field(default_factory=list)  # of the requests
    sessions: set = field(default_factory=set)
    totals: Counter = field(default_factory=Counter)

    def total(self, name: str) -> float:
        if name == "users":
            return 1
        if name == "requests":
            return len(self.hours)
        if name == "sessions":
            return len(self.sessions)
        if name.startswith("has "):
            return 1 if self.totals[name.removeprefix("has ")] else 0
        return self.totals[name]


def first_exposures(exposures):
    """The first of each request_id by time, then file order."""
    first = {}
    for exposure in sorted(exposures, key=lambda row: hour(row["ts"])):
        first.setdefault(exposure["request_id"], exposure)
    return first


def arms_of_requests(first, assignments):
    """The arm of each compared request: users of two arms and requests of strangers are left out."""
    arms = defaultdict(set)
    for row in assignments:
        arms[row["user_id"]].add(row["variant"])
    return {
        row["request_id"]: row["variant"]
        for row in assignments
        if len(arms[row["user_id"]]) == 1
        and row["request_id"] in first
        and first[row["request_id"]]["user_id"] == row["user_id"]
    }


def session_of(first, arm_of):
    """Each compared request's session: its own id, or a run without a pause of more than 30 minutes."""
    found, last, runs = {}, {}, Counter()
    for request in sorted(arm_of, key=lambda name: (hour(first[name]["ts"]), name)):
        exposure = first[request]
        user, at = exposure["user_id"], hour(exposure["ts"])
        own = exposure["context"].get("session_id") if "context" in exposure else None
        if own is not None:
            found[request] = (user, own)
            continue
        if user not in last or at - last[user] > 0.5:
            runs[user] += 1
        last[user] = at
        found[request] = (user, runs[user])
    return found


def joined(outcomes, first, arm_of):
    """Outcomes in time of compared requests, alike ones once, oldest first: (request, event, hour, value)."""
    for row in {json.dumps(row, sort_keys=True): row for row in outcomes}.values():
        exposure = first.get(row["request_id"])
        if exposure is None or row["request_id"] not in arm_of or exposure["user_id"] != row["user_id"]:
            continue
        lag = hour(row["ts"]) - hour(exposure["ts"])
        if 0 <= lag <= HOURS[row["event_type"]]:
            yield row["request_id"], row["event_type"], hour(row["ts"]), row.get("value", 0.0)


def recount(rows, *, shown=lambda exposure: True, known=lambda happened: True, mature_for=None):
    """The users of the view: requests that `shown` keeps and outcomes whose hour `known` keeps.

    `mature_for` (an event type) keeps requests whose window has ended by the newest event of any log.
    """
    exposures, outcomes, assignments = rows
    first = first_exposures(exposures)
    arm_of = arms_of_requests(first, assignments)
    sessions = session_of(first, arm_of)
    newest = max(hour(row["ts"]) for kind in rows for row in kind)
    users = {}
    kept = set()
    for request, arm in arm_of.items():
        exposure = first[request]
        at = hour(exposure["ts"])
        if not shown(exposure) or (mature_for is not None and at + HOURS[mature_for] > newest):
            continue
        kept.add(request)
        user = users.setdefault(exposure["user_id"], User(arm))
        user.hours.append(at)
        user.sessions.add(sessions[request])
        user.totals["errors"] += exposure.get("error") is True
        user.totals["errors logged"] += "error" in exposure
        user.totals["empty"] += not exposure["items"]
        user.totals["slow"] += exposure.get("latency_ms", 0) > 500
        user.totals["timed"] += "latency_ms" in exposure
    seen = set()
    for request, event, happened, value in joined(outcomes, first, arm_of):
        if request not in kept or not known(happened):
            continue
        totals = users[first[request]["user_id"]].totals
        totals[event] += 1
        totals[f"value of {event}"] += value
        if (request, event) not in seen:
            seen.add((request, event))
            totals[f"requests with {event}"] += 1
    return users


def recount_before(rows, users):
    """What the users were shown in the 14 days before their first compared request, and did until then."""
    exposures, outcomes, assignments = rows
    shown = first_exposures(exposures)
    assigned = {row["request_id"] for row in assignments}
    began = {name: min(user.hours) for name, user in users.items()}
    earlier = {
        request: exposure["user_id"]
        for request, exposure in shown.items()
        if request not in assigned
        and exposure["user_id"] in users
        and 0 < began[exposure["user_id"]] - hour(exposure["ts"]) <= 14 * 24
    }
    sessions = session_of(shown, earlier)
    found = {name: User(user.arm) for name, user in users.items()}
    for request, name in earlier.items():
        found[name].hours.append(hour(shown[request]["ts"]))
        found[name].sessions.add(sessions[request])
    seen = set()
    for request, event, happened, value in joined(outcomes, shown, earlier):
        if happened >= began[earlier[request]]:
            continue
        totals = found[earlier[request]].totals
        totals[event] += 1
        totals[f"value of {event}"] += value
        if (request, event) not in seen:
            seen.add((request, event))
            totals[f"requests with {event}"] += 1
    return found


def returned(users, end_hour, days=7):
    """Of the users seen for that many days: who came back on a later calendar day within them."""
    found = {}
    for name, user in users.items():
        first = min(user.hours)
        if first + 24 * days <= end_hour:
            found[name] = any(at // 24 > first // 24 and at <= first + 24 * days for at in user.hours)
    return found


def sums(users, arm, numerator, denominator, keep=lambda user: True):
    """The sums of two totals over the users of an arm."""
    own = [user for user in users.values() if user.arm == arm and keep(user)]
    return Sums.of_users(
        [user.total(numerator) for user in own], [float(user.total(denominator)) for user in own]
    )
