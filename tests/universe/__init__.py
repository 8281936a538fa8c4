"""A loopback universe: the hosts that the sample report cites, under their real names, with every fault on a switch."""

from .authority import Authority
from .faults import stream
from .hosts import CITED
from .journal import KEEP, Asked, Logged
from .server import Universe

__all__ = ["CITED", "KEEP", "Asked", "Authority", "Logged", "Universe", "stream"]
