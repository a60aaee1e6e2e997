"""The page for people, sent from memory (web_files.py).

What Vite names by its content (`assets/`) may be kept for ever; the page itself is asked for again, by its ETag.
"""

from collections.abc import Mapping
from pathlib import PurePosixPath

from boxoffice.api.call import CONTENT_TYPE, NO_CACHE, PLAIN, Answer, Call, page_security
from boxoffice.api.conditional import unless_known
from boxoffice.api.pages import HTML, PAGE, STYLE
from boxoffice.api.resource import Handler
from boxoffice.api.web_files import CODINGS, WebFile
from boxoffice.errors import NotFound

INDEX = "index.html"
ASSETS = "assets/"
FOR_EVER = ("cache-control", "public, max-age=31536000, immutable")
VARY = ("vary", "accept-encoding")
SECURITY = page_security(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self';"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
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
<code>make web</code> builds it alone; restart the service after it.</p>
<p><a href="/docs">All of the API</a> works without it.</p>
</body>
</html>
""".encode()


async def show_index(call: Call) -> Answer:
    """Send the page, which finds out by itself what its address means; when there is none, a page that says so."""
    index = call.office.web_files.get(INDEX)
    if index is None:
        return unless_known(call, Answer(200, NOT_BUILT, (HTML, NO_CACHE), security=PAGE))
    return _file_answer(call, INDEX, index)


async def show_asset(call: Call) -> Answer:
    """Send a file that the page is made of."""
    name = ASSETS + call.segments[0]
    return _file_answer(call, name, call.office.web_files.get(name))


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


def _file_answer(call: Call, name: str, file: WebFile | None) -> Answer:
    if file is None:
        raise NotFound("The page has no such file.")
    coding = chosen_coding(",".join(call.headers("accept-encoding")), file.bodies)
    encoded = [("content-encoding", coding)] if coding else []
    media_type = MEDIA_TYPES.get(PurePosixPath(name).suffix, ANY_MEDIA_TYPE)
    lifetime = FOR_EVER if name.startswith(ASSETS) else NO_CACHE
    headers = ((CONTENT_TYPE, media_type), VARY, lifetime, *encoded)
    security = SECURITY if media_type == MEDIA_TYPES[".html"] else PLAIN
    return unless_known(call, Answer(200, file.bodies[coding], headers, security=security), file.tags[coding])
