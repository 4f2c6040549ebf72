"""What the documents name: the paths and names between their backticks, their links, and the rows of their tables."""

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
HOMES = (ROOT, ROOT / "payouts")  # where a path of a document may begin
ENDINGS = (".py", ".sql", ".md", ".html", ".toml", ".txt", ".in", ".css")
FENCED = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
SAID = re.compile(r"`([^`\n]+)`")
PLACEHOLDER = re.compile(r"<\w+>")


def pages() -> list[Path]:
    """Every document, those in front of the house included."""
    return [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted(DOCS.glob("*.md")), *sorted(DOCS.glob("decisions/*.md"))]


def said(text: str) -> list[str]:
    """What stands between backticks, examples of code aside."""
    return SAID.findall(FENCED.sub("", text))


def paths(text: str) -> Iterator[tuple[str, str]]:
    """(path, name in it) of each that looks like a path of this tree; the name is empty where there is none."""
    for each in said(text):
        path, _, name = each.partition(": ")
        first, *_ = path.split(" ")  # a command is named with what follows it
        if _looks_like_a_path(first):
            yield first, name.strip()


def _looks_like_a_path(text: str) -> bool:
    top, slash, _ = text.partition("/")
    if not re.fullmatch(r"[\w.<>*/-]+", text) or not top:
        return False
    return text.endswith(ENDINGS) or (bool(slash) and any((home / top).is_dir() for home in HOMES))


def found(path: str) -> list[Path]:
    """The files and folders of the tree that a path stands for; `<room>` stands for any."""
    pattern = PLACEHOLDER.sub("*", path).rstrip("/")
    return [each for home in HOMES for each in home.glob(pattern)]


def stale(text: str) -> list[str]:
    """Each path that is not there, and each name that its file does not mention."""
    return [
        f"{path}: {name}" if name else path
        for path, name in paths(text)
        if not any(_mentions(each, name) for each in found(path))
    ]


def _mentions(path: Path, name: str) -> bool:
    return not name or (path.is_file() and re.search(rf"\b{re.escape(name)}\b", path.read_text()) is not None)


def broken_links(page: Path) -> list[str]:
    """The links to files of ours that lead nowhere."""
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)", FENCED.sub("", page.read_text()))
    return [link for link in links if "://" not in link and not (page.parent / link).exists()]


def table(text: str, heading: str) -> list[list[str]]:
    """The cells of each row below the row of headings that begins like this."""
    lines = iter(text.splitlines())
    for line in lines:
        if line.startswith(heading):
            break
    next(lines)
    rows = []
    for line in lines:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip("|").split("|")])
    return rows


def arrows(text: str, kind: str) -> set[tuple[str, str]]:
    """From where to where the solid arrows of the picture of that kind lead; the start of all is left out."""
    (picture,) = (body for language, body in FENCED.findall(text) if language == "mermaid" and body.startswith(kind))
    return set(re.findall(r"^ +(\w+) --> (\w+)", picture, re.MULTILINE))
