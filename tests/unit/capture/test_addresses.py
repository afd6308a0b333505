import pytest

from muniment.capture.addresses import AddressRefusedError, choose_address, is_loopback, origin_of

HOME = "https://social.example"
LOOPBACK_HOME = "http://127.0.0.1:2584"


def resolving(*addresses: str):
    return lambda host, port: list(addresses)


@pytest.mark.parametrize(
    "private",
    [
        "127.0.0.1",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "::1",
        "fe80::1",
        "fe80::1%eth0",
        "fc00::1",
        "::ffff:10.0.0.1",
        "64:ff9b:1::1",
        "64:ff9b::a00:1",
        "2002:a00:1::",
    ],
)
def test_an_address_in_captured_data_cannot_lead_into_the_agencys_network(private: str) -> None:
    with pytest.raises(AddressRefusedError, match="expected a public network"):
        choose_address("https://cdn.example/a.jpg", home=HOME, resolve=resolving("93.184.215.14", private))


@pytest.mark.parametrize("url", ["http://cdn.example/a.jpg", "file:///etc/passwd", "//cdn.example/a", "", "https://["])
def test_only_https_leaves_the_house(url: str) -> None:
    with pytest.raises(AddressRefusedError):
        choose_address(url, home=HOME, resolve=resolving("93.184.215.14"))


@pytest.mark.parametrize("url", ["http://127.0.0.1/", "http://localhost:8080/", "http://[::1]/"])
def test_this_machine_is_asked_only_for_an_account_that_lives_on_it(url: str) -> None:
    with pytest.raises(AddressRefusedError, match="expected a public network"):
        choose_address(url, home=HOME, resolve=resolving("127.0.0.1"))

    assert choose_address(url, home=LOOPBACK_HOME, resolve=resolving()) is None


def test_a_host_without_an_address_is_refused() -> None:
    with pytest.raises(AddressRefusedError):
        choose_address("https://cdn.example/", home=HOME, resolve=resolving())


def test_the_address_that_was_checked_is_the_address_to_ask() -> None:
    assert choose_address("https://cdn.example/a", home=HOME, resolve=resolving("93.184.215.14")) == "93.184.215.14"


def test_the_accounts_own_host_needs_no_check() -> None:
    assert choose_address(f"{HOME}/a.jpg", home=HOME, resolve=resolving("10.0.0.1")) is None


def test_another_port_of_the_accounts_own_host_is_another_address() -> None:
    with pytest.raises(AddressRefusedError):
        choose_address("https://social.example:8443/", home=HOME, resolve=resolving("10.0.0.1"))


def test_an_origin_fills_in_the_default_port() -> None:
    assert origin_of("https://a.example/x") == origin_of("https://A.example:443/y") == ("https", "a.example", 443)


@pytest.mark.parametrize("url", ["http://127.0.0.1.example/", "http://localhost.example/", "http://notlocalhost/"])
def test_a_name_that_looks_like_this_machine_is_not(url: str) -> None:
    assert not is_loopback(url)
