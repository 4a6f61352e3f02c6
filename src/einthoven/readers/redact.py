"""Decide which words of a file may appear in a message: none that could be a person's name."""

import re
from collections.abc import Iterable

HIDDEN = "(not shown)"
"""Replaces a label or unit that could be a person's name."""
MAX_LABEL_LENGTH = 16
"""Characters of a label that is shown; EDF has as many."""
MAX_DIGITS = 3
"""Digits of a label that is shown; more could be a date or a patient's number."""
MAX_LISTED = 20

_LABELS = frozenset(
    """
    i ii iii avr avl avf v r x y z a c d e m f mli mlii mliii ml mcl cm cc cs es as mdc ecg ekg lead leads
    ableitung channel chan ch sample samples time seconds index marker trigger annotations edf bdf status event
    resp respiration pleth plethysmogram ppg spo abp bp ibp nibp cvp pap icp hr pulse rate rr emg eeg eog gsr
    eda temp temperature acc accelerometer gyro neg inverted ref reference nv uv mv µv volt volts hz s ms us ua
    mmhg bpm ohm nu adu lsb unnamed unknown column signal noise pace pacer qrs beat fhr toco thorax imp
    impedance flow aux analog digital input cal calibration
    """.split()  # noqa: SIM905
)
_LIBRARY = _LABELS | frozenset(  # words of ecgdatakit's messages, except those that are also surnames
    """
    accepted additional aecg after aha allowed allows amplitude amplitudes an and annotatedecg applied are at
    attributes auto available bad base be beats below between bimodal biosemi birth bits but by byte bytes cannot
    changes channels checksum chn chunk closed cmp code codes complete compressed compression concatenated
    contain content contents converted count counts crc cycle data date decimated declarations declared declares
    decode decoded decodes decompression default defined defines definition delta determined difference
    different digits divisible dropped dtp duration durationperchannel element empty encoded encoding end ends
    entity exceeds expected exponent false far fewer file files final first fixed flac for format formats found
    frame frames freq frequency gain gap gaps get has have header hl holds ignored in incomplete inconsistent
    increment indefinite int integer interval invalid is ishne its ivl joined larger leadamplitudeunits
    leadbytecounttotal leaddata leadid leadsamplecounttotal left length lengths lies line lines loaded longer
    lzw magic malformed mantissa master measurement median metadata mfer mismatch missing most multi multiplier
    must mwf nan need needs negative nested no non none not null number odd of offset offsets one only onsets or
    order ordinary out outside overrun parsedwaveforms parser past per physical plain pointer points positive
    prefix present range raw read reading recognised record recorder records redefine remain repbeat repbeats
    representative represented requires resolution restingecg restingecgdata rhythm root rounded samplebase
    sampling says scale scaling scp section see segment segments sequence sequences series set sets several
    short shorter sierraecg signals signed size sizes skipped spec specs standard start starts stated statements
    storage stored stream subtraction supported switch table tag than the these they those to too trailing
    truncated two type uncalibrated undefined undocumented unit unitless units unrecognised unscaled unsupported
    usable use used uses using valid value values variable version voltage was wav waveform waveformdata were
    wfdb whole with without wrong xli xml zero zones
    """.split()  # noqa: SIM905
)
_WORD = re.compile(r"[^\W\d_]+")
_PLAIN = re.compile(r"[\w .:()/%+#\[\]-]{1,16}")
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"|\d{8,}")


def show_label(label: str) -> str:
    """Return the name of a channel or a unit, if it cannot be a person's name.

    Parameters
    ----------
    label
        Name as in the file.

    Returns
    -------
    str
        The label if all of its words are known, such as "MLII" or "ECG 1"; else HIDDEN.
    """
    label = label[: MAX_LABEL_LENGTH + 1].strip() if len(label) <= 2 * MAX_LABEL_LENGTH else ""
    known = bool(_PLAIN.fullmatch(label)) and all(word.lower() in _LABELS for word in _WORD.findall(label))
    return label if known and sum(character.isdigit() for character in label) <= MAX_DIGITS else HIDDEN


def list_labels(labels: Iterable[str]) -> str:
    """Return the labels that may be shown, and how many more there are.

    Parameters
    ----------
    labels
        Names of channels.

    Returns
    -------
    str
        One line, with at most MAX_LISTED labels.
    """
    all_labels = list(labels)
    names = [name for name in map(show_label, all_labels[:MAX_LISTED]) if name != HIDDEN]
    more = len(all_labels) - len(names)
    others = "1 channel whose name is not shown" if more == 1 else f"{more} channels whose names are not shown"
    return ", ".join(names + [others] * bool(more)) or "none"


def redact_library_text(message: object) -> str:
    """Return a library's message without text that could come from the file.

    Parameters
    ----------
    message
        An error or a warning.

    Returns
    -------
    str
        Message without quotations, and with "…" for every unknown word.
    """
    text = _QUOTED.sub("…", " ".join(str(message)[:1000].split()))
    return _WORD.sub(lambda word: word[0] if word[0].lower() in _LIBRARY else "…", text)[:300]
