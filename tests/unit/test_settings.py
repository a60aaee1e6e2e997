"""Settings are read within their bounds, and docs/settings.md tells all of them as they are."""

import re
from pathlib import Path

import msgspec
import pytest

from boxoffice.errors import CannotStart
from boxoffice.settings import Settings, environment_name, environment_of, load_settings

PAGE = Path(__file__).parents[2] / "docs" / "settings.md"
FIELDS = msgspec.json.schema(Settings)["$defs"]["Settings"]["properties"]
NUMBERS = [name for name, field in FIELDS.items() if field.get("type") == "integer"]


def test_an_empty_environment_gives_the_defaults() -> None:
    assert load_settings({}) == Settings()


def test_an_empty_variable_counts_as_unset() -> None:
    assert load_settings(dict.fromkeys(map(environment_name, FIELDS), "")) == Settings()


def test_the_names_are_those_of_the_documents() -> None:
    told = {"PORT": "9000", "WORKERS": "3", "BOXOFFICE_HOLD_SECONDS": "7", "BOXOFFICE_DEMO": "0"}
    assert load_settings(told) == Settings(port=9000, workers=3, hold_seconds=7, demo=False)


def test_settings_go_through_an_environment_unchanged() -> None:
    settings = Settings(database_url="postgresql://a/b", demo=False, hold_seconds=3, admin_token="x" * 16)
    assert load_settings(environment_of(settings)) == settings


def test_every_number_has_both_bounds() -> None:
    assert len(NUMBERS) > 10
    assert [name for name in NUMBERS if not {"minimum", "maximum"} <= set(FIELDS[name])] == []


@pytest.mark.parametrize("name", NUMBERS)
def test_a_number_is_taken_at_its_bounds_and_refused_beyond(name: str) -> None:
    variable = environment_name(name)
    least, most = FIELDS[name]["minimum"], FIELDS[name]["maximum"]
    for taken in (least, most):
        assert getattr(load_settings({variable: str(taken)}), name) == taken
    for refused in (least - 1, most + 1):
        with pytest.raises(CannotStart, match=rf"^{variable}: .*'{refused}'$"):
            load_settings({variable: str(refused)})


@pytest.mark.parametrize("told", ["eight", "8.5", "0x10"])
def test_what_is_no_whole_number_is_refused_by_name(told: str) -> None:
    with pytest.raises(CannotStart, match=r"^PORT: "):
        load_settings({"PORT": told})


def test_a_short_admin_token_is_refused_and_not_told() -> None:
    with pytest.raises(CannotStart, match=r"^BOXOFFICE_ADMIN_TOKEN: ") as refused:
        load_settings({"BOXOFFICE_ADMIN_TOKEN": "short-secret"})
    assert "short-secret" not in str(refused.value)


@pytest.mark.parametrize(
    "token",
    [
        "long-and-secret-token\n",
        " long-and-secret-token",
        "long and secret token",
        "löng-and-secret-token",
        "long-and-secret-\udcff",
    ],
)
def test_an_admin_token_that_no_request_can_send_is_refused_and_not_told(token: str) -> None:
    with pytest.raises(CannotStart, match=r"^BOXOFFICE_ADMIN_TOKEN: ") as refused:
        load_settings({"BOXOFFICE_ADMIN_TOKEN": token})
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("proxies", ["10.0.0.0/8,", "127.0.0.1, ::1", "2001:db8::/32"])
def test_proxies_are_addresses_and_networks(proxies: str) -> None:
    assert load_settings({"BOXOFFICE_TRUSTED_PROXIES": proxies}).trusted_proxies == proxies


@pytest.mark.parametrize("proxies", ["*", "proxy.example", "10.0.0.1/8", "10.0.0.0/33", "10.0.0.1 10.0.0.2"])
def test_proxies_that_are_none_are_refused(proxies: str) -> None:
    with pytest.raises(CannotStart, match=r"^BOXOFFICE_TRUSTED_PROXIES: "):
        load_settings({"BOXOFFICE_TRUSTED_PROXIES": proxies})


def test_a_header_that_no_proxy_sends_is_refused() -> None:
    with pytest.raises(CannotStart, match=r"^BOXOFFICE_CLIENT_HEADER: "):
        load_settings({"BOXOFFICE_CLIENT_HEADER": "x-real-ip"})


def test_the_page_lists_every_setting_as_it_is() -> None:
    rows = re.findall(r"^\| `([A-Z_]+)` \| (.*?) \| (.*?) \| (.*?) \|$", PAGE.read_text(), re.MULTILINE)
    assert rows == [row_of(name) for name in FIELDS]


def row_of(name: str) -> tuple[str, str, str, str]:
    """Return a setting as the page must show it: its variable, default, bounds and meaning."""
    field = FIELDS[name]
    default = getattr(Settings(), name)
    shown = "" if default is None else f"`{int(default)}`" if isinstance(default, int) else f"`{default}`"
    bounds = {"boolean": "0 or 1"}.get(field.get("type"), "")
    if "enum" in field:
        bounds = " or ".join(f"`{choice}`" for choice in field["enum"])
    if name in NUMBERS:
        bounds = f"{field['minimum']} to {field['maximum']}"
    return environment_name(name), shown, bounds, field["description"]
