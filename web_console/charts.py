"""Charts over time as SVG without style or script: the page's own styles give it the theme's colours."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from xml.etree import ElementTree

WIDE = (690, 290)  # units of the picture; 13 of them are the height of a letter
NARROW = (340, 260)
LABELS = {WIDE: 12, NARROW: 6}  # that fit below
BARS_MAX = 62  # more points become a line
_LETTER = 13
_SVG = "{http://www.w3.org/2000/svg}"


def over_time(
    labels: Sequence[str],
    now: Sequence[int],
    before: Sequence[int],
    written: Callable[[int], str],
    names: tuple[str, str],
    *,
    narrow: bool,
    label: str,
) -> str:
    """`now` beside `before` over the same labels, the highest value named.

    `names` are those of `before` and `now`; `label` is what the picture says, for those who do not see it.
    """
    chart = _chart(len(labels), NARROW if narrow else WIDE)
    chart.x_labels = list(labels)
    if len(labels) > LABELS[NARROW if narrow else WIDE]:
        chart.x_labels_major_every = -(-len(labels) // LABELS[NARROW if narrow else WIDE])
        chart.show_minor_x_labels = False
    chart.value_formatter = lambda value: written(round(value))
    if any(before):
        chart.add(names[0], [{"value": value, "formatter": lambda _: ""} for value in before])
    chart.add(names[1], _highest_named(now, written))
    return _plain(chart.render_tree(), "of-two" if any(before) else "of-one", label)


def _chart(points: int, size: tuple[int, int]) -> Any:
    import pygal  # 70 ms and 8 MB: only when the first picture is asked for
    from pygal.style import Style

    letters = {f"{what}_font_size": _LETTER for what in ("label", "major_label", "value", "legend")}
    kind = pygal.Bar if points <= BARS_MAX else pygal.Line
    return kind(
        width=size[0],
        height=size[1],
        css=[],
        js=[],
        show_legend=False,
        show_dots=False,
        print_values=True,
        print_values_position="top",
        truncate_label=-1,
        max_scale=5,
        min_scale=3,
        margin=6,
        margin_top=18,
        rounded_bars=3,
        no_prefix=True,
        style=Style(**letters),
    )


def _highest_named(values: Sequence[int], written: Callable[[int], str]) -> list[dict[str, Any]]:
    top = max(values, default=0)
    at = values.index(top) if top > 0 else -1
    return [
        {"value": value, "formatter": (lambda v: written(round(v))) if n == at else (lambda _: "")}
        for n, value in enumerate(values)
    ]


def _plain(root: Any, series: str, label: str) -> str:
    """The drawing alone: no styles, scripts, ids or helpers of the library's own script."""
    text = ElementTree.tostring(_imported(root), encoding="unicode")
    tree = ElementTree.fromstring(text)
    _strip(tree)
    for name in ("id", "style"):
        tree.attrib.pop(name, None)
    tree.set("class", f"plotted {series}")
    tree.set("role", "img")
    tree.set("aria-label", label)
    ElementTree.register_namespace("", _SVG.strip("{}"))
    return ElementTree.tostring(tree, encoding="unicode")


def _imported(root: Any) -> ElementTree.Element:
    assert isinstance(root, ElementTree.Element), type(root)
    return root


def _strip(node: ElementTree.Element) -> None:
    for child in list(node):
        kind = child.tag.removeprefix(_SVG) if isinstance(child.tag, str) else "comment"
        silent = kind == "text" and not (child.text or "").strip()
        if silent or kind in ("defs", "script", "style", "desc", "comment", "title"):
            node.remove(child)
            continue
        for name in ("id", "style"):
            child.attrib.pop(name, None)
        _strip(child)
