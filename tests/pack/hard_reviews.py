"""Reviews that are hard to set: long and foreign names, many slices, huge and tiny amounts, no figures."""

import sample_review as sample

from recsys_roi.review.document import Estimate, Review
from recsys_roi.review.record_document import (
    AttestationNote,
    Deviation,
    LockedPlanNote,
    Recorded,
    WaiverNote,
)

LONG = "home-page-recommendations-for-returning-customers-with-a-very-long-experiment-name-2026-q4-retry"
UNBROKEN = "z" * 120
ARABIC = "الأجهزة المحمولة"
HEBREW = "לקוחות חוזרים"
CHINESE = "移动设备用户（第二次试验）"
JAPANESE = "スマートフォンの利用者"
KOREAN = "모바일 사용자"
THAI = "ผู้ใช้มือถือ"
HINDI = "मोबाइल उपयोगकर्ता"
NAMES = (
    *(ARABIC, HEBREW, CHINESE, JAPANESE, KOREAN, THAI, LONG, UNBROKEN),
    *("Ünïcode & <b>bold</b>", "=1+1", "🚀 launch", "Ελλάδα и Россия"),
)
HOSTILE = "=cmd|'/C calc'!A0 <script>alert(1)</script> #eval(\"1\") $x^2$ *b* \u202egnp.exe"
INJECTIONS = (
    *("=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1+1", "\r=1+1", " =1+1", "＝1+1", '=HYPERLINK("http://a")'),
    *(
        "</script><script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "#panic()",
        "\\u{41}",
        "${x}",
        "{{x}}",
    ),
)


def many_slices() -> Review:
    """Twelve slices with names of every script, some unmeasured, some harmed."""
    found = []
    for index, name in enumerate(NAMES):
        middle = 0.06 - 0.01 * index
        part = sample.slice_of(name, middle - 0.04, middle, middle + 0.04, users=1200 * (index + 1))
        if index == 3:
            part = part.model_copy(
                update={"relative_lift": None, "shrunken": None, "reason": "too_few_users"}
            )
        if index == 11:
            part = part.model_copy(update={"harm": True})
        found.append(part)
    experiment = sample.experiment().model_copy(
        update={"id": LONG, "control": CHINESE, "candidate": ARABIC, "surface": HEBREW, "notes": (UNBROKEN,)}
    )
    file = (
        sample.ship()
        .inputs.files[0]
        .model_copy(update={"name": f"{LONG}/{CHINESE}.jsonl.gz", "hash": f"blake3:{'0123456789abcdef' * 4}"})
    )
    review = sample.hold()
    return review.model_copy(
        update={
            "slices": tuple(found),
            "experiment": experiment,
            "inputs": review.inputs.model_copy(update={"files": (file, file)}),
            "decision": sample.decision(
                "hold",
                *("slice_harm", "guardrail_not_measurable", "too_early", "economics_unproven"),
                *("implausible_lift", "kpi_regression", "below_break_even", "inconclusive_stop"),
                preliminary=True,
                valid_from="2026-12-31",
            ),
        }
    )


def huge() -> Review:
    """Amounts of many digits."""
    roi = sample.roi(
        **{
            name: getattr(sample.roi(), name) * 1e7
            for name in ("npv", "pv_benefit", "pv_cost", "pv_per_unit_lift", "p10", "p50", "p90")
        },
        months=tuple(
            flow.model_copy(
                update={key: getattr(flow, key) * 1e7 for key in ("benefit", "cost", "net", "cumulative")}
            )
            for flow in sample.months()
        ),
        tornado=tuple(
            bar.model_copy(update={key: getattr(bar, key) * 1e7 for key in ("low", "high", "swing")})
            for bar in sample.TORNADO
        ),
        currency="IDR",
    )
    kpi = sample.kpi(-0.95, 14.2, 39.5, 6.1)
    return sample.ship(roi=roi, kpis=(kpi,))


