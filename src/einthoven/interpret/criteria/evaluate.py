"""Evaluate all criteria of an ECG."""

from collections.abc import Callable
from dataclasses import replace

from einthoven.interpret.criteria import (
    atria,
    brugada,
    conduction,
    hypertrophy,
    intervals,
    lbbb_paced,
    low_voltage,
    possible,
    q_waves,
    romhilt_estes,
    st_depression,
    st_elevation,
    supplemental_leads,
)
from einthoven.interpret.criteria.applicability import ADULT_YEARS
from einthoven.interpret.criteria.criterion import Context, Criterion
from einthoven.interpret.criteria.ecg import NARROW_BELOW_MS, Ecg
from einthoven.interpret.criteria.verdicts import any_of, at_least
from einthoven.recording import Patient
from einthoven.signal.measurements.values import Measurements

_CRITERIA: tuple[Callable[[Ecg], Criterion], ...] = (
    st_elevation.stemi,
    st_elevation.posterior_mirror,
    supplemental_leads.posterior_leads,
    supplemental_leads.right_leads,
    st_elevation.right_ventricle,
    st_elevation.reciprocal,
    st_elevation.prehospital_gate,
    st_depression.depression,
    st_depression.t_inversion,
    st_depression.widespread_depression,
    q_waves.q_v2_v3,
    q_waves.q_waves,
    q_waves.r_v1_v2,
    lbbb_paced.sgarbossa,
    lbbb_paced.smith_modified,
    lbbb_paced.barcelona,
    hypertrophy.sokolow_lyon,
    hypertrophy.sokolow_avl,
    hypertrophy.cornell_voltage,
    hypertrophy.cornell_product,
    hypertrophy.peguero_lo_presti,
    romhilt_estes.romhilt_estes,
    hypertrophy.rvh_sokolow,
    low_voltage.low_limb_voltage,
    low_voltage.low_chest_voltage,
    atria.left_atrium,
    atria.right_atrium,
    conduction.rbbb,
    conduction.irbbb,
    conduction.lbbb,
    conduction.lbbb_strauss,
    conduction.lbbb_pattern,
    conduction.ilbbb,
    conduction.lafb,
    conduction.lpfb,
    conduction.ivcd,
    conduction.wpw,
    intervals.pr_long,
    intervals.pr_short,
    intervals.qtc_long,
    intervals.qtc_critical,
    intervals.axis_left,
    intervals.axis_right,
    intervals.axis_extreme,
    possible.smith_four_variables,
    possible.de_winter,
    possible.wellens,
    possible.aslanger,
    possible.tall_t,
    possible.hyperkalemia,
    brugada.brugada,
)


def evaluate_criteria(measurements: Measurements, patient: Patient, context: Context) -> tuple[Criterion, ...]:
    """Evaluate all criteria of an ECG.

    Parameters
    ----------
    measurements
        Measurements of the ECG, rounded as they are shown, so that a reason never contradicts them.
    patient
        Age and sex, if known. Below 16 years, no criterion applies.
    context
        Further known facts. The measurements complete unknown ones if they decide them.

    Returns
    -------
    tuple of Criterion
        The criteria, always with the same codes in the same order.
    """
    ecg = complete_context(Ecg.of(measurements, patient, context))
    criteria = tuple([evaluate(ecg) for evaluate in _CRITERIA])
    if patient.age is not None and patient.age < ADULT_YEARS:
        return tuple([criterion._replace(met=None, reason="The limits are those of adults.") for criterion in criteria])
    return criteria


def complete_context(ecg: Ecg) -> Ecg:
    """Return the ECG with unknown facts of the context completed from its measurements.

    Parameters
    ----------
    ecg
        The ECG.

    Returns
    -------
    Ecg
        The ECG; facts that the context states already are kept.
    """
    narrow = False if at_least(ecg.measurements.qrs_ms, NARROW_BELOW_MS) is False else None
    context = ecg.context
    if context.paced is None:
        context = replace(context, paced=narrow)
    if context.preexcitation is None and conduction.wpw(ecg).met is False:
        context = replace(context, preexcitation=False)
    ecg = ecg._replace(context=context)
    lbbb = conduction.lbbb_pattern(ecg).met if context.lbbb is None else context.lbbb
    rbbb = conduction.rbbb(ecg).met if context.rbbb is None else context.rbbb
    ecg = ecg._replace(context=replace(context, lbbb=lbbb, rbbb=rbbb))
    if context.lvh is None:
        lvh = any_of((hypertrophy.sokolow_lyon(ecg).met, hypertrophy.cornell_voltage(ecg).met))
        ecg = ecg._replace(context=replace(ecg.context, lvh=lvh))
    return ecg
