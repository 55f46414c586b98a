"""One file per metric; each module is a plug-in (protocols.Metric). Their table is in harness/plugins/kinds.py."""
