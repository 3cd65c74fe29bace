"""Fails unless every cell of executed notebooks shows something: rows, numbers or a picture."""

import base64
import io
import re
import sys

import nbformat
from PIL import Image

PICTURE = re.compile(r'data:image/\w+;base64,([^"]+)')


def pictures(data):
    for kind, content in data.items():
        if kind.startswith("image/"):
            yield content
        elif kind == "text/html":
            yield from PICTURE.findall(content)


def blank(picture):
    image = Image.open(io.BytesIO(base64.b64decode(picture))).convert("RGB")
    return all(low == high for low, high in image.getextrema())


def problem(cell):
    """What is wrong with a cell, or nothing."""
    if cell.cell_type != "code" or {"parameters", "injected-parameters"} & set(cell.metadata.get("tags", [])):
        return None
    shown = False
    for output in cell.outputs:
        if output.output_type == "error":
            return f"{output.ename}: {output.evalue}"
        if output.output_type == "stream":
            shown |= output.name == "stdout" and bool(output.text.strip())
            continue
        drawn = list(pictures(output.data))
        if any(blank(picture) for picture in drawn):
            return "shows a picture of one colour"
        html = output.data.get("text/html", "")
        text = output.data.get("text/plain", "").strip("'\" []")
        if "<table" in html and "<td" not in html:
            return "shows a table without rows"
        shown |= bool(drawn) or "<td" in html or bool(text and not html and not text.startswith("<"))
    return None if shown else "shows nothing"


failed = False
for path in sys.argv[1:]:
    cells = nbformat.read(path, as_version=4).cells
    for number, cell in enumerate(cells):
        found = problem(cell)
        if found:
            failed = True
            print(f"{path}, cell {number}: {found}\n{cell.source}\n", file=sys.stderr)
    print(f"{path}: {sum(cell.cell_type == 'code' for cell in cells)} cells")
sys.exit(failed)