def tiny() -> Review:
    """Amounts of less than a cent, and lifts of thousandths of a percent."""
    names = ("npv", "pv_benefit", "pv_cost", "pv_per_unit_lift", "p10", "p50", "p90")
    roi = sample.roi(
        **{name: getattr(sample.roi(), name) * 1e-8 for name in names},
        break_even_lift=0.0000114,
        lift=0.000035,
        lift_sd=0.000012,
        months=tuple(
            flow.model_copy(
                update={key: getattr(flow, key) * 1e-8 for key in ("benefit", "cost", "net", "cumulative")}
            )
            for flow in sample.months()
        ),
        tornado=tuple(
            bar.model_copy(update={key: getattr(bar, key) * 1e-8 for key in ("low", "high", "swing")})
            for bar in sample.TORNADO
        ),
    )
    kpi = sample.kpi(0.000001, 0.000041, 0.0000835, 0.000035)
    return sample.ship(roi=roi, kpis=(kpi,))


def nothing_measured() -> Review:
    """A pilot whose KPI, guardrails and money cannot be measured, with a failed check."""
    return sample.ship(
        kpis=(sample.unmeasured_kpi("missing").model_copy(update={"primary": True}),),
        guardrails=(sample.unlogged(sample.latency()), sample.unlogged(sample.error_rate())),
        slices=(),
        roi=sample.no_roi("missing"),
        waiting=sample.plan_only().waiting,
        integrity=(sample.check("srm", "fail", "Find the lost users."), sample.check("schema", "warn")),
        decision=sample.decision("hold", "integrity", "kpi_not_measurable", incident=False),
    )


def incident() -> Review:
    """Logs that cannot be trusted beside a guardrail that looks broken."""
    review = sample.roll_back()
    decision = sample.decision("hold", "integrity", "guardrail_breach", incident=True, preliminary=True)
    return review.model_copy(
        update={"integrity": (sample.check("srm", "fail", "Find the lost users."),), "decision": decision}
    )


def one_sided() -> Review:
    """Intervals without an end."""
    kpi = sample.kpi(-0.02, 0.03, 0.08, 0.02).model_copy(
        update={"relative_lift": Estimate(estimate=0.03, lower=None, upper=None)}
    )
    return sample.ship(kpis=(kpi,))


def recorded() -> Review:
    """A verdict that rests on a waiver, against a locked plan with a change, with statements of people."""
    waiver = WaiverNote(
        id=1,
        guardrail="p95_latency",
        who="Ada",
        why="the team accepts it for the season",
        at="2026-11-20T08:00:00Z",
        up_to=0.15,
        expires="2026-12-24T00:00:00Z",
        applied=True,
    )
    late = waiver.model_copy(update={"id": 2, "guardrail": "error_rate", "up_to": None, "applied": False})
    stated = AttestationNote(
        id=1,
        kind="rollback_practised",
        who=HEBREW,
        at="2026-11-02T08:00:00Z",
        note="back in 4 minutes",
        link="",
        expires=None,
        holds=True,
    )
    plan = LockedPlanNote(
        fingerprint="sha256:77",
        who="Ada",
        at="2026-10-20T08:00:00Z",
        why="",
        before_data=True,
        locks=1,
        deviations=(Deviation(setting="margin", planned=0.3, now=0.35),),
    )
    return sample.ship(
        guardrails=(sample.latency("warn", 0.06, 0.14, more_days=9), sample.error_rate()),
        record=Recorded(
            attestations=(stated,), waivers=(waiver, late), plan=plan, audit_head=f"sha256:{'ab' * 32}"
        ),
    )


WAIVED = (
    "P95 latency accepted although not shown safe, up to +15 %: Ada on 20 Nov 2026, until 24 Dec 2026. "
    "The team accepts it for the season."
)


ALL = {
    **sample.ALL,
    "recorded": recorded,
    "many_slices": many_slices,
    "huge": huge,
    "tiny": tiny,
    "nothing_measured": nothing_measured,
    "incident": incident,
    "one_sided": one_sided,
}
