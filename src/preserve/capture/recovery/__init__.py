"""Copies of lost sources from web archives: who is asked, which copy is taken, what it proves.

A copy is never ours: the exchange with the web archive is stored under the web archive's own address, and its entry is
an `import`, beside the `capture` that brought nothing.
"""
