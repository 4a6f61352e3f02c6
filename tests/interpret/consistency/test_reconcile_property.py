"""Whatever the evidence, the answer contradicts neither itself nor its measurements."""

import json
from dataclasses import replace
from importlib import resources

import jsonschema
from evidence_strategy import acute_patterns, evidences, rhythms
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from reconciled import interpretation_of

from einthoven import Interpretation
from einthoven.interpret.consistency.contradictions import find_contradictions
from einthoven.interpret.consistency.reconcile import reconcile

SCHEMA = json.loads((resources.files("einthoven.interpret") / "interpretation.schema.json").read_text())


@settings(max_examples=150, phases=[Phase.explicit, Phase.reuse, Phase.generate])  # shrinking takes minutes
@given(st.data())
def test_no_contradictions(data: st.DataObject) -> None:
    rhythm = data.draw(rhythms())
    evidence = data.draw(evidences(rhythm))
    acute = data.draw(acute_patterns)
    result = interpretation_of(evidence, rhythm, acute)
    assert find_contradictions(result) == ()
    kept = {finding.label: finding.probability for finding in result.findings + result.statements}
    own = evidence.answer.findings + evidence.answer.statements
    assert all(kept[finding.label] == finding.probability for finding in own)
    assert Interpretation.from_dict(json.loads(result.to_json())) == result
    jsonschema.validate(json.loads(result.to_json()), SCHEMA)
    again = reconcile(evidence, rhythm, result.acute)
    assert (again.acute, again.critical) == (result.acute, result.critical)


@settings(max_examples=100, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(st.data(), st.floats(0, 1))
def test_an_enlarged_ecg_only_withholds_a_rule_in(data: st.DataObject, probability: float) -> None:
    rhythm = data.draw(rhythms())
    evidence = replace(data.draw(evidences(rhythm)), infarct_if_enlarged=None)
    acute = data.draw(acute_patterns)
    before = reconcile(evidence, rhythm, acute)
    after = reconcile(replace(evidence, infarct_if_enlarged=probability), rhythm, acute)
    assert after.acute == before.acute
    decisions = [result.answer.mi and result.answer.mi.decision for result in (before, after)]
    assert decisions[0] == decisions[1] or decisions == ["rule-in", "undecided"]
    assert after.conclusion == before.conclusion or after.conclusion != "normal"
