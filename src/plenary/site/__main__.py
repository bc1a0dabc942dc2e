import sys

from plenary.site.cli import main

sys.exit(main())
