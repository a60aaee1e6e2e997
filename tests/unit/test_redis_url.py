"""What REDIS_URL may name, and that a wrong one is refused in words without what it holds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boxoffice.availability.connect import Cluster, Server, make_client
from boxoffice.errors import CannotStart
from boxoffice.redis_url import read_redis_url
from boxoffice.settings import load_settings

SERVERS = [
    "redis://127.0.0.1",
    "redis://:secret@127.0.0.1:7000/3",
    "rediss://user:secret@redis.example:7000/0?ssl_cert_reqs=none",
    "unix:///run/redis.sock",
    "redis://[::1]:7000/0",
    "redis://",
]


@pytest.mark.parametrize("url", SERVERS)
def test_one_server_is_left_to_the_client_as_it_is(url: str) -> None:
    place = read_redis_url(url)
    assert (place.kind, place.urls) == ("server", (url,))
    assert isinstance(make_client(url), Server)


def test_a_cluster_is_found_by_any_of_its_nodes() -> None:
    place = read_redis_url("redis+cluster://user:p%40ss@one:7000,two,[::1]:7002,one:7000?socket_keepalive=yes")
    assert place.kind == "cluster"
    assert [url.removesuffix("/0?socket_keepalive=yes") for url in place.urls] == [
        "redis://user:p%40ss@one:7000",
        "redis://user:p%40ss@two:6379",
        "redis://user:p%40ss@[::1]:7002",
    ]
    assert isinstance(make_client("redis+cluster://one:7000,127.0.0.1:7001/0"), Cluster)


def test_sentinels_have_a_service_and_a_password_of_their_own() -> None:
    url = "rediss+sentinel://:secret@one,two:7000/my-master/2?sentinel_username=watch&sentinel_password=a%2Fb"
    place = read_redis_url(url)
    assert (place.kind, place.service, place.encrypted) == ("sentinel", "my-master", True)
    assert (place.sentinel_username, place.sentinel_password) == ("watch", "a/b")
    assert place.urls == ("rediss://:secret@one:26379/2", "rediss://:secret@two:7000/2")
    assert isinstance(make_client(url), Server)


WRONG = {
    "http://:secret@one": "begins with",
    "redis+claster://one": "begins with",
    "unix+cluster:///run/secret.sock": "begins with",
    "redis://:secret@one,two": "several servers",
    "redis://:secret@one:port": "host 1 of 1",
    "redis+cluster://": "host 1 of 1",
    "redis+cluster://:secret@one,,two": "host 2 of 3",
    "redis+cluster://:secret@one:0": "host 1 of 1",
    "redis+cluster://:secret@one:70000": "host 1 of 1",
    "redis+cluster://:secret@one/3": "database 0 alone",
    "redis+cluster://:secret@one/secret": "whole number",
    "redis+sentinel://:secret@one,two": "the name of their service",
    "redis+sentinel://:secret@one/my-master/first": "whole number",
}


@pytest.mark.parametrize("url", WRONG)
def test_a_wrong_one_is_refused_by_name_and_not_told(url: str) -> None:
    with pytest.raises(CannotStart, match=rf"^REDIS_URL: .*{WRONG[url]}") as refused:
        load_settings({"REDIS_URL": url})
    assert "secret" not in str(refused.value)


@given(st.text() | st.text().map("redis+cluster://".__add__) | st.text().map("redis+sentinel://".__add__))
def test_whatever_is_told_it_is_read_or_refused(told: str) -> None:
    try:
        place = read_redis_url(told)
    except CannotStart:
        return
    assert place.urls
