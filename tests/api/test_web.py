"""The page is served from memory: compressed, kept for ever or asked for again, and nothing else of the disk."""

import gzip
import re
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import msgspec
import pytest

from boxoffice.api.front import Front
from boxoffice.api.web import ADDRESSES, chosen_coding
from boxoffice.app import open_office
from boxoffice.errors import CannotStart
from boxoffice.http.request import Header, Headers, Request
from boxoffice.settings import Settings
from tests.api.shop import DATE, Shop, assert_problem, open_shop

INDEX = b"<!doctype html><title>the page</title>"
SCRIPT = b"console.log(1)"
SECRET = b"the secret"
POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "connect-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": "'none'",
}


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """A folder as Vite leaves it; only the script is compressed in both ways."""
    folder = tmp_path / "dist"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_bytes(INDEX)
    (folder / "index.html.gz").write_bytes(gzip.compress(INDEX))
    (folder / "assets/index-1.js").write_bytes(SCRIPT)
    (folder / "assets/index-1.js.gz").write_bytes(gzip.compress(SCRIPT, mtime=0))
    (folder / "assets/index-1.js.br").write_bytes(b"as if by brotli")
    (folder / "assets/icon-1.svg").write_bytes(b"<svg/>")
    (tmp_path / "secret").write_bytes(SECRET)
    (folder / "assets/link.js").symlink_to(tmp_path / "secret")
    return folder


@pytest.fixture
async def shop(settings: Settings, built: Path) -> AsyncIterator[Shop]:
    """A client of a box office with a built page."""
    async with open_shop(msgspec.structs.replace(settings, web_dir=str(built))) as opened:
        yield opened


class Way:
    """The way of one answer, as it was given to the server."""

    status: int
    headers: Sequence[Header]
    content: bytes

    def send(self, _: Request, status: int, headers: Headers, body: bytes) -> None:
        assert isinstance(headers, bytes)
        pairs = [line.split(": ", 1) for line in headers.decode("latin-1").splitlines()]
        self.status, self.headers, self.content = status, [(name, value) for name, value in pairs], body


async def ask(shop: Shop, target: str, *, method: str = "GET", **headers: str) -> Way:
    """Ask without a client's own decompression."""
    way = Way()
    sent = [(name.replace("_", "-").lower(), value) for name, value in headers.items()]
    await Front(shop.office).answer(Request(way, method=method, target=target.encode(), headers=sent))
    return way


@pytest.mark.parametrize("address", ADDRESSES)
async def test_each_address_of_the_page_is_answered_with_it(shop: Shop, address: str) -> None:
    values = {"event_id": "7", "date": DATE, "start_time": "20:00:00", "reservation_id": "no-reservation"}
    answer = await shop.get(f"{address.format(**values)}?from={DATE}")
    assert (answer.status_code, answer.content) == (200, INDEX)
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.headers["vary"] == "accept-encoding"
    assert answer.headers["x-content-type-options"] == "nosniff"
    policy = dict(part.strip().split(" ", 1) for part in answer.headers["content-security-policy"].split(";"))
    assert policy == POLICY


async def test_what_is_named_by_its_content_is_kept_for_ever(shop: Shop) -> None:
    script = await shop.get("/assets/index-1.js", Accept_Encoding="gzip")
    assert (script.status_code, script.content) == (200, SCRIPT)
    assert script.headers["content-type"] == "text/javascript; charset=utf-8"
    assert script.headers["cache-control"] == "public, max-age=31536000, immutable"
    icon = await shop.get("/assets/icon-1.svg", Accept_Encoding="gzip, br")
    assert (icon.content, icon.headers["content-type"]) == (b"<svg/>", "image/svg+xml")
    assert "content-encoding" not in icon.headers
    assert icon.headers["vary"] == "accept-encoding"


@pytest.mark.parametrize(
    ("accepted", "coding", "content"),
    [
        ("gzip, deflate, br, zstd", "br", b"as if by brotli"),
        ("gzip", "gzip", gzip.compress(SCRIPT, mtime=0)),
        ("br;q=0, *", "gzip", gzip.compress(SCRIPT, mtime=0)),
        ("identity", None, SCRIPT),
        ("", None, SCRIPT),
    ],
)
async def test_the_smallest_form_that_is_accepted_is_sent(
    shop: Shop, accepted: str, coding: str | None, content: bytes
) -> None:
    way = await ask(shop, "/assets/index-1.js", Accept_Encoding=accepted)
    headers = dict(way.headers)
    assert headers.get("content-encoding") == coding
    if coding == "gzip":
        assert gzip.decompress(way.content) == SCRIPT
    else:
        assert way.content == content
    head = await shop.client.head("/assets/index-1.js", headers={"Accept-Encoding": accepted})
    assert {name: head.headers[name] for name in headers} == headers
    assert head.headers["content-length"] == str(len(way.content))


