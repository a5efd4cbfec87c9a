"""`python -m coopkg` is the program `coopkg`."""

from coopkg.cli import main

main()
