"""One file per metric; each module is a plug-in (protocols.Metric). The table of them is in harness/plugins/metrics.py."""
