"""The files that browsers keep: read once, named by the digest of them all, so that they never go stale.

A file of the kit is /static/<digest>/js/app.js, one of a part /static/<digest>/<part>/terminal.js, one brought by `make`
/static/<digest>/vendor/jsQR.js. Modules import each other relatively and therefore keep the digest. The one stylesheet
app.css is `styles/*.css` in the order of their names, then the `*.css` of the parts. Only files listed at start are served,
so nothing hidden and nothing outside can be asked for.
"""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import msgspec
from litestar import Request, Response, get
from litestar.exceptions import NotFoundException

from haihe.base.settings import VENDOR
from haihe.web.part import Part

KIT: Final = Path(__file__).parent / "static"
STYLES: Final = Path(__file__).parent / "styles"
STYLESHEET: Final = "app.css"
VENDOR_FILES: Final = ("jsQR.js",)
WORKER: Final = "js/service-worker.js"
MANIFEST: Final = "manifest.webmanifest"
ROOT_FILES: Final = ("sw.js", MANIFEST, "robots.txt", "favicon.ico")
FOREVER: Final = "public, max-age=31536000, immutable"
DIGEST_CHARACTERS: Final = 12
GZIP_BYTES_MIN: Final = 600
SHELL: Final = (STYLESHEET, "js/app.js", "js/once.js", "icons/icon.svg")
"""What the service worker keeps beside the offline page."""

_TYPES: Final[Mapping[str, str]] = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".mp3": "audio/mpeg",
    ".wav": "audio/wav",
    ".webmanifest": "application/manifest+json",
    ".txt": "text/plain",
}
_SERVED: Final = frozenset(_TYPES) - {".css"}


@dataclass(frozen=True)
class StaticFile:
    """A file in memory, with its compressed form if that is smaller (empty if not)."""

    body: bytes
    packed: bytes
    kind: str
    etag: str


@dataclass(frozen=True)
class StaticFiles:
    """All files of the faces, the digest that names them, and those that browsers look for at the root."""

    files: Mapping[str, StaticFile]
    digest: str
    root: Mapping[str, StaticFile] = field(default_factory=dict)

    def url(self, name: str) -> str:
        """Give the address of a file, for example `url("app.css")`; a name nobody has is a defect."""
        if name not in self.files:
            raise KeyError(name)
        return f"/static/{self.digest}/{name}"


def gather(parts: Sequence[Part] = ()) -> StaticFiles:
    """Read the kit's, the vendor's and the parts' files."""
    files = dict(_read_all(parts))
    total = hashlib.sha256()
    for name in sorted(files):
        total.update(f"{name}\0{files[name].etag}\n".encode())
    found = StaticFiles(files, total.hexdigest()[:DIGEST_CHARACTERS])
    return replace(found, root=dict(_at_root(found)))


def _at_root(static: StaticFiles) -> Iterator[tuple[str, StaticFile]]:
    told = {"cache": f"haihe-{static.digest}", "files": [static.url(name) for name in SHELL]}
    yield "sw.js", in_memory(b"self.SHELL = %b;\n" % msgspec.json.encode(told) + static.files[WORKER].body, WORKER)
    manifest = static.files[MANIFEST].body.replace(b"/static/", f"/static/{static.digest}/".encode())
    yield MANIFEST, in_memory(manifest, MANIFEST)
    yield "robots.txt", static.files["robots.txt"]
    yield "favicon.ico", static.files["icons/icon-192.png"]


def _read_all(parts: Sequence[Part]) -> Iterator[tuple[str, StaticFile]]:
    yield STYLESHEET, in_memory(_stylesheet(parts), STYLESHEET)
    yield from _read_tree(KIT, prefix="")
    yield from ((f"vendor/{name}", in_memory((VENDOR / name).read_bytes(), name)) for name in VENDOR_FILES)
    for part in parts:
        if part.static:
            yield from _read_tree(part.static, prefix=f"{part.name}/")


def _stylesheet(parts: Sequence[Part]) -> bytes:
    folders = [STYLES, *(part.static for part in parts if part.static)]
    return b"\n".join(path.read_bytes() for folder in folders for path in sorted(folder.glob("*.css")))


def _read_tree(folder: Path, *, prefix: str) -> Iterable[tuple[str, StaticFile]]:
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and path.suffix in _SERVED and not any(piece.startswith(".") for piece in name.split("/")):
            yield prefix + name, in_memory(path.read_bytes(), name)


def in_memory(body: bytes, name: str) -> StaticFile:
    """Hold a file's bytes ready to be sent; its kind follows from its name."""
    packed = gzip.compress(body, 9, mtime=0) if len(body) >= GZIP_BYTES_MIN else b""
    etag = f'"{hashlib.sha256(body).hexdigest()[:24]}"'
    return StaticFile(body, packed if len(packed) < len(body) else b"", _TYPES[Path(name).suffix], etag)


def answer(request: Request[Any, Any, Any], file: StaticFile, *, cache: str) -> Response[bytes]:
    """Send a file, or 304 if the browser has it."""
    headers = {"Cache-Control": cache, "ETag": file.etag, "Vary": "Accept-Encoding"}
    known = {tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")}
    if file.etag in known:
        return Response(b"", status_code=304, headers=headers)
    if file.packed and "gzip" in request.headers.get("accept-encoding", ""):
        return Response(file.packed, media_type=file.kind, headers={**headers, "Content-Encoding": "gzip"})
    return Response(file.body, media_type=file.kind, headers=headers)


@get("/static/{digest:str}/{name:path}")
async def static_file(request: Request[Any, Any, Any], digest: str, name: str, static: StaticFiles) -> Response[bytes]:
    """Serve a file for ever; under an old digest the present file, for now only."""
    file = static.files.get(name.removeprefix("/"))
    if file is None:
        raise NotFoundException
    return answer(request, file, cache=FOREVER if digest == static.digest else "no-cache")


@get([f"/{name}" for name in ROOT_FILES])
async def root_file(request: Request[Any, Any, Any], static: StaticFiles) -> Response[bytes]:
    """Serve the service worker (told the digest and what to keep: a new digest is a new worker), manifest, robots, icon."""
    return answer(request, static.root[request.url.path.removeprefix("/")], cache="no-cache")


HANDLERS: Final = (static_file, root_file)
