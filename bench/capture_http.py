"""The peer from Python's own world, as its manual shows it: `python -m bench.capture_http LIST FILE`."""

import sys
from pathlib import Path

from warcio.capture_http import capture_http

import requests  # isort: skip - must come after capture_http, which patches http.client

with capture_http(sys.argv[2]), requests.Session() as session:
    for url in Path(sys.argv[1]).read_text().split():
        session.get(url)
