"""The web page: opens without a network, runs only its own two scripts, says what the review says."""

from __future__ import annotations

from html.parser import HTMLParser

import hard_reviews as hard
import pytest
import sample_review as sample

from recsys_roi.render import words
from recsys_roi.render.pack.contents import particulars
from recsys_roi.render.pack.web.page import page_html

FITS = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"


class Read(HTMLParser):
    """The text that a reader sees, and every tag with its attributes."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.texts: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.inside: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self.inside.append(tag)

    def handle_endtag(self, tag):
        while self.inside and self.inside.pop() != tag:
            pass

    def handle_data(self, data):
        if not {"script", "style"} & set(self.inside):
            self.texts.append(data.replace("\u00a0", " "))


@pytest.mark.parametrize("base", sample.ALL.values(), ids=sample.ALL)
def test_the_page_reads_as_the_review(base):
    review = base()
    texts = Read(page_html(review)).texts
    said = [
        words.verdict_sentence(review),
        *(words.reason_sentence(code, review) for code in review.decision.reasons),
        *words.money_sentences(review),
        *(words.kpi_sentence(kpi) for kpi in review.kpis),
        *(words.guardrail_sentence(one) for one in review.guardrails),
        *(words.slice_sentence(part) for part in review.slices),
        *(file.hash for file in review.inputs.files),
        *(value for _, _, value, _ in particulars.setting_rows(review)),
        f"Hash of the review: {particulars.fingerprint(review)}.",
    ]
    for sentence in said:
        assert sentence in texts
    assert page_html(review) == page_html(base())


@pytest.mark.parametrize("hostile", hard.INJECTIONS)
def test_names_from_logs_are_not_markup(hostile):
    review = sample.ship()
    plain = Read(page_html(review))
    experiment = review.experiment.model_copy(update={"id": hostile, "control": hostile, "notes": (hostile,)})
    file = review.inputs.files[0].model_copy(update={"name": hostile})
    slices = tuple(part.model_copy(update={"value": hostile}) for part in review.slices)
    made = Read(
        page_html(
            review.model_copy(
                update={
                    "experiment": experiment,
                    "slices": slices,
                    "inputs": review.inputs.model_copy(update={"files": (file,)}),
                }
            )
        )
    )
    assert [tag for tag, _ in made.tags] == [tag for tag, _ in plain.tags]
    assert [set(attributes) for _, attributes in made.tags] == [
        set(attributes) for _, attributes in plain.tags
    ]


def test_it_names_nothing_outside():
    for tag, attributes in Read(page_html(sample.ship())).tags:
        for name in ("src", "href", "action", "data"):
            assert (attributes.get(name) or "#").startswith(("#", "data:")), (tag, attributes)


@pytest.mark.browser
@pytest.mark.parametrize("base", [sample.hold, hard.many_slices, hard.nothing_measured, sample.plan_only])
def test_it_opens_offline_without_an_error_and_draws_every_chart(base, tmp_path, browser):
    file = tmp_path / "review.html"
    file.write_text(page_html(base()), encoding="utf-8")
    context = browser.new_context(offline=True, viewport={"width": 1280, "height": 900})
    page = context.new_page()
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(file.as_uri())
    page.wait_for_selector("html[data-drawn]")
    assert said == []
    assert {url for url in asked if not url.startswith(("data:", "blob:"))} == {file.as_uri()}
    drawn = page.locator(".chart svg.main-svg").count()
    assert drawn >= page.locator(".chart").count() > 0
    for width in (1280, 420):
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_function(FITS)
    printed = page.pdf(prefer_css_page_size=True, print_background=True)
    assert printed.startswith(b"%PDF")
    context.close()
