"""Plain text for a terminal, from a review and from what became of files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from recsys_roi.logs.contracts import MEANINGS
from recsys_roi.logs.documents import Document
from recsys_roi.logs.ingest import Validation
from recsys_roi.logs.pilot import LogFile
from recsys_roi.numerals import full, written_for
from recsys_roi.render import words
from recsys_roi.render.markdown import one_line
from recsys_roi.review.document import Review
from recsys_roi.verdict.check import ORDER

EXAMPLES = 20  # rejected lines shown of each file


def review_text(review: Review) -> str:
    """The review as lines of text: verdict, reasons, figures, what was chosen, sources."""
    with written_for(review.locale):
        return _review_text(review)


def _review_text(review: Review) -> str:
    blocks = (
        [words.verdict_headline(review), words.verdict_sentence(review), *_warnings(review)],
        _section("Why", words.reason_sentences(review)),
        _section("The agreed plan", list(_agreed(review))),
        _section("Scope", list(_scope(review))),
        _section("KPIs", [_kpi_line(review, index) for index in range(len(review.kpis))]),
        _section("Beside recsys-eval", list(_beside(review))),
        _section(
            "Guardrails",
            [f"{words.guardrail_name(g.id)}: {words.guardrail_sentence(g)}" for g in review.guardrails],
        ),
        _section("Money", list(_money(review))),
        _section("What would change it", list(words.flip_sentences(review))),
        _section("Integrity", check_lines(review)),
        _section("Open risks", list(_risks(review))),
        [f"Made {review.made_at} by {review.software.name} {review.software.version}."],
    )
    return "\n\n".join("\n".join(map(one_line, block)) for block in blocks if block) + "\n"


def _section(title: str, lines: list[str]) -> list[str]:
    return [title.upper(), *(f"- {line}" for line in lines)] if lines else []


def _warnings(review: Review) -> Iterator[str]:
    for text in (words.badge(review), words.incident_sentence(review), words.reliance_sentence(review)):
        if text:
            yield text


def _agreed(review: Review) -> Iterator[str]:
    """Whether the analysis follows the locked plan; nothing where none was locked."""
    plan, said = review.record.plan, words.locked_plan_sentence(review)
    if plan is None or said is None:
        return
    yield said
    for departs in plan.deviations:
        yield words.deviation_sentence(departs, review.roi.currency)
    yield from words.later_lock_sentences(review)


def _scope(review: Review) -> Iterator[str]:
    experiment = review.experiment
    if experiment is None:
        yield "No logs: every figure is assumed, not measured."
        return
    span = experiment.window
    yield (
        f"{experiment.id}, {experiment.surface or 'all surfaces'}, {span.start} to {span.end} "
        f"({words.counted(span.days, 'day')})"
    )
    for role, name, users, requests in (
        ("control", experiment.control, experiment.users.control, experiment.requests.control),
        ("candidate", experiment.candidate, experiment.users.candidate, experiment.requests.candidate),
    ):
        yield f"{role} {name}: {words.counted(users, 'user')}, {words.counted(requests, 'request')}"
    for chosen in experiment.notes:
        yield f"chosen for you: {chosen}"


def _kpi_line(review: Review, index: int) -> str:
    kpi = review.kpis[index]
    primary = " (primary)" if kpi.primary else ""
    arms = ""
    if kpi.control is not None and kpi.candidate is not None:
        before, after = (words.kpi_value(kpi, v, review.roi.currency) for v in (kpi.control, kpi.candidate))
        arms = f" {before} to {after}."
    return f"{words.kpi_name(kpi.id)}{primary}:{arms} {words.kpi_sentence(kpi, review.roi.currency)}"


def _beside(review: Review) -> Iterator[str]:
    """Reports of recsys-eval that were given with the logs."""
    for note in review.evaluations:
        yield words.report_sentence(note)
        yield from map(words.side_by_side_sentence, note.rows)
    if review.evaluations:
        yield words.SIDE_BY_SIDE_CAPTION


def _money(review: Review) -> Iterator[str]:
    roi = review.roi
    value, *others = words.money_sentences(review)
    yield value
    if roi.status == "ok":
        yield words.formula_sentence(review)
    yield from others
    pilot = words.pilot_headline(review)
    if pilot:
        yield pilot
    if review.waiting.status == "ok":
        yield words.waiting_sentence(review.waiting, roi.currency)
        yield words.run_time_sentence(review)


def _risks(review: Review) -> Iterator[str]:
    for risk in review.risks:
        if risk.status in ("act", "watch"):
            yield f"{words.status_mark(risk.status).word}: {risk.title}. {risk.evidence} {risk.mitigation}"


def check_lines(review: Review) -> list[str]:
    """The integrity checks, failures first, each with what to do."""
    ordered = sorted(review.integrity, key=lambda check: ORDER[check.status])
    return [
        " ".join(
            (
                f"{words.check_status_word(check.status)}:",
                f"{words.check_title(check.id)}.",
                check.detail,
                check.fix,
            )
        ).strip()
        for check in ordered
    ]


def ingest_line(file: LogFile | Document, *, added: bool) -> str:
    """What became of one file."""
    name = one_line(file.name)
    if not added:
        return f"{name}: the pilot has it already, so it was not counted again."
    if not isinstance(file, LogFile):
        return f"{name}: {file.said}"
    lacking = {field for field, _ in file.absent}
    absent = [f", no line with {key!r} for {field}" for field, key in file.mapping if field in lacking]
    return one_line(f"{name}: {file.kind}, {_counts(file)}{''.join(absent)}")


def validation_lines(found: Iterable[Validation]) -> Iterator[str]:
    """Each file with its counts and the first rejected lines."""
    for one in found:
        yield f"{one_line(one.file)}: {one.kind}, {_counts(one)}"
        for note in one.notes:
            yield f"  {one_line(note)}"
        for reject in islice(one.rejects, EXAMPLES):
            where = f" {reject.field}" if reject.field else ""
            value = f" (found {reject.value!r})" if reject.value else ""
            said = one_line(f"line {reject.line}:{where} {MEANINGS[reject.reason]}{value}")
            yield f"  {said}"
        if one.rejected > EXAMPLES:
            yield "  More rejected lines: write them all with --rejects OUT.csv."


def _counts(file: LogFile | Validation) -> str:
    extended = f", {full(file.extended)} with extended event types" if file.extended else ""
    nulls = f", {full(file.null_for_absent)} with null for absent" if file.null_for_absent else ""
    return (
        f"{words.counted(file.lines, 'line')}, {full(file.accepted)} accepted, {full(file.rejected)} rejected"
        f"{extended}{nulls}"
    )
