"""`python -m tests.benchmarks PART ...`: what is measured here, and how each part is run. No part judges anything."""

from __future__ import annotations

import runpy
import sys

from tests.benchmarks.servers import run

#: What is measured besides the servers: the module, and what it says.
PARTS = {
    "parts": "most of what follows at once: inference, the build, revisions, the site, the endpoint, shapes",
    "inference": "what follows, from scratch and by revisions, beside owlrl and reasonable",
    "judges": "shapes, beside pySHACL, pyshacl-turbo and TopQuadrant's engine",
    "feed": "the table of the feed of changes",
    "harvest": "catalogue, VoID and feed of a state folder (argument: STATE)",
    "dumps": "sorting a dump in bounded memory",
    "replica": "a replica of a state folder (argument: STATE)",
    "reconciliation": "names matched to what the graph knows (--state STATE)",
}


def main() -> None:
    """Run the part that the first argument names."""
    part, arguments = sys.argv[1] if len(sys.argv) > 1 else "", sys.argv[2:]
    if part == "servers":
        run.main(arguments)
    elif part in PARTS:
        sys.argv = [f"tests.benchmarks.{part}", *arguments]
        runpy.run_module(f"tests.benchmarks.{part}", run_name="__main__", alter_sys=True)
    else:
        sys.exit("python -m tests.benchmarks PART, one of:\n" + "\n".join(_said()))


def _said() -> list[str]:
    parts = {"servers": "every server side by side, at several sizes (--help)"} | PARTS
    return [f"  {part:15} {what}" for part, what in parts.items()]


if __name__ == "__main__":
    main()
