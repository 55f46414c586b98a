"""The tools for coding agents, over the Model Context Protocol on stdin and stdout: the agent proposes, harness judges.

A door beside the command line: each tool is a command run in a process of its own, so that an agent is told what a
person would be told, and nothing more. Long work is a job that outlives the server.
"""

from harness.mcp.server import serve

__all__ = ["serve"]
