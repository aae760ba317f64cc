"""Documents are linked only below a plain web address, and never anywhere else."""

import pytest

from recsys_roi.render.documents import BASE_SETTING, base_problem, document_link

DOCUMENT = "start-here/pilot-plan.md"


def test_without_the_setting_a_document_is_only_named(monkeypatch):
    monkeypatch.delenv(BASE_SETTING, raising=False)
    assert (document_link(DOCUMENT), base_problem()) == (None, None)
    monkeypatch.setenv(BASE_SETTING, "  ")
    assert (document_link(DOCUMENT), base_problem()) == (None, None)


@pytest.mark.parametrize(
    ("base", "link"),
    [
        ("https://docs.example.org/suite", "https://docs.example.org/suite/start-here/pilot-plan.md"),
        ("http://localhost:8000/", "http://localhost:8000/start-here/pilot-plan.md"),
    ],
)
def test_a_plain_address_is_followed(monkeypatch, base, link):
    monkeypatch.setenv(BASE_SETTING, base)
    assert (document_link(DOCUMENT), base_problem()) == (link, None)


@pytest.mark.parametrize(
    "base",
    [
        "javascript:alert(1)//",
        "file:///etc",
        "//docs.example.org",
        "docs.example.org",
        "https://",
        "https:///path",
        "https://user:secret@docs.example.org",
        "https://docs.example.org/a b",
        "https://docs.example.org/)[x](https://evil.example",
        'https://docs.example.org/"onclick="x',
        "https://docs.example.org:port/",
        "https://docs.example.org/\nfoo",
        "https://docs.example.org/?q=",
    ],
)
def test_any_other_setting_links_nowhere_and_is_said(monkeypatch, base):
    monkeypatch.setenv(BASE_SETTING, base)
    assert document_link(DOCUMENT) is None
    assert BASE_SETTING in base_problem()
