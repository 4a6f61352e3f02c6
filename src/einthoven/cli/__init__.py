"""The command line, with one thin function per command.

A command imports heavy libraries inside its function, so that `einthoven --help` answers at once.
"""

import io
import sys
from typing import NoReturn

import click

from einthoven import __version__
from einthoven.cli.bundle import bundle
from einthoven.cli.convert import convert
from einthoven.cli.data import data
from einthoven.cli.embed import embed
from einthoven.cli.evaluate import compare, evaluate
from einthoven.cli.interpret import interpret
from einthoven.cli.models import models
from einthoven.cli.replay import replay
from einthoven.cli.review import review
from einthoven.cli.serve import serve
from einthoven.cli.train import export, train
from einthoven.errors import EinthovenError, missing_extra
from einthoven.files import explain
from einthoven.terminal import print_escaped
from einthoven.text import escape

_EXTRAS = {
    "flac": ("soundfile",),
    "remote": ("fsspec", "aiohttp", "s3fs"),
    "sign": ("cryptography",),
    "report": ("reportlab", "pypdfium2", "PIL"),
    "serve": (
        "fastapi",
        "starlette",
        "uvicorn",
        "websockets",
        "uvloop",
        "httptools",
        "python_multipart",
        "prometheus_client",
    ),
    "parquet": ("pyarrow",),
    "ray": ("ray", "obstore", "boto3"),
    "evaluate": ("pandas", "sklearn", "matplotlib", "jinja2"),
}
"""Modules that come with each extra; all others come with `train`."""


def main() -> NoReturn:
    """Run the command line, and exit with its code.

    A user's error is printed as one sentence, without a traceback, and gives exit code 2.
    """
    try:
        code = cli(prog_name="einthoven", standalone_mode=False)
        sys.exit(code if isinstance(code, int) else 0)
    except click.ClickException as error:
        message = io.StringIO()
        error.show(message)
        sys.stderr.write(escape(message.getvalue(), "\n"))
        sys.exit(error.exit_code)
    except EinthovenError as error:
        _fail(str(error))
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("einthoven"):
            raise
        _fail(f"This command needs {missing_extra(error.name, _extra(error.name))}")
    except BrokenPipeError:  # the reader of our output, such as head, has gone
        sys.stderr.close()
        sys.exit(0)
    except OSError as error:
        _fail(str(explain(error)))
    except (click.Abort, KeyboardInterrupt):
        print("Stopped.", file=sys.stderr)
        sys.exit(130)


def _extra(module: str | None) -> str:
    """Return the extra that installs a module."""
    return next((extra for extra, modules in _EXTRAS.items() if module in modules), "train")


def _fail(sentence: str) -> NoReturn:
    print_escaped(f"Error: {sentence}", sys.stderr)
    sys.exit(2)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="einthoven")
def cli() -> None:
    """Interpret 12-lead ECGs, and train and evaluate the models that interpret them.

    Research software, not a medical device.

    \b
    Interpret a sample, a file and a folder, draw, convert, run the service:
      einthoven interpret --sample inferior-infarct
      einthoven interpret ecg.dcm
      einthoven interpret archive/ --out answers.csv
      einthoven interpret ecg.dcm --report page.pdf
      einthoven convert ecg.xml --out ecg.dcm
      einthoven serve

    \b
    Train and evaluate a first model, on simulated records:
      einthoven data simulate sim
      einthoven train --data sim --out runs/first --epochs 5
      einthoven evaluate runs/first

    \b
    The same on PTB-XL (CC BY 4.0; 0.6 GB at 100 Hz, 3 GB more at 500 Hz):
      einthoven data get ptb-xl --rate 100
      einthoven train --data ptb-xl --out runs/conv
      einthoven evaluate runs/conv

    \b
    Exit codes:
      0    success
      1    `einthoven interpret` and `convert`: some files failed
      2    an error, which the message explains
      130  stopped with Ctrl-C
    """


def _describe_exit_codes(command: click.Command) -> None:
    """State the exit codes below the help of a command and its subcommands, unless their help does."""
    if isinstance(command, click.Group):
        for subcommand in command.commands.values():
            _describe_exit_codes(subcommand)
    elif "Exit codes" not in (command.help or ""):
        command.epilog = "Exit codes: 0 success; 2 an error, which the message explains; 130 stopped with Ctrl-C."


for _command in (
    interpret,
    embed,
    convert,
    serve,
    replay,
    data,
    train,
    evaluate,
    compare,
    export,
    bundle,
    models,
    review,
):
    _describe_exit_codes(_command)
    cli.add_command(_command)
