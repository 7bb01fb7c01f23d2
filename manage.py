#!/usr/bin/env python
"""Forum's command line: `manage.py help` lists the commands."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "forum.settings")
    from django.core.management import execute_from_command_line

    from forum import embedded

    embedded.start_for(sys.argv[1:])
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
