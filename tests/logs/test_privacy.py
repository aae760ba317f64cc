"""What is taken for personal data, and what is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys_roi.personal import mask, personal_kinds

# Numbers that card networks and the IBAN registry publish for testing; 555-0100 to 0199 are fictional phones.
PERSONAL = [
    ("anna.berg@example.org", "e-mail"),
    ("user=a.b+c@mail.example.co.uk;", "e-mail"),
    ("jürgen@müller.example", "e-mail"),
    ("4111111111111111", "card"),
    ("4111 1111 1111 1111", "card"),
    ("3782-822463-10005", "card"),
    ("5555555555554444", "card"),
    ("GB82 WEST 1234 5698 7654 32", "IBAN"),
    ("DE89370400440532013000", "IBAN"),
    ("+49 170 1234567", "phone"),
    ("0049-30-1234567", "phone"),
    ("(212) 555-0123", "phone"),
    ("212-555-0123", "phone"),
]
ORDINARY = [
    "user-123",
    "4111111111111112",  # fails the check digit
    "DE89370400440532013001",
    "2026-01-02T03:04:05+02:00",
    "2026-01-02T03:04:05.123456789Z",
    "1767322800000",
    "item-2026-01-02-0001",
    "5f2b7c1e-9a3d-4e55-8d1b-0c9a2b7d6e4f",
    "9a0364b9e99bb480dd25e1f0284c8555",
    "v1.2.3",
    "10.0.0.255",
    "123456",
    "home@",
    "@home",
    "a@b",
    "",
]


@pytest.mark.parametrize(("text", "kind"), PERSONAL)
def test_personal_data_is_found_and_hidden(text, kind):
    assert personal_kinds(text) == (kind,)
    assert f"[{kind}]" in mask(text)
    assert personal_kinds(mask(text)) == ()


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_ids_are_left_alone(text):
    assert personal_kinds(text) == ()
    assert mask(text) == text


def test_several_in_one_text():
    text = "call +49 170 1234567 or mail a.b@example.org, card 4111111111111111"
    assert mask(text) == "call [phone] or mail [e-mail], card [card]"
    assert personal_kinds(text) == ("e-mail", "card", "phone")


@given(st.text(st.sampled_from("09+-. ()@aZ:é\n"), max_size=60))
def test_masking_is_final_and_keeps_the_rest(text):
    masked = mask(text)
    assert mask(masked) == masked
    if not personal_kinds(text):
        assert masked == text
