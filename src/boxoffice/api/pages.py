"""Pages for people: one behind each problem type, and the interactive documentation; none asks another host."""

from functools import cache
from html import escape
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path

from markdown_it import MarkdownIt

from boxoffice.api.call import CONTENT_TYPE, NO_CACHE, Answer, Call, page_security
from boxoffice.api.conditional import unless_known
from boxoffice.api.operation import Granted, Operation
from boxoffice.api.parameters import CACHE_CONTROL, ETAG, IF_NONE_MATCH
from boxoffice.api.problems import all_problems
from boxoffice.api.resource import Handler
from boxoffice.errors import NotFound

HTML = (CONTENT_TYPE, "text/html; charset=utf-8")
PAGE = page_security(
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
DOCS = page_security(
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:;"
    " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
MEDIA_TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".png": "image/png"}
FROM_SWAGGER_UI = ("swagger-ui.css", "swagger-ui-bundle.js", "favicon-32x32.png")
START_SCRIPT = "start.js"

STYLE = """body{font:1rem/1.6 system-ui,sans-serif;max-width:42rem;margin:3rem auto;padding:0 1rem;color:#1d2330;
background:#fff}code{background:#eef0f4;padding:.1em .3em;border-radius:.2em}a{color:#0b57a4}
@media(prefers-color-scheme:dark){body{color:#e3e6ec;background:#15181f}code{background:#2a2f3a}a{color:#7db7f5}}"""

DOCS_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Boxoffice API</title>
<link rel="icon" href="/docs/favicon-32x32.png">
<link rel="stylesheet" href="/docs/swagger-ui.css">
</head>
<body>
<div id="docs"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
"""

# Without validatorUrl the page would show a badge from a host of the Swagger project.
START = """SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#docs",
  deepLinking: true,
  displayRequestDuration: true,
  tryItOutEnabled: true,
  validatorUrl: null,
});
"""


async def show_problem(call: Call) -> Answer:
    """Explain one problem type to a person."""
    pages = problem_pages()
    (slug,) = call.segments
    if slug not in pages:
        raise NotFound("There is no such problem type.")
    return unless_known(call, Answer(200, pages[slug], (HTML, NO_CACHE), security=PAGE))


async def show_docs(call: Call) -> Answer:
    """Show the interactive documentation of the API."""
    return unless_known(call, Answer(200, DOCS_PAGE.encode(), (HTML, NO_CACHE), security=DOCS))


async def show_docs_file(call: Call) -> Answer:
    """Send one of the files that the interactive documentation is made of."""
    (name,) = call.segments
    content = docs_files().get(name)
    if content is None:
        raise NotFound("The documentation has no such file.")
    media_type = (CONTENT_TYPE, MEDIA_TYPES[Path(name).suffix])
    return unless_known(call, Answer(200, content, (media_type, NO_CACHE)))


@cache
def problem_pages() -> dict[str, bytes]:
    """Return the page of every problem type by its slug, made from explanations/<slug>.md."""
    folder = files("boxoffice.api").joinpath("explanations")
    return {
        problem.slug: _page(problem.title, problem.status, folder.joinpath(f"{problem.slug}.md").read_text("utf-8"))
        for problem in all_problems()
    }


def _page(title: str, status: int, explanation: str) -> bytes:
    text = MarkdownIt("commonmark").render(explanation)
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)} - Boxoffice</title>
<style>{STYLE}</style>
</head>
<body>
<h1>{escape(title)}</h1>
<p>Status {status}</p>
{text}
<p><a href="/docs">All of the API</a></p>
</body>
</html>
""".encode()


@cache
def docs_files() -> dict[str, bytes]:
    """Return the files of the interactive documentation by name; those of Swagger UI come from its package."""
    # Found without being imported: importing it would load a template engine that nobody uses.
    package = find_spec("swagger_ui_bundle")
    if package is None or package.origin is None:
        raise FileNotFoundError("the package swagger-ui-bundle-v2 is not installed")
    folder = max((Path(package.origin).parent / "vendor").glob("swagger-ui-5.*"))
    return {START_SCRIPT: START.encode()} | {name: (folder / name).read_bytes() for name in FROM_SWAGGER_UI}


def _page_operation(path: str, handler: Handler, name: str, summary: str, media_type: str) -> Operation:
    return Operation(
        method="GET",
        path=path,
        handler=handler,
        name=name,
        group="Service",
        summary=summary,
        headers=(IF_NONE_MATCH,),
        granted=(
            Granted(status=200, description="The page.", media_type=media_type, headers=(ETAG, CACHE_CONTROL)),
            Granted(status=304, description="Unchanged.", headers=(ETAG, CACHE_CONTROL)),
        ),
        asks_database=False,
    )


OPERATIONS = (
    _page_operation("/docs", show_docs, "getDocs", "Interactive documentation", "text/html"),
    _page_operation("/docs/{file}", show_docs_file, "getDocsFile", "A file of the documentation", "*/*"),
    _page_operation("/problems/{slug}", show_problem, "getProblemType", "What a problem type means", "text/html"),
)