async def test_each_form_has_an_etag_of_its_own_by_which_it_is_asked_for_again(shop: Shop) -> None:
    forms = {coding: await ask(shop, "/", Accept_Encoding=coding) for coding in ("identity", "gzip")}
    tags = {coding: dict(way.headers)["etag"] for coding, way in forms.items()}
    assert len(set(tags.values())) == 2
    for coding, tag in tags.items():
        again = await ask(shop, "/event/1", Accept_Encoding=coding, If_None_Match=tag)
        assert (again.status, again.content) == (304, b"")
        assert {"etag", "vary", "cache-control", "content-security-policy"} <= dict(again.headers).keys()
        assert {"content-encoding", "content-type"}.isdisjoint(dict(again.headers))
    other = await ask(shop, "/", Accept_Encoding="gzip", If_None_Match=tags["identity"])
    assert other.status == 200


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("br", "br"),
        ("BR", "br"),
        ("gzip;q=0.5, br;q=0.4", "gzip"),
        ("gzip;q=1.0, br;q=1.0", "br"),
        ("br ; q=0.1", "br"),
        ("*", "br"),
        ("*;q=0", ""),
        ("br;q=0", ""),
        ("br;q=0, gzip;q=0.0", ""),
        ("br;q=x", ""),
        ("deflate", ""),
        ("bro, xgzip", ""),
        (",;,=;q", ""),
    ],
)
def test_a_coding_is_chosen_by_its_weight(accepted: str, coding: str) -> None:
    assert chosen_coding(accepted, {"": b"", "br": b"", "gzip": b""}) == coding


def test_only_what_there_is_is_chosen() -> None:
    assert chosen_coding("br, gzip", {"": b"", "gzip": b""}) == "gzip"
    assert chosen_coding("br, gzip", {"": b""}) == ""


@pytest.mark.parametrize(
    "path",
    [
        "/index.html",
        "/secret",
        "/assets",
        "/assets/",
        "/assets/.",
        "/assets/..",
        "/assets/../index.html",
        "/assets/../../secret",
        "/assets/..%2F..%2Fsecret",
        "/assets/%2e%2e%2f%2e%2e%2fsecret",
        "/assets/..%5C..%5Csecret",
        "/assets/index-1.js%00",
        "/assets/index-1.js/",
        "/assets/index-1.js.br",
        "/assets/index-1.js.gz",
        "/assets//index-1.js",
        "//assets/index-1.js",
        "/assets/link.js",
        "/assets/INDEX-1.JS",
        "/event",
        "/event/",
        "/event/1/",
        "/event/1/2",
        "/booking",
        "/booking/x/y",
        "/manage/",
        "/manage/event",
        "/shards/1",
        "/page",
    ],
)
async def test_other_paths_lead_nowhere(shop: Shop, path: str) -> None:
    way = await ask(shop, path)
    assert way.status == 404
    assert dict(way.headers)["content-type"] == "application/problem+json"
    assert SECRET not in way.content


async def test_control_a_file_that_is_there_is_sent(settings: Settings, built: Path) -> None:
    """The same names lead somewhere once regular files have them: what refuses them above is what they are."""
    (built / "assets/link.js").unlink()
    (built / "assets/link.js").write_bytes(SECRET)
    (built / "assets/index-1.js").unlink()
    async with open_shop(msgspec.structs.replace(settings, web_dir=str(built))) as shop:
        assert (await ask(shop, "/assets/link.js")).content == SECRET
        assert (await ask(shop, "/assets/index-1.js.br")).content == b"as if by brotli"


async def test_the_disk_is_read_when_the_office_opens_and_never_again(settings: Settings, built: Path) -> None:
    own = msgspec.structs.replace(settings, web_dir=str(built))
    async with open_shop(own) as shop:
        (built / "index.html").write_bytes(b"changed")
        assert (await ask(shop, "/")).content == INDEX
    async with open_shop(own) as shop:
        assert (await ask(shop, "/")).content == b"changed"


async def test_a_page_that_cannot_be_read_keeps_the_office_closed(settings: Settings) -> None:
    own = msgspec.structs.replace(settings, web_dir="/" + "x" * 300)  # no system looks up a name of this length
    with pytest.raises(CannotStart, match=r"the page cannot be read .*BOXOFFICE_WEB_DIR"):
        async with open_office(own):
            raise AssertionError("it opened")


async def test_a_page_knows_get_and_head_alone(shop: Shop) -> None:
    for path in ("/", "/manage", "/assets/index-1.js", "/assets/none"):
        answer = await shop.post(path, {})
        assert_problem(answer, 405, "method-not-allowed")
        assert answer.headers["allow"] == "GET, HEAD"


async def test_where_nothing_is_built_a_page_says_so(settings: Settings, tmp_path: Path) -> None:
    async with open_shop(msgspec.structs.replace(settings, web_dir=str(tmp_path / "nothing"))) as shop:
        answer = await shop.get("/event/1")
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert answer.headers["cache-control"] == "no-cache"
        assert "has not been built" in answer.text
        assert "restart" in answer.text
        assert re.findall(r'href="([^"]+)"', answer.text) == ["/docs"]
        assert "<script" not in answer.text
        assert (await shop.get("/", If_None_Match=answer.headers["etag"])).status_code == 304
        assert_problem(await shop.get("/assets/index-1.js"), 404, "not-found")
