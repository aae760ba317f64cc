"""A person accepts a guardrail in writing: asked who, why and until when, told everywhere, taken back."""

import json
import re

import pytest
from acts import closed, press, write
from playwright.sync_api import expect

from recsys_roi.record.statements import StatementStore

pytestmark = pytest.mark.browser

PILOT = "Sample shop"
TIGHT = "guardrails?pilot=Sample+shop&margin_p95_latency=0.02"  # the harm could be 3.26 %
HOSTILE = "Cache <b>comes</b> [x](https://example.org) :red[now]"
ACCEPTED = "P95 latency accepted although not shown safe, up to +3.3 %: Carla on"


def refused(visit, text):
    press(visit, "waiver_accept")
    expect(visit.page.get_by_role("dialog").get_by_text(text)).to_be_visible()


def says(visit, text):
    expect(visit.page.get_by_test_id("stMain").get_by_text(text).first).to_be_visible()


def test_a_waiver_is_asked_for_told_everywhere_and_taken_back(home, reader):
    visit = reader()
    visit.open(TIGHT)
    assert visit.page.locator("[class*=st-key-waive_]").count() == 1  # the others are shown safe
    visit.go("Summary")
    says(visit, "p95 latency not shown safe yet")
    visit.page.get_by_role("link", name=re.compile("accept it in writing")).click()
    visit.page.wait_for_url("**/guardrails?**")
    visit.settled()

    visit.ask("waive_p95_latency")
    refused(visit, "Who accepts must be one line")
    write(visit, "Your name", "Carla")
    refused(visit, "Why it is accepted must be said in a few words")
    write(visit, "Why is it acceptable?", HOSTILE)
    write(visit, "Accepted up to a harm of (%)", "2.5")
    refused(visit, "so this would not apply. Accept at least 3.3")
    write(visit, "Accepted up to a harm of (%)", "3.3")
    press(visit, "waiver_accept")
    closed(visit)

    (waiver,) = StatementStore(home, PILOT).record().waivers
    assert (waiver.guardrail, waiver.who, waiver.why) == ("p95_latency", "Carla", HOSTILE)
    assert waiver.up_to == 0.033
    assert waiver.expires is not None
    says(visit, ACCEPTED)
    says(visit, HOSTILE)
    assert visit.page.get_by_role("link", name="x", exact=True).count() == 0
    visit.go("Summary")
    says(visit, ACCEPTED)
    says(visit, re.compile("SHIP"))
    visit.go("Risks")
    row = visit.page.get_by_test_id("stExpander").filter(
        has_text=f"Accepted in writing by {waiver.who} until"
    )
    expect(row).to_have_count(1)

    visit.go("Guardrails")
    visit.ask(f"take_back_{waiver.id}")
    press(visit, "waiver_take_back")
    closed(visit)
    says(visit, "Accept in writing")
    visit.go("Summary")
    says(visit, "p95 latency not shown safe yet")
    trail = StatementStore(home, PILOT).trail()
    own = [change for change in trail if change.who == "Carla"]  # others share this pilot
    assert [change.action for change in own] == ["waived", "withdrawn"]
    assert json.loads(own[0].detail)["why"] == HOSTILE
