"""Which walls of the heart an acute pattern is in."""

from collections.abc import Collection, Mapping

_ANTERIOR, _SEPTAL, _LATERAL, _INFERIOR, _POSTERIOR = "anterior", "septal", "lateral", "inferior", "posterior"
WALLS_OF_STATEMENT: Mapping[str, tuple[str, ...]] = {
    "ASMI": (_SEPTAL, _ANTERIOR),
    "AMI": (_ANTERIOR,),
    "ALMI": (_ANTERIOR, _LATERAL),
    "LMI": (_LATERAL,),
    "ILMI": (_LATERAL, _INFERIOR),
    "IMI": (_INFERIOR,),
    "IPMI": (_INFERIOR, _POSTERIOR),
    "IPLMI": (_LATERAL, _INFERIOR, _POSTERIOR),
    "PMI": (_POSTERIOR,),
    "INJAS": (_SEPTAL, _ANTERIOR),
    "INJAL": (_ANTERIOR, _LATERAL),
    "INJLA": (_LATERAL,),
    "INJIL": (_LATERAL, _INFERIOR),
    "INJIN": (_INFERIOR,),
}
"""The walls that PTB-XL's statements about infarcts and injury name."""
_ORDER = (_SEPTAL, _ANTERIOR, _LATERAL, _INFERIOR, _POSTERIOR, "right ventricular")
