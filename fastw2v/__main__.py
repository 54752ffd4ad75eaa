"""`python -m fastw2v` is the command `fastw2v`."""

import sys

if __name__ == "__main__":
    if not getattr(sys.flags, "safe_path", sys.flags.isolated):
        del sys.path[0]  # the current directory, where `python -m` looks first

    from fastw2v.cli import main

    sys.exit(main())
