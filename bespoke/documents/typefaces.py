"""The static cuts of our fonts for print, as @font-face rules that name files on the shelf."""

from pathlib import Path

PRINT = Path(__file__).resolve().parent.parent / "static" / "fonts" / "print"
SUBSETS = {"latin": "", "latin-ext": " Ext", "vietnamese": " Vi"}  # a family of its own each: fallback is explicit
CUTS = (
    ("Newsreader Display", "newsreader-display-330", 400, "normal"),
    ("Newsreader Text", "newsreader-text-400-italic", 400, "italic"),
    ("Hanken Grotesk", "hanken-grotesk-400", 400, "normal"),
    ("Hanken Grotesk", "hanken-grotesk-500", 500, "normal"),
    ("Hanken Grotesk", "hanken-grotesk-600", 600, "normal"),
)


def font_faces() -> str:
    """The CSS that declares every cut; the files are `shelf:fonts/NAME.ttf`."""
    return "".join(
        f'@font-face{{font-family:"{family}{suffix}";font-weight:{weight};font-style:{style};'
        f'src:url("shelf:fonts/{name}-{subset}.ttf") format("truetype")}}\n'
        for family, name, weight, style in CUTS
        for subset, suffix in SUBSETS.items()
    )


def font_files() -> dict[str, Path]:
    """Shelf name → file, for every cut."""
    return {f"fonts/{file.name}": file for file in sorted(PRINT.glob("*.ttf"))}
