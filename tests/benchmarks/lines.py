"""Lines per module, code and comments alike: python tests/benchmarks/lines.py."""

from pathlib import Path

import gradcli


def main() -> None:
    package = Path(gradcli.__file__).parent
    counts = {str(p.relative_to(package)): len(p.read_text(encoding="utf-8").splitlines()) for p in package.rglob("*.py")}
    for name, count in sorted(counts.items(), key=lambda item: -item[1]):
        print(f"{count:6}  {name}" + ("  (generated)" if name.endswith("_tables.py") else ""))
    print(f"{sum(c for n, c in counts.items() if not n.endswith('_tables.py')):6}  without the generated tables")


if __name__ == "__main__":
    main()
