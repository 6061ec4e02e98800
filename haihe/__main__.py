"""Start the command line: `python -m haihe` is `.venv/bin/haihe`."""

from haihe.app import main

if __name__ == "__main__":
    main()
