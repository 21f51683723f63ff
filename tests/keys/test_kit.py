"""The recovery kit is one page that a person can type from, a telephone can scan, and the age tool understands."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import asdict, replace
from pathlib import Path

import pyrage
import pytest
from scan import scanned

from edgecam.core.errors import BadInput
from edgecam.keys.kit import KitPrinter, RecoveryKit
from edgecam.keys.kit_words import WORDS
from edgecam.keys.owner import OwnerIdentity, Recipients

pytestmark = pytest.mark.row("K5")

OWNER = OwnerIdentity(pyrage.x25519.Identity.generate())
KIT = RecoveryKit(
    camera_id="edgecam_04c5dd69",
    recipient=OWNER.recipient(),
    secret=OWNER.secret(),
    ring="/var/lib/edgecam/edgecam-state/ring.edgecam",
    made_on="2026-11-21",
)
needs_poppler = pytest.mark.skipif(
    shutil.which("pdftoppm") is None, reason="Debian's poppler-utils is not installed"
)
needs_age = pytest.mark.skipif(shutil.which("age") is None, reason="Debian's package age is not installed")


def printer(language: str) -> KitPrinter:
    try:
        return KitPrinter(language)
    except BadInput as missing:
        pytest.skip(str(missing))


def text_of(pdf: bytes) -> str:
    """All text of the pages, without any white space."""
    shown = subprocess.run(["pdftotext", "-raw", "-", "-"], input=pdf, capture_output=True, check=True)
    return "".join(shown.stdout.decode().split())


@needs_poppler
@pytest.mark.parametrize("language", WORDS)
def test_the_page_says_everything_in_each_language(language: str) -> None:
    shown = text_of(printer(language).pdf(KIT))
    words = asdict(WORDS[language])
    said = [text for name, text in words.items() if name not in ("font", "steps")] + list(words["steps"])
    for text in (
        *said,
        *KIT.commands,
        KIT.camera_id,
        KIT.recipient,
        KIT.ring,
        KIT.made_on,
        "edgecampassphrase--kit",
    ):
        assert "".join(text.split()) in shown, text
    for row in KIT.rows:
        assert "".join(row) in shown


@needs_poppler
@pytest.mark.parametrize("language", WORDS)
def test_it_is_one_page_of_a4_with_every_glyph(language: str, tmp_path: Path) -> None:
    path = tmp_path / "kit.pdf"
    path.write_bytes(printer(language).pdf(KIT))
    told = subprocess.run(["pdfinfo", str(path)], capture_output=True, text=True, check=True).stdout
    assert re.search(r"^Pages: +1$", told, re.MULTILINE)
    assert re.search(r"^Page size: +595.* x 841.*A4", told, re.MULTILINE)
    assert "�" not in text_of(path.read_bytes())


@needs_poppler
@pytest.mark.parametrize("language", WORDS)
def test_the_qr_code_is_the_secret(language: str, tmp_path: Path) -> None:
    path = tmp_path / "kit.pdf"
    path.write_bytes(printer(language).pdf(KIT))
    assert scanned(path) == OWNER.secret()


@needs_poppler
@needs_age
def test_the_age_tool_opens_a_sealed_key_with_what_the_page_says(tmp_path: Path) -> None:
    shown = text_of(printer("en").pdf(KIT))
    typed = re.search(r"AGE-SECRET-KEY-1[0-9A-Z]{58}", shown)
    assert typed is not None
    key = tmp_path / "key.txt"
    key.write_text(f"{typed.group()}\n")
    sealed = Recipients([OWNER.recipient()]).seal(b"the key of ten minutes")
    opened = subprocess.run(["age", "-d", "-i", str(key)], input=sealed, capture_output=True, check=True)
    assert opened.stdout == b"the key of ten minutes"
    # The page tells how to find a typing error before footage is looked for.
    (check,) = [command.split() for command in KIT.commands if command.startswith("age-keygen")]
    told = subprocess.run(check, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert told.stdout.strip() == KIT.recipient


def test_the_groups_are_short_and_joined_they_are_the_secret() -> None:
    assert "".join(group for row in KIT.rows for group in row) == KIT.secret
    groups = [group for row in KIT.rows[1:] for group in row]
    assert all(len(group) <= 5 for group in groups)
    # What the words promise to whoever types it.
    assert not set("".join(groups)) & set("BIO1")


def test_what_was_typed_is_understood_with_spaces_and_in_small_letters() -> None:
    typed = "\n".join(" ".join(row) for row in KIT.rows)
    for text in (typed, typed.lower(), f"  {typed}\t\n"):
        assert OwnerIdentity.from_secret(text).recipient() == OWNER.recipient()


@pytest.mark.parametrize("at", [0, 20, 73])
def test_one_wrong_character_is_noticed_and_not_repeated(at: int) -> None:
    wrong = "Q" if KIT.secret[at] != "Q" else "P"
    typed = KIT.secret[:at] + wrong + KIT.secret[at + 1 :]
    with pytest.raises(BadInput, match="wrong or missing") as refused:
        OwnerIdentity.from_secret(typed)
    assert typed[16:] not in str(refused.value)


@pytest.mark.parametrize("typed", ["", "AGE-SECRET-KEY-1", KIT.secret[:-1], KIT.recipient, "鍵", "\x00"])
def test_what_is_no_secret_is_refused(typed: str) -> None:
    with pytest.raises(BadInput):
        OwnerIdentity.from_secret(typed)


def test_the_languages_say_the_same() -> None:
    assert list(WORDS) == ["ja", "ko", "en"]
    for name in asdict(WORDS["en"]):
        values = [asdict(words)[name] for words in WORDS.values()]
        assert all(values), name
        assert len({str(value) for value in values}) == len(WORDS), name
    for words in WORDS.values():
        assert len(words.steps) == len(KIT.commands)
        for named in ("read_ring.py", "cryptography", "age", "key.txt", "--from", "ring-format.md"):
            assert any(named in text for text in (*words.steps, words.format)), named


@pytest.mark.parametrize("language", ["ja", "ko"])
def test_without_a_font_that_can_write_it_nothing_is_made(language: str, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="fonts-noto-cjk"):
        KitPrinter(language, [tmp_path])


def test_english_needs_no_font_of_the_system(tmp_path: Path) -> None:
    assert KitPrinter("en", [tmp_path]).pdf(KIT).startswith(b"%PDF")


@pytest.mark.parametrize("language", WORDS)
def test_a_kit_of_two_pages_is_refused(language: str) -> None:
    long = "/srv/" + "/".join(["footage of the front door"] * 100)
    with pytest.raises(BadInput, match="too long for a recovery kit"):
        printer(language).pdf(replace(KIT, ring=long))
    assert printer(language).pdf(replace(KIT, ring=long[:200])).startswith(b"%PDF")


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(BadInput, match="ja, ko, en"):
        KitPrinter("fr")


@needs_poppler
def test_nothing_that_it_prints_is_taken_for_markup() -> None:
    odd = replace(KIT, ring='/srv/#sys.inputs "quoted" \\ $x$ *bold* @label //ring.edgecam')
    shown = text_of(printer("en").pdf(odd))
    assert "".join(odd.ring.split()) in shown


def test_the_secret_is_not_in_the_pdf_as_plain_bytes_of_a_title() -> None:
    pdf = printer("en").pdf(KIT)
    assert b"/Title" in pdf
    assert KIT.secret.encode() not in pdf
