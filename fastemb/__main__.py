"""`python -m fastemb` is the `fastemb` command."""

import sys

from fastemb.cli import main

sys.exit(main())
