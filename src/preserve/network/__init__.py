"""The one door out: every byte that enters or leaves by the network."""
