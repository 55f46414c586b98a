"""One file per technique; each module is a plug-in (protocols.Proposer). The table of them is in harness/plugins/proposers.py."""
