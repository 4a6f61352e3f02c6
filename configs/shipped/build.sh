#!/usr/bin/env bash
# Rebuild both shipped bundles from PTB-XL: configs/shipped/build.sh PTB-XL
#
# Run it in the root of the repository. It trains the 15 numbered stages, two at a time if neither needs the other: 1 h 45
# min on two cores of an AMD EPYC with AVX-512. The shipped bundles were trained in this way, in one clone. Each run goes
# to runs/. A finished run is not trained again, and a run that was stopped is resumed. Each stage trains on one thread,
# because more threads change the last digits. The networks of the bundles are also in weights/, which export in a minute.
set -euo pipefail
data=${1:?give the folder with PTB-XL}
export OMP_NUM_THREADS=${OMP_NUM_THREADS:-1}
trap 'trap - TERM; kill 0' INT TERM # a script's background jobs ignore Ctrl-C

train() {
  local number stage run
  for number in "$@"; do
    stage=$(ls configs/shipped/"$number"-*.toml)
    run=runs/$(basename "$stage" .toml)
    if [[ -e $run/config.json ]]; then
      einthoven train --resume "$run"
    else
      einthoven train --config "$stage" --data "$data" --out "$run"
    fi
  done
}

# Trains two lists of stages at once, and fails if either does.
both() {
  # shellcheck disable=SC2086  # lists of numbers
  train $1 & local first=$! failed=0
  # shellcheck disable=SC2086
  train $2 & local second=$!
  wait "$first" || failed=1
  wait "$second" || failed=1
  return "$failed"
}

export_bundle() {
  einthoven export "${@:2}" --data "$data" --out "runs/bundles/$1"
  echo "Now measure it: einthoven evaluate runs/bundles/$1 --data $data --out runs/bundles/$1-results --into-card"
}

both "1 2 3 4" "5"
both "6 7 8" "9 10 11 12 13 14 15"
export_bundle edge runs/12-s4d-edge runs/15-inception1d-edge
export_bundle default runs/2-inception1d-half runs/4-inception1d-half runs/8-s4d-eighth runs/12-s4d-edge
