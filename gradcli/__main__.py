"""``python -m gradcli``: the same as the command ``gradcli``."""

from gradcli.cli import main

if __name__ == "__main__":
    main()
