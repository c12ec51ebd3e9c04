"""Make the fonts of the pictures: DejaVu Sans, upright and oblique, cut down to the characters gradcli writes.

    python tests/subset_fonts.py FOLDER      # the folder with DejaVuSans.ttf and DejaVuSans-Oblique.ttf (2.37)

Needs fontTools; the files it made are in gradcli/render/picture/fonts, and nothing at run time needs more than those.
"""

import sys
from pathlib import Path

from fontTools import subset

HERE = Path(__file__).parents[1] / "gradcli" / "render" / "picture" / "fonts"
CHARACTERS = [
    *range(0x20, 0x7F), *range(0xA0, 0xAD), *range(0xAE, 0x100),  # ASCII, Latin-1
    *range(0x2B0, 0x2B9), 0x2E3, *range(0x300, 0x305), 0x307, 0x308, 0x20D7,  # small letters above, accents
    *range(0x391, 0x3CA), 0x3D1, 0x3D5, 0x3D6, 0x3F0, 0x3F1, 0x3F5, *range(0x400, 0x460), 0x490, 0x491,  # Greek, Cyrillic
    *range(0x1D62, 0x1D6B), *range(0x2010, 0x2016), 0x2016, *range(0x2018, 0x201F), 0x2020, 0x2022, 0x2026, *range(0x2032, 0x2035),
    *range(0x2070, 0x2095), 0x20AC, 0x210E, 0x210F, 0x2113, 0x2115, 0x211D, 0x2124, 0x2116, 0x2122,
    *range(0x2190, 0x2196), 0x21A6, 0x21D2, 0x21D4, *range(0x2200, 0x224A), 0x2260, 0x2261, *range(0x2264, 0x2266), *range(0x2295, 0x229A), 0x22A4, 0x22A5,
    *range(0x22C0, 0x22C7), *range(0x22EE, 0x22F2), 0x2308, 0x2309, 0x230A, 0x230B, 0x27E8, 0x27E9,
    0x2C7C, 0x25A1, 0x25CB, 0x25CF, 0x2713, 0x2717, 0x2A2F, 0x1D40, 0x1D7CF, 0xFFFD,
]  # fmt: skip


def main(folder: str) -> None:
    """Write the subset fonts."""
    options = subset.Options()
    options.layout_features, options.hinting, options.name_IDs = [], False, [0, 1, 2, 3, 4, 5, 6, 13, 14]
    options.notdef_outline, options.recalc_timestamp, options.drop_tables = True, False, ["GPOS", "GSUB", "GDEF", "kern", "FFTM"]
    for name in ("DejaVuSans", "DejaVuSans-Oblique"):
        font = subset.load_font(str(Path(folder) / f"{name}.ttf"), options)
        cutter = subset.Subsetter(options)
        cutter.populate(unicodes=CHARACTERS)
        cutter.subset(font)
        subset.save_font(font, str(HERE / f"{name}.ttf"), options)


if __name__ == "__main__":
    main(sys.argv[1])
