"""All settings of a training run: defaults, the network's recipe, a TOML file, options."""

import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, get_args, get_type_hints

from einthoven.datasets.imported import LABELS_TASK
from einthoven.errors import EinthovenError
from einthoven.networks import network_class
from einthoven.ptbxl.annotations import TASKS
from einthoven.ptbxl.records import RATES, SECONDS

OPTIMIZERS = ("adamw", "adam")
SCHEDULES = ("one-cycle", "constant")
PRECISIONS = ("auto", "bf16-mixed", "32-true")
_KEEP = ("best", "last")
_TASKS = (*TASKS, LABELS_TASK)


@dataclass(frozen=True)
class TrainConfig:
    """Settings of a training run; `TrainConfig.make` builds one."""

    data: str
    """Folder of PTB-XL or of an imported data set."""
    model: str = "smigiel-conv"
    tasks: tuple[str, ...] = ("superclass",)
    """Tasks whose labels, each once, are the outputs. Empty if `labels` chooses the outputs."""
    labels: tuple[str, ...] = ()
    """Labels of the outputs, from any task, instead of `tasks`."""
    rate: int = 100
    """Sampling rate in Hz."""
    window: float = 10.0
    """Length in s of the network's input: random crops in training, averaged windows afterwards."""
    stride: float = 1.25
    """Distance in s of the averaged windows, if they are shorter than the record."""
    edge_margin: float = 0.1
    """Time in s at each end of a record that these windows leave out."""
    train_folds: tuple[int, ...] = (1, 2, 3, 4, 5, 6, 7, 8)
    validation_folds: tuple[int, ...] = (9,)
    """Folds for validation. Without any, no best epoch can be selected and no thresholds can be set."""
    epochs: int = 15
    batch_size: int = 64
    """Records per step, over all devices together."""
    optimizer: str = "adamw"
    schedule: str = "one-cycle"
    learning_rate: float = 5e-3
    """Highest learning rate of the schedule."""
    weight_decay: float = 1e-2
    augment: bool = False
    """Whether to augment each record with filters, noise and leads off; see train/augment.py."""
    ambulance_share: float = 0.0
    """Share of the records that get the noise of an ambulance; see train/ambulance_noise.py."""
    mixup: float = 0.0
    """Parameter of the distribution Beta(mixup, mixup) with which windows are mixed; 0 for no mixing."""
    teachers: tuple[str, ...] = ()
    """Folders of runs for distillation (train/teachers.py). Labels that they lack come from the cardiologists alone."""
    distillation_weight: float = 0.7
    """Share of the teachers' mean probabilities in the targets; the rest is the cardiologists' labels."""
    auxiliary_weight: float = 0.0
    """Weight of PTB-XL's auxiliary targets in the loss (ptbxl/auxiliary_targets.py); 0 leaves them out."""
    superclass_weight: float = 0.0
    """Weight of the aggregated superclasses in the loss (train/aggregation.py)."""
    single_label_weight: float = 0.25
    """Weight, within the superclass loss, of the softmax cross-entropy on records with one superclass."""
    acute_weight: float = 0.0
    """Weight of the loss for ACUTE and INJURY among infarcts, which these outputs must distinguish."""
    initial: str = ""
    """Run of the same network for the initial weights: its folder, or default or edge. It may have other labels."""
    freeze_epochs: int = 0
    """Number of first epochs that train only the head; the backbone keeps the initial weights. Needs `initial`."""
    new_labels_only: bool = False
    """Whether to train only the head's rows of labels that `initial` lacks, and leave everything else unchanged."""
    normalize: bool = True
    """Whether to subtract the mean and divide by the standard deviation of the training folds."""
    precision: str = "auto"
    """Precision: bf16-mixed, 32-true, or auto (bf16-mixed on a GPU, 32-true on a CPU).

    CPUs with AMX are faster with bf16-mixed."""
    keep: str = "best"
    """The epoch whose weights the run keeps: the `best` by validation macro AUROC, or the `last`."""
    seed: int = 0

    @classmethod
    def make(cls, options: Mapping[str, Any], file: Path | None = None) -> "TrainConfig":
        """Combine options, a file, the network's recipe and the defaults, in this order of precedence.

        Parameters
        ----------
        options
            Settings by name.
        file
            TOML file with settings.

        Returns
        -------
        TrainConfig
            All settings, checked.

        Raises
        ------
        EinthovenError
            If a setting is unknown or has a wrong value.
        """
        chosen = {**(read_settings(file) if file else {}), **options}
        if "data" not in chosen:
            raise EinthovenError("No data set; give --data FOLDER or `data` in the configuration file.")
        chosen["data"] = str(Path(chosen["data"]).resolve())
        recipe = network_class(str(chosen.get("model", cls.model))).recipe
        types = get_type_hints(cls)
        settings = {}
        for name, value in {**recipe, **chosen}.items():
            if name not in types:
                raise EinthovenError(f"There is no setting {name!r}; choose from {', '.join(types)}.")
            settings[name] = _convert(name, value, types[name])
        if settings.get("labels") and not chosen.get("tasks"):
            settings["tasks"] = ()
        config = cls(**settings)
        config.check()
        return config

    def check(self) -> None:
        """Raise EinthovenError for settings that contradict each other or make no sense."""
        folds = self.train_folds + self.validation_folds
        problems = {
            f"task must be among {', '.join(_TASKS)}": not set(self.tasks) <= set(_TASKS),
            "give either task or labels": bool(self.tasks) == bool(self.labels),
            "no label may occur twice in labels": len(set(self.labels)) < len(self.labels),
            f"rate must be one of {RATES} Hz": self.rate not in RATES,
            f"window must be over 0 and at most {SECONDS} s": not 0 < self.window <= SECONDS,
            "stride must be over 0 s": not self.stride > 0,
            "edge_margin must be at least 0 s": not self.edge_margin >= 0,
            "train_folds must be folds from 1 to 10": not self.train_folds or not set(folds) <= set(range(1, 11)),
            "no fold may occur twice in train_folds and validation_folds": len(set(folds)) < len(folds),
            "epochs and batch_size must be at least 1": min(self.epochs, self.batch_size) < 1,
            "freeze_epochs must be from 0 to epochs": not 0 <= self.freeze_epochs <= self.epochs,
            "freeze_epochs needs initial": self.freeze_epochs > 0 and not self.initial,
            f"optimizer must be one of {OPTIMIZERS}": self.optimizer not in OPTIMIZERS,
            f"schedule must be one of {SCHEDULES}": self.schedule not in SCHEDULES,
            "learning_rate must be over 0": not self.learning_rate > 0,
            "weight_decay must be at least 0": not self.weight_decay >= 0,
            "distillation_weight must be from 0 to 1": not 0 <= self.distillation_weight <= 1,
            "mixup must be at least 0": not self.mixup >= 0,
            "auxiliary_weight must be at least 0": not self.auxiliary_weight >= 0,
            "superclass_weight must be at least 0": not self.superclass_weight >= 0,
            "single_label_weight must be at least 0": not self.single_label_weight >= 0,
            "superclass_weight needs the task superclass": (
                self.superclass_weight > 0 and "superclass" not in self.tasks
            ),
            "acute_weight must be at least 0": not self.acute_weight >= 0,
            "acute_weight needs the tasks superclass and acute": (
                self.acute_weight > 0 and not {"superclass", "acute"} <= set(self.tasks)
            ),
            "new_labels_only needs initial, weight_decay = 0 and auxiliary_weight = 0": self.new_labels_only
            and (not self.initial or self.weight_decay > 0 or self.auxiliary_weight > 0),
            "ambulance_share must be from 0 to 1": not 0 <= self.ambulance_share <= 1,
            "seed must be at least 0": self.seed < 0,
            f"precision must be one of {PRECISIONS}": self.precision not in PRECISIONS,
            f"keep must be one of {_KEEP}": self.keep not in _KEEP,
            "keep = 'best' needs validation_folds": self.keep == "best" and not self.validation_folds,
        }
        for problem, applies in problems.items():
            if applies:
                raise EinthovenError(f"Settings: {problem}.")

    @property
    def window_samples(self) -> int:
        """Samples of one window."""
        return round(self.window * self.rate)

    @property
    def stride_samples(self) -> int:
        """Samples between the starts of two windows."""
        return max(1, round(self.stride * self.rate))

    @property
    def edge_margin_samples(self) -> int:
        """Samples at each end that the windows leave out."""
        return round(self.edge_margin * self.rate)

    def to_dict(self) -> dict[str, Any]:
        """Return the settings for JSON.

        Returns
        -------
        dict
            Settings that `TrainConfig.make` accepts.
        """
        return asdict(self)


def read_settings(path: Path) -> dict[str, Any]:
    """Read a configuration file.

    Parameters
    ----------
    path
        TOML file.

    Returns
    -------
    dict
        Settings by name, unchecked.

    Raises
    ------
    EinthovenError
        If there is no such file, or it is not TOML.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise EinthovenError("not found; check the path of the configuration file.", path) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise EinthovenError(f"is not a TOML file ({error}).", path) from None


def _convert(name: str, value: Any, kind: Any) -> Any:
    """`value` as the type `kind` of the setting `name`: str, int, float, bool, or a tuple of str or int."""
    if items := get_args(kind):
        if isinstance(value, list | tuple):
            return tuple(_convert(name, item, items[0]) for item in value)
    elif kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    elif type(value) is kind:
        return value
    expected = f"a list of {get_args(kind)[0].__name__}" if get_args(kind) else kind.__name__
    raise EinthovenError(f"Settings: {name} must be {expected}, not {value!r}.")
