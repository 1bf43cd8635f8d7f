"""Draws lines of text dot by dot, for printers that have no Chinese characters of their own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from drivers.contracts import DriverError, ErrorCode

CELL_DOTS = 12  # as the printers' own font A; a Han character is two cells
FONT_DOTS = 24
LINE_DOTS = 30
BASELINE_DOTS = 23  # from the top of a line; leaves room for a g's tail
INK = 100  # of 255: what is darker than this is a dot; thin strokes stay whole
_BLACK = [255 if grey >= INK else 0 for grey in range(256)]
FACES_MAX = 16  # in one file
# Where Debian's fonts-noto-cjk and fonts-wqy-microhei lie.
FILES = (
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
)


class Typeface:
    """One font in the sizes that receipts need. Not for two threads at a time.

    Raises DriverError NOSERVICE where there is no such font.
    """

    def __init__(self, path: str = "") -> None:
        file = path or next((each for each in FILES if Path(each).exists()), "")
        self._sizes = {scale: _face(file, FONT_DOTS * scale) for scale in (1, 2)}

    def line(
        self, text: str, width: int, *, bold: bool, wide: int, high: int, left: int = 0
    ) -> list[bytes]:
        """The rows of one line of `printable` text, from the top: LINE_DOTS times `high` of them.

        `wide` and `high` are 1 or 2, `left` is where it begins, in dots of a paper `width` dots wide. Each
        character stands in its cell as the printer's own would. White at the right is left out.
        """
        from PIL import Image, ImageDraw

        scale = min(wide, high)
        # Drawn grey and then cut: in black and white alone glyphs jump up and down by a dot.
        image = Image.new("L", (width // (wide // scale), LINE_DOTS * scale))
        pen = ImageDraw.Draw(image)
        face = self._sizes[scale]
        x = left // (wide // scale)
        for character in text:
            cell = CELL_DOTS * scale * (1 if character <= "~" else 2)
            if character != " ":
                at = (x + round((cell - face.getlength(character)) / 2), BASELINE_DOTS * scale)
                for shift in range(1 + bold * scale):
                    pen.text((at[0] + shift, at[1]), character, fill=255, font=face, anchor="ls")
            x += cell
        image = image.point(_BLACK).convert("1")
        if (wide, high) != (scale, scale):
            image = image.resize((width, LINE_DOTS * high), Image.Resampling.NEAREST)
        return _rows(image)


def _rows(image: Any) -> list[bytes]:
    box = image.getbbox()
    if box is None:
        return [b""] * image.height
    cropped = image.crop((0, 0, -(-box[2] // 8) * 8, image.height))
    stride = cropped.width // 8
    data = cropped.tobytes()
    return [data[at : at + stride] for at in range(0, len(data), stride)]


def _face(file: str, dots: int) -> Any:
    """The simplified Chinese monospaced face of a collection, or its first."""
    from PIL import ImageFont

    first = None
    for index in range(FACES_MAX):
        try:
            face = ImageFont.truetype(file, dots, index=index, layout_engine=ImageFont.Layout.BASIC)
        except OSError:
            break
        first = first or face
        name = str(face.getname()[0])
        if "Mono" in name and ("SC" in name or "CJK" not in name):
            return face
    if first is None:
        raise DriverError(
            f"no font at {file or 'the usual places'}",
            code=ErrorCode.NOSERVICE,
            hint="install the Debian package fonts-noto-cjk, or name a font file in the printer's settings",
        )
    return first
