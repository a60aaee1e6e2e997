"""The page for people, as Vite has built it: read into memory when it is first asked for, and sent from there.

What Vite names by its content (`assets/`) may be kept for ever; the page itself is asked for again, by its ETag. A file
with `.br` or `.gz` behind its name is the compressed form of the other, made when the page is built. Only names that
were found in the folder at that moment lead anywhere: no path of a request ever reaches the file system.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path

import msgspec

from boxoffice.api.call import CONTENT_TYPE, NO_CACHE, Answer, Call
from boxoffice.api.conditional import tag_of, unless_known
from boxoffice.api.pages import HTML, PAGE_POLICY, STYLE
from boxoffice.api.resource import Handler
from boxoffice.errors import NotFound
from boxoffice.http.request import Header

INDEX = "index.html"
ASSETS = "assets/"
FOR_EVER = ("cache-control", "public, max-age=31536000, immutable")
VARY = ("vary", "accept-encoding")
CODINGS: Mapping[str, str] = {"br": ".br", "gzip": ".gz"}
"""Content codings with the endings of their files, the smaller one first."""
POLICY = (
    "content-security-policy",
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self';"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
)
MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}
ANY_MEDIA_TYPE = "application/octet-stream"

NOT_BUILT = f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Boxoffice</title>
<style>{STYLE}</style>
</head>
<body>
<h1>Boxoffice</h1>
<p>The service runs, but its page has not been built. <code>make run</code> builds it before it starts the service,
<code>make web</code> builds it alone.</p>
<p><a href="/docs">All of the API</a> works without it.</p>
</body>
</html>
""".encode()


class WebFile(msgspec.Struct, frozen=True, kw_only=True):
    """One file in all its forms: what is sent by content coding, "" for none, with the ETag of each."""

    headers: Sequence[Header]
    bodies: Mapping[str, bytes]
    tags: Mapping[str, str]


async def show_index(call: Call) -> Answer:
    """Send the page, which finds out by itself what its address means; when there is none, a page that says so."""
    index = _files(call).get(INDEX)
    if index is None:
        return unless_known(call, Answer(200, NOT_BUILT, (HTML, PAGE_POLICY, NO_CACHE)))
    return _file_answer(call, index)


async def show_asset(call: Call) -> Answer:
    """Send a file that the page is made of."""
    return _file_answer(call, _files(call).get(ASSETS + call.segments[0]))


ADDRESSES = (
    "/",
    "/event/{event_id}",
    "/event/{event_id}/{date}/{start_time}",
    "/booking/{reservation_id}",
    "/shards/{event_id}/{date}/{start_time}",
    "/rush/{event_id}/{date}/{start_time}",
    "/manage",
    "/manage/event/{event_id}",
    "/manage/event/{event_id}/{date}/{start_time}",
)
"""What the page shows; a test holds its router to the same."""
ROUTES: Mapping[str, Handler] = {**dict.fromkeys(ADDRESSES, show_index), f"/{ASSETS}{{file}}": show_asset}


@cache
def web_files(folder: Path) -> Mapping[str, WebFile]:
    """Return every file of a built page by its name, subfolders with a slash; none when there is no such folder.

    The folder is read once. Links are left out: they could lead anywhere.
    """
    bodies = {path.relative_to(folder).as_posix(): path.read_bytes() for path in _regular_files(folder)}
    compressed = {name + ending for name in bodies for ending in CODINGS.values()}
    return {name: _web_file(name, bodies) for name in bodies if name not in compressed}


def _regular_files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if path.is_symlink():
            continue
        if path.is_dir():
            yield from _regular_files(path)
        elif path.is_file():
            yield path


def _web_file(name: str, found: Mapping[str, bytes]) -> WebFile:
    bodies = {"": found[name]}
    bodies |= {coding: found[name + ending] for coding, ending in CODINGS.items() if name + ending in found}
    media_type = MEDIA_TYPES.get(Path(name).suffix, ANY_MEDIA_TYPE)
    headers = [(CONTENT_TYPE, media_type), VARY, FOR_EVER if name.startswith(ASSETS) else NO_CACHE]
    headers += [POLICY] if media_type == MEDIA_TYPES[".html"] else []
    return WebFile(headers=headers, bodies=bodies, tags={coding: tag_of(body) for coding, body in bodies.items()})


def chosen_coding(accepted: str, offered: Mapping[str, object]) -> str:
    """Return the content coding that is sent to a client that accepts these (RFC 9110, section 12.5.3); "" for none."""
    weights = dict(_weight(part) for part in accepted.lower().split(","))
    wanted = {coding: weights.get(coding, weights.get("*", 0.0)) for coding in CODINGS if coding in offered}
    best = max(wanted, key=lambda coding: wanted[coding], default="")
    return best if wanted.get(best, 0.0) > 0 else ""


def _weight(part: str) -> tuple[str, float]:
    coding, _, parameters = part.partition(";")
    name, _, weight = parameters.partition("=")
    try:
        return coding.strip(), float(weight) if name.strip() == "q" else 1.0
    except ValueError:
        return coding.strip(), 0.0


def _file_answer(call: Call, file: WebFile | None) -> Answer:
    if file is None:
        raise NotFound("The page has no such file.")
    coding = chosen_coding(",".join(call.headers("accept-encoding")), file.bodies)
    encoded = [("content-encoding", coding)] if coding else []
    return unless_known(call, Answer(200, file.bodies[coding], (*file.headers, *encoded)), file.tags[coding])


def _files(call: Call) -> Mapping[str, WebFile]:
    given = call.office.settings.web_dir
    return web_files(Path(given).absolute() if given else _own_folder())


@cache
def _own_folder() -> Path:
    """Return where the page lies that came with the program: in a clone a link to what Vite builds."""
    return Path(str(files("boxoffice") / "page"))
