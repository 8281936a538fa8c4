"""WARC 1.1 records: written exactly, walked strictly."""
