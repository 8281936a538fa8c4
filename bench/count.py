"""How many distinct URLs the responses in these WARC files have: `python -m bench.count FILE…`."""

import sys

from fastwarc.warc import ArchiveIterator, WarcRecordType

found = set()
for name in sys.argv[1:]:
    with open(name, "rb") as file:
        for record in ArchiveIterator(file, record_types=WarcRecordType.response):
            found.add(record.headers["WARC-Target-URI"].strip("<>"))
print(len(found))
