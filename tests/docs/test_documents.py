"""Documents name only what there is: files, tests, names in code, make targets, commands, settings, pictures, links."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
import typer
from babel.messages.pofile import read_po

from haihe import app
from haihe.base.i18n import LANGUAGES, LOCALES
from haihe.base.settings import PROJECT

DOCUMENTS = sorted([*PROJECT.glob("*.md"), *(PROJECT / "docs").rglob("*.md")])
READMES = {"en": "README.md", "zh": "README.zh.md", "ru": "README.ru.md"}
FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"!?\[((?:`[^`]*`|[^\]`])*)\]\(([^)\s]+)\)")
ROOTS = "haihe|tests|migrations|docs|demo|assets|locales|\\.ci"
FILE = re.compile(rf"(?<![\w/.$-])(?:{ROOTS})/[\w./*-]*(?:::\w+)?")
SETTING = re.compile(r"\bHAIHE_[A-Z_]+\b")
TARGET = re.compile(r"(?<![\w./-])make ([a-z]+)\b")
COMMAND = re.compile(r"(?:^|[\s`/])haihe((?: [a-z][\w-]*)+)((?: [^`|\n]*)?)", re.MULTILINE)
DEFINED = re.compile(
    r"^\s*(?:async def|def|class|(?:async )?function) (\w+)|^\s*(?:const )?(\w+)(?:: [^=\n]+)? =|^\s+(\w+): ",
    re.MULTILINE,
)
LABEL = re.compile(r"\*\*(.+?)\*\*")

each_document = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)


def prose(document: Path) -> str:
    return FENCE.sub("", document.read_text(encoding="utf-8"))


def code(document: Path) -> list[str]:
    """Everything that is set as code, in sentences and in blocks of their own."""
    text = document.read_text(encoding="utf-8")
    return [*FENCE.findall(text), *SPAN.findall(FENCE.sub("", text))]


def links(document: Path) -> list[tuple[str, str]]:
    return [(text, target) for text, target in LINK.findall(prose(document)) if "://" not in target]


def anchors(document: Path) -> set[str]:
    """Anchors of headings as forges make them."""
    headings = re.findall(r"^#+ (.+)$", prose(document), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@cache
def defines(file: Path) -> set[str]:
    """Names that a source defines: functions, classes, values, tables, columns."""
    text = file.read_text(encoding="utf-8")
    if file.suffix == ".sql":
        return set(re.findall(r"\w+", text))
    return {name for found in DEFINED.findall(text) for name in found if name}


@each_document
def test_links_lead_somewhere(document):
    broken = []
    for _, target in links(document):
        path, _, anchor = target.partition("#")
        file = (document.parent / unquote(path)).resolve() if path else document
        if not file.is_relative_to(PROJECT) or not file.exists() or (anchor and anchor not in anchors(file)):
            broken.append(target)
    assert not broken


@each_document
def test_names_stand_in_the_file_that_they_link_to(document):
    wrong = []
    for text, target in links(document):
        file = (document.parent / target.partition("#")[0]).resolve()
        for name in re.findall(r"`([A-Za-z_][\w.]*)`", text):
            if file.suffix in {".py", ".sql", ".js"} and "/" not in text and name != file.name:
                wrong += [f"{name} in {target}" for part in name.split(".") if part not in defines(file)]
    assert not wrong


@each_document
def test_files_and_tests_exist(document):
    missing = []
    for found in (found for text in code(document) for found in FILE.findall(text)):
        path, _, test = found.rstrip(".").partition("::")
        files = list(PROJECT.glob(path.rstrip("/"))) if "*" in path else [PROJECT / path]
        if not files or not files[0].exists() or (test and test not in defines(files[0])):
            missing.append(found)
    assert not missing


@each_document
def test_make_targets_exist(document):
    targets = set(re.findall(r"^([a-z]+):", (PROJECT / "Makefile").read_text(), re.MULTILINE))
    assert {target for text in code(document) for target in TARGET.findall(text)} <= targets


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The command line as `app.py` puts it together."""
    found: list[typer.Typer] = []
    monkeypatch.setattr(typer.Typer, "__call__", lambda self, **_: found.append(self))
    app.main()
    return typer.main.get_command(found[0])


@each_document
def test_commands_and_their_options_exist(document, commands):
    assert {"verify", "import"} <= commands.commands.keys()
    assert not [fault for text in code(document) for fault in faults_of_commands(text, commands)]


def faults_of_commands(text: str, commands: Any) -> Iterator[str]:
    for words, rest in COMMAND.findall(text):
        command = commands
        for word in words.split():
            below = getattr(command, "commands", {})
            if below and word not in below:
                yield f"haihe{words}"
                break
            command = below.get(word, command)
        options = {name for parameter in command.params for name in parameter.opts} | {"--help"}
        yield from (f"haihe{words} {option}" for option in re.findall(r"--[a-z-]+", rest) if option not in options)


@cache
def settings() -> set[str]:
    sources = [
        *PROJECT.glob("haihe/**/*.py"),
        *PROJECT.glob("tests/**/*.py"),
        PROJECT / "Makefile",
        PROJECT / ".ci/run",
    ]
    return {name for source in sources for name in SETTING.findall(source.read_text(encoding="utf-8"))}


@each_document
def test_settings_exist(document):
    assert set(SETTING.findall(document.read_text(encoding="utf-8"))) <= settings()


def test_every_check_of_verify_belongs_to_an_invariant():
    text = (PROJECT / "INVARIANTS.md").read_text(encoding="utf-8")
    checks = [path.relative_to(PROJECT).as_posix() for path in PROJECT.glob("haihe/**/checks/*.sql")]
    assert checks
    assert not [check for check in checks if check not in text]


def test_every_named_constraint_of_the_money_belongs_to_an_invariant():
    text = (PROJECT / "INVARIANTS.md").read_text(encoding="utf-8")
    for migration in ("0001_ledger.sql", "0002_payments.sql"):
        named = re.findall(r"CONSTRAINT (\w+)", (PROJECT / "migrations" / migration).read_text(encoding="utf-8"))
        assert named
        assert not [name for name in named if f"`{name}`" not in text]


def test_every_dependency_has_its_reason():
    text = (PROJECT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    lines = [
        line for file in PROJECT.glob("requirements*.in") for line in file.read_text(encoding="utf-8").splitlines()
    ]
    names = [found.group() for line in lines if (found := re.match(r"[a-z][\w-]*", line))]
    assert names
    assert not [name for name in names if name not in text]


def test_readmes_give_the_same_commands_links_and_sections():
    texts = {language: PROJECT / name for language, name in READMES.items()}
    shapes = []
    for language, document in texts.items():
        text = document.read_text(encoding="utf-8")
        blocks = [re.sub(r"(?m)\s*#.*$", "", block) for block in FENCE.findall(text)]
        own = re.compile(rf"-{language}(?=\.png$)")
        targets = [own.sub("", target) for _, target in links(document) if target not in READMES.values()]
        shapes.append((blocks, targets, re.findall(r"^#+", text, re.MULTILINE)))
    assert shapes[1:] == shapes[:1] * 2


@pytest.mark.parametrize("language", LANGUAGES)
def test_labels_in_bold_stand_on_the_pages(language):
    with (LOCALES / ("zh" if language == "en" else language) / "LC_MESSAGES" / "messages.po").open("rb") as file:
        texts = {str(message.id if language == "en" else message.string) for message in read_po(file)}
    labels = LABEL.findall((PROJECT / READMES[language]).read_text(encoding="utf-8"))
    assert labels
    assert not [label for label in labels if label not in texts]
