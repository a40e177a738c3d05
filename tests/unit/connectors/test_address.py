import threading

import pytest

from connectors.address import Lookup, checked_addresses, refusal
from connectors.errors import AddressRefused, Unreachable

OWN = ["127.0.0.1", "127.8.8.8", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1", "::1"]
OWN += ["fd00::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1"]
NEVER = ["0.0.0.0", "169.254.169.254", "224.0.0.1", "255.255.255.255", "198.18.0.1", "192.0.2.1", "fe80::1"]
NEVER += ["fe80::1%eth0", "ff02::1", "::", "64:ff9b::7f00:1", "64:ff9b:1::1", "2002:7f00:1::", "2001::1", "2001:db8::1"]
NEVER += ["::ffff:169.254.169.254", "::127.0.0.1", "fec0::1", "4000::1"]
OPEN = ["1.1.1.1", "8.8.8.8", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "2a00:1450::1"]


@pytest.mark.parametrize("address", OWN)
def test_own_addresses_open_only_with_allow_private(address: str) -> None:
    assert refusal(address) is not None
    assert refusal(address, allow_private=True) is None


@pytest.mark.parametrize("address", NEVER)
def test_some_addresses_never_open(address: str) -> None:
    assert refusal(address) is not None
    assert refusal(address, allow_private=True) is not None


@pytest.mark.parametrize("address", OPEN)
def test_public_addresses_are_open(address: str) -> None:
    assert refusal(address) is None


def test_one_private_address_among_public_ones_refuses_the_name() -> None:
    with pytest.raises(AddressRefused, match=r"api\.example leads to 10\.0\.0\.1"):
        checked_addresses(
            "x", "api.example", 443, allow_private=False, timeout=1, lookup=lambda *_: ["1.1.1.1", "10.0.0.1"]
        )


def test_a_name_that_does_not_resolve_is_unreachable() -> None:
    def fail(host: str, port: int) -> list[str]:
        raise OSError(f"no {host}:{port}")

    lookups: tuple[Lookup, ...] = (fail, lambda *_: [])
    for lookup in lookups:
        with pytest.raises(Unreachable, match="does not resolve"):
            checked_addresses("x", "api.example", 443, allow_private=False, timeout=1, lookup=lookup)


def test_a_resolver_that_hangs_is_given_up() -> None:
    release = threading.Event()

    def hang(host: str, port: int) -> list[str]:
        release.wait()
        return [host, str(port)]

    with pytest.raises(Unreachable, match="did not resolve within"):
        checked_addresses("x", "api.example", 443, allow_private=False, timeout=0.01, lookup=hang)
    release.set()
