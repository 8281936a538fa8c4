"""The one door out: every byte that enters or leaves by the network."""

import sys

# httpx imports its command line wherever rich and pygments happen to be installed, which is an eighth of a short
# run. As if its extra [cli] were not installed, it does without.
sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]
