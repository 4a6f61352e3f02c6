#!/usr/bin/env bash
# Rebuild both shipped bundles from PTB-XL: configs/shipped/build.sh PTB-XL
#
# Run it in the root of the repository. It trains the 26 numbered stages in order: first the teachers, then edge, then
# default. Each run goes to runs/, under the path of its stage. A finished run is not trained again, and a run that was
# stopped is resumed. The stages take about 12 hours on one CPU core, and minutes on a GPU; the two newest, 9e and 9f of
# default, took 14 minutes on one core of two. The whole chain has not been run at once. The stages train on one thread,
# because more threads change the last digits. The six runs of the bundles are also in weights/, which export in a
# minute.
set -euo pipefail
data=${1:?give the folder with PTB-XL}
export OMP_NUM_THREADS=${OMP_NUM_THREADS:-1}

for stage in configs/shipped/{teachers,edge,default}/*.toml; do
  run=runs/${stage#configs/shipped/}
  run=${run%.toml}
  if [[ -e $run/config.json ]]; then
    einthoven train --resume "$run"
  else
    einthoven train --config "$stage" --data "$data" --out "$run"
  fi
done

export_bundle() {
  einthoven export "${@:2}" --data "$data" --out "runs/bundles/$1"
  echo "Now measure it: einthoven evaluate runs/bundles/$1 --data $data --out runs/bundles/$1-results --into-card"
}

export_bundle edge runs/edge/4-s4d-edge runs/default/9f-inception1d-edge
export_bundle default runs/default/9c-inception1d-half runs/default/9a-s4d-edge runs/default/9b-s4d-eighth \
  runs/default/9d-inception1d-half
