"""The Markdown note: complete, and safe whatever the logs hold."""

import re

import pytest
import sample_review as sample
from hypothesis import given
from hypothesis import strategies as st

from recsys_roi.render import words
from recsys_roi.render.markdown import code, escape, one_line, table
from recsys_roi.render.note import to_markdown
from recsys_roi.review.document import Risk

HOSTILE = "a|b\n# c `d` <script>alert(1)</script> [e](https://example.org) *f* _g_ @h ![i](j) \u202ek"
UNESCAPED_PIPE = re.compile(r"(?<!\\)\|")


@pytest.mark.parametrize("base", sample.ALL.values(), ids=sample.ALL)
def test_tables_are_whole(base):
    for block in re.findall(r"(?:^\|.*\n)+", to_markdown(base()), re.MULTILINE):
        assert len({len(UNESCAPED_PIPE.findall(line)) for line in block.splitlines()}) == 1


def test_the_note_of_a_hold():
    review = sample.hold()
    note = to_markdown(review)
    assert note.startswith("# HOLD: test 3 more weeks\n")
    assert "> **PRELIMINARY**: it becomes valid on 12 Nov 2026." in note
    assert "2 changes from the defaults." in note
    assert "29 Oct 2026 to 13 Nov 2026 (16 days, UTC)" in note
    assert "| Control | `control`, 24,100 users, 241,000 requests |" in note
    assert "- Three weeks cost EUR 3,315 and are worth EUR 4,961; 19 % chance of another answer." in note
    assert "**Conversion rate** (primary) | 1.20 % | 1.23 % | +2.2 % | +1.8 %" in note
    assert "`value_per_action` | EUR 18.00" in note
    assert "| `exposures.jsonl.gz` | `exposure.v1` | 480,600 | 480,500 | 100 | `blake3:0f3c` |" in note
    assert note.endswith("Made 2026-11-24T09:00:00Z by recsys-roi 0.1.0 (review.v1).\n")
    assert words.formula_sentence(review) in note
    assert "- [x] Logs validate: 0.02 % rejected." in note
    assert "- [ ] Rollback practised (cannot tell): Not attested." in note


def test_a_final_verdict_is_not_preliminary():
    assert "PRELIMINARY" not in to_markdown(sample.ship())


def test_a_plan_says_that_nothing_is_measured():
    note = to_markdown(sample.plan_only())
    assert "No logs: every figure below is assumed" in note
    assert "## KPIs" not in note
    assert "## Guardrails" not in note


def test_distrust_and_incident_stand_on_top():
    review = sample.roll_back()
    decision = sample.decision("hold", "integrity", incident=True)
    bad = review.model_copy(update={"integrity": (sample.check("srm", "fail"),), "decision": decision})
    note = to_markdown(bad)
    assert note.index("Consider switching off now") < note.index("Do not rely") < note.index("## Why")


def test_hostile_text_stays_text():
    review = sample.hold()
    risk = Risk.model_validate(
        {**review.risks[0].model_dump(), "title": HOSTILE, "evidence": HOSTILE, "owner": HOSTILE}
    )
    experiment = review.experiment.model_copy(
        update={"id": HOSTILE, "control": HOSTILE, "surface": HOSTILE, "notes": (HOSTILE,)}
    )
    file = review.inputs.files[0].model_copy(update={"name": HOSTILE, "hash": HOSTILE})
    check = review.integrity[0].model_copy(update={"detail": HOSTILE, "fix": HOSTILE})
    part = sample.slice_of(HOSTILE, -0.1, 0.0, 0.1, harm=True)
    hostile = review.model_copy(
        update={
            "experiment": experiment,
            "integrity": (check,),
            "risks": (risk,),
            "slices": (part,),
            "made_at": HOSTILE,
            "decision": sample.decision("hold", "slice_harm", HOSTILE),
            "inputs": review.inputs.model_copy(update={"files": (file,), "changed": (HOSTILE,)}),
            "roi": review.roi.model_copy(update={"currency": HOSTILE}),
        }
    )
    note = to_markdown(hostile)
    spans = re.compile(r"(`+)(?!`).+?(?<!`)\1(?!`)")
    outside = "\n".join(spans.sub("", line) for line in note.replace("\\`", "").splitlines())
    assert "<script" not in outside
    assert not re.search(r"(?<!\\)\[e", outside)
    assert not re.search(r"@\w", outside)
    assert not re.search(r"://", outside)
    assert "\u202e" not in note
    assert not [line for line in note.splitlines() if line.startswith("# c")]
    for block in re.findall(r"(?:^\|.*\n)+", note, re.MULTILINE):
        assert len({len(UNESCAPED_PIPE.findall(line)) for line in block.splitlines()}) == 1


@pytest.mark.parametrize(
    ("text", "markdown"),
    [
        ("plain words, 4.2 % (so)", "plain words, 4.2 % (so)"),
        ("a|b", "a\\|b"),
        ("*a* _b_ `c`", "\\*a\\* \\_b\\_ \\`c\\`"),
        ("<b>&amp;", "&lt;b&gt;&amp;amp;"),
        ("# a\n- b", "\\# a - b"),
        ("- a", "\\- a"),
        ("1. a", "1\u200b. a"),
        ("[a](b)", "\\[a\\](b)"),
        (":red[x] $y$", "\\:red\\[x\\] \\$y\\$"),
        ("\\`", "\\\\\\`"),
    ],
)
def test_escape(text, markdown):
    assert escape(text) == markdown


@given(st.text(max_size=60))
def test_escaped_text_is_one_line_without_live_markup(text):
    shown = escape(text)
    assert len(shown.splitlines()) <= 1
    bare = re.sub(r"\\[\\`*_{}\[\]#|~$^:+=-]", "", shown)
    assert not re.search(r"[`*_{}\[\]#|~$^<>\\]", bare)


@given(st.text(max_size=40))
def test_escape_can_be_undone(text):
    shown = escape(text).replace("\u200b", "")
    back = re.sub(r"\\([\\`*_{}\[\]#|~$^:+=-])", r"\1", shown)
    for entity, letter in (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):
        back = back.replace(entity, letter)
    assert back == one_line(text)


@given(st.text(alphabet="`a| \n", max_size=20))
def test_a_code_span_cannot_be_closed_from_inside(text):
    span = code(text)
    fence = re.match(r"`+", span).group()
    inner = span[len(fence) : -len(fence)]
    assert span.endswith(fence)
    assert all(len(run) < len(fence) for run in re.findall("`+", inner))
    assert not UNESCAPED_PIPE.search(inner)
    assert "\n" not in span


def test_a_table():
    assert table(("a", "b"), [("1", "2")]) == "| a | b |\n| --- | --- |\n| 1 | 2 |"
