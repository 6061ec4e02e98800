import pytest
from hypothesis import given, strategies as st

from haihe.base.notes import NoteForged, Signer, read_note

SIGNER = Signer("example.org/haihe", b"n" * 32)
OTHER = Signer("example.org/haihe", b"o" * 32)
letters = st.characters(codec="utf-8", min_codepoint=32)
lines = st.lists(st.text(letters, max_size=20), min_size=1)
texts = lines.map(lambda parts: "\n".join(parts) + "\n")


@given(texts)
def test_what_is_signed_is_read_again_by_its_key_and_by_no_other(text: str):
    note = SIGNER.sign(text)
    assert read_note(note, SIGNER.verifier_key) == text
    with pytest.raises(NoteForged):
        read_note(note, OTHER.verifier_key)


@given(texts, st.integers(0, 10**6), st.integers(1, 127))
def test_any_changed_byte_is_noticed(text: str, place: int, change: int):
    note = bytearray(SIGNER.sign(text).encode())
    note[place % len(note)] ^= change
    with pytest.raises((NoteForged, UnicodeDecodeError)):
        read_note(note.decode(), SIGNER.verifier_key)


def test_note_that_another_program_signed_is_read():
    """The example of Go's package golang.org/x/mod/sumdb/note."""
    text = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
    signature = "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="
    key = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    assert read_note(f"{text}\n— PeterNeumann {signature}\n", key) == text


def test_other_signatures_beside_the_citys_are_left_alone():
    note = SIGNER.sign("a day\n") + Signer("example.org/witness", b"w" * 32).sign("a day\n").partition("\n\n")[2]
    assert read_note(note, SIGNER.verifier_key) == "a day\n"


@pytest.mark.parametrize("text", ["", "without an end", "a\tb\n", "a\r\n"])
def test_text_that_no_note_can_carry_is_refused(text: str):
    with pytest.raises(ValueError, match="newline"):
        SIGNER.sign(text)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\n"])
def test_name_that_no_note_can_carry_is_refused(name: str):
    with pytest.raises(ValueError, match="name"):
        Signer(name, b"n" * 32)
