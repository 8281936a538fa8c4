"""Documents: from bytes to citations.

`read_document` opens a document, `sniff` says what it is, one short reader a format reports its mentions of URLs,
and `read` turns each mention into a citation. `url` holds what a URL is and when two are the same.
"""

from preserve.documents.read import Document, read_document

__all__ = ["Document", "read_document"]
