#!/usr/bin/env python
"""Django's command line for Kindred; `manage.py serve` runs everything in one process."""

import gc
import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.settings")
    # What is imported stays: to look for garbage in it takes a tenth of a start. BackendConfig.ready turns that on again.
    gc.disable()
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
