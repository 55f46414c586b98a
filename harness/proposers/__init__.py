"""One file per technique; each module is a plug-in (protocols.Proposer). harness/plugins/proposers.py lists them."""
