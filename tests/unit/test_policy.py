"""No private address is contacted, however it is written or wrapped."""

from __future__ import annotations

import pytest

from preserve.network.policy import refusal

REFUSED = """
0.0.0.0 0.1.2.3 10.0.0.5 100.64.0.1 100.127.255.255 127.0.0.1 127.0.0.2 127.255.255.255 169.254.169.254
172.16.0.1 172.31.255.255 192.0.0.1 192.0.2.1 192.88.99.1 192.168.1.1 198.18.0.1 198.19.255.255 198.51.100.7
203.0.113.9 224.0.0.1 239.255.255.250 240.0.0.1 255.255.255.255 :: ::1 ::127.0.0.1 ::10.0.0.1 ::ffff:127.0.0.1
::ffff:169.254.169.254 64:ff9b::7f00:1 64:ff9b::a9fe:a9fe 64:ff9b:1::a00:1 2002:7f00:1:: 2002:a9fe:a9fe::
2001:db8::1 2001::1 2001:0:7f00:1::1 100::1 3fff::1 5f00::1 fc00::1 fd12:3456::1 fe80::1 fe80::1%eth0 fec0::1
ff02::1
""".split()
ALLOWED = """
1.1.1.1 93.184.216.34 100.63.255.255 100.128.0.1 172.15.255.255 172.32.0.1 192.0.1.1 198.17.255.255 198.20.0.1
223.255.255.255 2606:4700::1111 2a00:1450:4001::200e ::ffff:93.184.216.34 64:ff9b::5db8:d822 2002:5db8:d822::1
""".split()


@pytest.mark.parametrize("address", REFUSED)
def test_refused(address: str) -> None:
    assert refusal(address)


@pytest.mark.parametrize("address", ALLOWED)
def test_allowed(address: str) -> None:
    assert refusal(address) is None
