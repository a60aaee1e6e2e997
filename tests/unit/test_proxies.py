"""Who counts as one client: the address of the connection, unless a proxy is trusted; never what a client writes."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boxoffice.proxies import HOPS_MAX, Header, Proxies, name_of, read_address, read_networks

TRUSTED = read_networks("10.0.0.0/8, 2001:db8:1::/48, 127.0.0.1")
addresses = st.ip_addresses().map(str)


@given(peer=addresses, told=st.lists(st.text() | addresses), header=st.sampled_from(["x-forwarded-for", "forwarded"]))
def test_nobody_is_believed_by_default(peer: str, told: list[str], header: Header) -> None:
    assert Proxies((), header).client_of(peer, told) == name_of(ipaddress.ip_address(peer)) or "::ffff" in peer


@pytest.mark.parametrize(
    ("peer", "client"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:9:8:7:6:5:4", "2001:db8:9:8::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
    ],
)
def test_what_a_client_is_counted_by(peer: str, client: str) -> None:
    assert Proxies().client_of(peer, []) == client


@pytest.mark.parametrize(
    ("peer", "told", "client"),
    [
        ("10.0.0.1", ["192.0.2.1"], "192.0.2.1"),
        ("10.0.0.1", ["203.0.113.9, 192.0.2.1"], "192.0.2.1"),
        ("10.0.0.1", ["203.0.113.9", "192.0.2.1"], "192.0.2.1"),
        ("10.0.0.1", ["203.0.113.9, 192.0.2.1, 10.9.9.9"], "192.0.2.1"),
        ("10.0.0.1", ["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
        ("10.0.0.1", ["192.0.2.1:4711"], "192.0.2.1"),
        ("10.0.0.1", ["[2001:db8:9::1]:4711"], "2001:db8:9::/64"),
        ("10.0.0.1", ["2001:db8:9::1"], "2001:db8:9::/64"),
        ("2001:db8:1::5", ["192.0.2.1"], "192.0.2.1"),
        ("10.0.0.1", ["192.0.2.1, unknown"], "10.0.0.1"),
        ("10.0.0.1", ["192.0.2.1,"], "10.0.0.1"),
        ("10.0.0.1", ["192.0.2.1, 10.0.0.2, x"], "10.0.0.1"),
        ("10.0.0.1", [""], "10.0.0.1"),
        ("10.0.0.1", [], "10.0.0.1"),
        ("192.0.2.7", ["203.0.113.9"], "192.0.2.7"),
        ("10.0.0.1", ["192.0.2.1", "10.0.0.2," * (HOPS_MAX - 1) + "10.0.0.3"], "10.0.0.2"),
    ],
)
def test_a_trusted_proxy_tells_the_nearest_client(peer: str, told: list[str], client: str) -> None:
    assert Proxies(TRUSTED).client_of(peer, told) == client


@pytest.mark.parametrize(
    ("told", "client"),
    [
        (["for=192.0.2.1"], "192.0.2.1"),
        (['for=203.0.113.9, For="192.0.2.1:4711";proto=https;by=10.0.0.1'], "192.0.2.1"),
        (['proto=https; for="[2001:db8:9::1]:4711"'], "2001:db8:9::/64"),
        (['for="a,b", for=192.0.2.1'], "192.0.2.1"),
        (["for=192.0.2.1", "for=10.0.0.5"], "192.0.2.1"),
        (['for=203.0.113.9;x=", for="192.0.2.1:80"'], "192.0.2.1"),
        (["for=unknown"], "10.0.0.1"),
        (["for=_hidden"], "10.0.0.1"),
        (["by=192.0.2.1"], "10.0.0.1"),
        (["notfor=192.0.2.1"], "10.0.0.1"),
        (["192.0.2.1"], "10.0.0.1"),
    ],
)
def test_a_trusted_proxy_may_tell_it_by_the_standard_header(told: list[str], client: str) -> None:
    assert Proxies(TRUSTED, "forwarded").client_of("10.0.0.1", told) == client


@given(
    spoofed=st.lists(st.text(st.characters(codec="latin-1", exclude_characters="\r\n\0")), max_size=3),
    real=st.ip_addresses(v=4).filter(
        lambda each: not any(each in network for network in TRUSTED if network.version == 4)
    ),
)
def test_nothing_that_a_client_writes_makes_it_another(spoofed: list[str], real: ipaddress.IPv4Address) -> None:
    """The proxy adds the address that it sees to the right of what came, or in a line of its own."""
    proxies = Proxies(TRUSTED)
    assert proxies.client_of("10.0.0.1", [", ".join([*spoofed, str(real)])]) == str(real)
    assert proxies.client_of("10.0.0.1", [*spoofed, str(real)]) == str(real)
    standard = Proxies(TRUSTED, "forwarded")
    assert standard.client_of("10.0.0.1", [*spoofed, f"for={real}"]) == str(real)
    assert standard.client_of("10.0.0.1", [", ".join([*spoofed, f'for="{real}:80"'])]) == str(real)


@given(st.text(), st.lists(st.text()))
def test_whatever_is_told_it_is_judged(peer: str, told: list[str]) -> None:
    for header in ("x-forwarded-for", "forwarded"):
        assert isinstance(Proxies(TRUSTED, header).client_of(peer, told), str)
        assert isinstance(Proxies(TRUSTED, header).client_of("10.0.0.1", told), str)
    assert read_address(peer) is None or peer
