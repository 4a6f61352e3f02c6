"""The command line: one command, one thin function a verb.

Everything heavy is imported inside the verb that needs it, so that `einthoven --help` answers at once.
"""

import io
import sys
from typing import NoReturn

import click

from einthoven import __version__
from einthoven.cli.bundle import bundle
from einthoven.cli.data import data
from einthoven.cli.evaluate import compare, evaluate
from einthoven.cli.interpret import interpret
from einthoven.cli.models import models
from einthoven.cli.replay import replay
from einthoven.cli.serve import serve
from einthoven.cli.train import export, train
from einthoven.errors import EinthovenError
from einthoven.files import explain
from einthoven.terminal import print_escaped
from einthoven.text import escape


def main() -> NoReturn:
    """Run the command line. What a user did wrong gives one sentence and exit code 2."""
    try:
        code = cli(prog_name="einthoven", standalone_mode=False)
        sys.exit(code if isinstance(code, int) else 0)
    except click.ClickException as error:
        shown = io.StringIO()
        error.show(shown)
        sys.stderr.write(escape(shown.getvalue(), "\n"))
        sys.exit(error.exit_code)
    except EinthovenError as error:
        _fail(str(error))
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("einthoven"):
            raise
        _fail(f"This needs {error.name}, which is not installed: pip install 'einthoven[{_extra(error.name)}]'.")
    except BrokenPipeError:  # the reader of our output, such as head, has gone
        sys.stderr.close()
        sys.exit(0)
    except OSError as error:
        _fail(str(explain(error)))
    except (click.Abort, KeyboardInterrupt):
        print("Stopped.", file=sys.stderr)
        sys.exit(130)


def _extra(module: str | None) -> str:
    """The extra that a module comes with."""
    if module == "cryptography":
        return "sign"
    if module in ("reportlab", "pypdfium2", "PIL"):
        return "report"
    if module in (
        "fastapi",
        "starlette",
        "uvicorn",
        "websockets",
        "uvloop",
        "httptools",
        "python_multipart",
        "prometheus_client",
    ):
        return "serve"
    return "evaluate" if module in ("pandas", "sklearn", "matplotlib", "jinja2") else "train"


def _fail(sentence: str) -> NoReturn:
    print_escaped(f"Error: {sentence}", sys.stderr)
    sys.exit(2)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="einthoven")
def cli() -> None:
    """Open 12-lead ECG interpretation: any recorder's file in, an answer out; and how to train and measure such models.

    Research software, not a medical device.

    \b
    Is there an infarct pattern?
      einthoven interpret ecg.dcm
      einthoven interpret ecg.dcm --report page.pdf
      einthoven interpret archive/ --out answers.csv
      einthoven serve

    \b
    A first model of your own, on simulated tracings:
      einthoven data simulate sim
      einthoven train --data sim --out runs/first --epochs 5
      einthoven evaluate runs/first

    \b
    The real thing (CC BY 4.0, 0.6 GB at 100 Hz, 3 GB more at 500 Hz):
      einthoven data get ptb-xl --rate 100
      einthoven train --data ptb-xl --model smigiel-conv --task superclass --out runs/conv
      einthoven evaluate runs/conv --fold 10
    """


for _command in (interpret, serve, replay, data, train, evaluate, compare, export, bundle, models):
    cli.add_command(_command)
