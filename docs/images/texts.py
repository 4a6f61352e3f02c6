"""Replace the terminal output in README.md and gallery.md. Run: python docs/images/texts.py [ptb-xl]

The README shows a simulated sample. The gallery needs PTB-XL, and stays as it is without.
"""

import re
import sys
from pathlib import Path

import einthoven
from einthoven.report.text import as_text

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"(?<=^```text\n).*?(?=^```$)", re.MULTILINE | re.DOTALL)
interpreter = einthoven.Interpreter.load("default")


def replace_block(page: str, text: str) -> None:
    """Replace the first block of text of a page."""
    path = ROOT / page
    path.write_text(BLOCK.sub(lambda _: text, path.read_text(encoding="utf-8"), count=1), encoding="utf-8")


sample = as_text(interpreter(einthoven.examples.recording("inferior-infarct")))
_, _, answer = sample.partition("\n\n")
replace_block("README.md", answer.partition("\n\nNotes\n")[0] + "\n")

if sys.argv[1:]:
    record = einthoven.read(Path(sys.argv[1], "records100/00000/00184_lr.hea"))
    text = as_text(interpreter(record, explain=("MI",)))
    _, _, below = text.partition("\n")
    replace_block("docs/get-started/gallery.md", f"00184_lr.hea\n{below}")
