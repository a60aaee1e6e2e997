"""The page and the service agree: on the document that the page's client is made of, and on the page's addresses."""

import re
import subprocess
import sys

from boxoffice.api.operations import OPERATIONS, openapi_json
from boxoffice.api.web import ADDRESSES
from tests.house import pages
from tests.house.tree import ROOT, files_below, page

CONSTANT = re.compile(r"^const ([A-Z]+) = [`'](.*?)[`']$", re.M)
ROUTE = re.compile(r"\bpath: [`'](/.*?)[`']")
EVERYTHING_ELSE = "/:rest"
DOCUMENT = "docs/page.md"
KEEPING = "from '@/kept'"
KEY = re.compile(r"(?:\bKEY =|\bkey =|return) (?:'([a-z-]+)'|`([a-z-]+):)")
MAKES_MARKUP = re.compile(r"v-html|(?:inner|outer)HTML|insertAdjacentHTML|document\.write|\beval\(|new Function|srcdoc")


def addresses_of(router: str) -> set[str]:
    """Return the addresses that a router's source tells, with {} for each part that varies, without the catch-all."""
    constants = dict(CONSTANT.findall(router))
    found = set()
    for path in ROUTE.findall(router):
        while "${" in path:
            path = re.sub(r"\$\{(\w+)\}", lambda match: constants[match[1]], path)
        if not path.startswith(EVERYTHING_ELSE):
            found.add(varying(path))
    return found


def varying(path: str) -> str:
    return "/".join("{}" if re.match(r"[:{]", segment) else segment for segment in path.split("/"))


def kept_keys(source: str) -> list[str]:
    """Return the keys under which a source of the page keeps something in the browser, without what they end in."""
    return [whole or beginning for whole, beginning in KEY.findall(source)] if KEEPING in source else []


def test_the_document_that_the_client_is_made_of_is_what_the_service_tells() -> None:
    kept = page("web/openapi.json")
    assert kept == openapi_json().decode() + "\n", "run `make openapi`"


def test_the_command_prints_the_document() -> None:
    command = [sys.executable, "-m", "boxoffice", "openapi"]
    printed = subprocess.run(command, capture_output=True, check=True, cwd=ROOT).stdout
    assert printed == openapi_json() + b"\n"


def test_the_service_answers_the_addresses_of_the_page() -> None:
    assert addresses_of(page("web/src/router.ts")) == {varying(address) for address in ADDRESSES}


def test_no_address_of_the_page_is_one_of_the_api() -> None:
    api = {operation.path.split("/")[1] for operation in OPERATIONS}
    assert api
    assert api.isdisjoint(address.split("/")[1] for address in ADDRESSES)


def test_every_view_is_documented() -> None:
    assert pages.disagreements(pages.rows(pages.section(page(DOCUMENT), "The views")), ADDRESSES) == []


def test_everything_that_a_browser_keeps_is_documented() -> None:
    sources = [*files_below("web/src", ending=".ts"), *files_below("web/src", ending=".vue")]
    kept = {f"boxoffice:{key}" for source in sources for key in kept_keys(source.text)}
    assert pages.disagreements(pages.rows(pages.section(page(DOCUMENT), "What the browser keeps")), kept) == []


def test_control_a_key_is_read_from_a_source() -> None:
    source = "import { readKept } from '@/kept'\nconst KEY = 'theme'\nconst key = `reference:${id}`\n"
    assert kept_keys(source) == ["theme", "reference"]
    assert kept_keys("const KEY = 'theme'") == []


def test_control_an_address_is_read_from_a_router() -> None:
    router = """
const EVENT = ':eventId([1-9][0-9]*)'
const DATE = `${EVENT}/:date/:startTime`
export const routes = [
  { path: '/', name: 'events' },
  { path: `/shards/${DATE}`, name: 'shards' },
  { path: '/:rest(.*)*', name: 'not-found' },
]
"""
    assert addresses_of(router) == {"/", "/shards/{}/{}/{}"}


def markup_made(source: str) -> list[str]:
    """Return the ways in which a source of the page makes markup or code of texts, which may be anybody's."""
    return MAKES_MARKUP.findall(source)


def test_the_page_puts_texts_in_as_text() -> None:
    sources = [*files_below("web/src", ending=".vue"), *files_below("web/src", ending=".ts")]
    assert len(sources) > 50
    assert [f"{file.path}: {found}" for file in sources for found in markup_made(file.text)] == []


def test_control_markup_made_of_texts_is_found() -> None:
    for bad in ('<p v-html="name" />', "box.innerHTML = name", "document.write(name)", "eval(name)"):
        assert markup_made(bad), bad
    assert markup_made("<p>{{ name }}</p>") == []
