#!/usr/bin/env bash
# Rebuilds both shipped bundles from PTB-XL: configs/build.sh PTB-XL
#
# Run it in the root of the repository; the runs go to runs/, the bundles to runs/bundles/. A run that is there already
# is not trained again, and one that was stopped goes on. On two CPU cores this takes about seven hours, each
# training on one thread; on a GPU minutes. One thread, because more change the last digits. The four runs
# of which the bundles are made lie in weights/ too, from where they can be exported in a minute.
set -euo pipefail
data=${1:?give the folder with PTB-XL}
export OMP_NUM_THREADS=${OMP_NUM_THREADS:-1}

train() {
  if [[ -e runs/$1/config.json ]]; then
    einthoven train --resume "runs/$1"
  else
    einthoven train --config "configs/$1.toml" --data "$data" --out "runs/$1"
  fi
}

train s4d && train s4d-tuned & first=$!
train xresnet1d50
wait $first
train xresnet1d101 && train s4d-eighth-remarked & first=$!
train s4d-quarter
train xresnet1d50-taught
train s4d-eighth
train s4d-eighth-longer
wait $first
train inception1d-half && train inception1d-half-quiet & first=$!
train s4d-eighth-longer-superclasses
train s4d-eighth-longer-quiet
wait $first
train s4d-edge
train s4d-edge-remarked
train s4d-edge-superclasses
train s4d-edge-superclasses-longer
train s4d-edge-apart
of_default=(runs/inception1d-half-quiet runs/s4d-edge-apart runs/s4d-eighth-longer-quiet)
einthoven export "${of_default[@]}" --data "$data" --out runs/bundles/default
einthoven export runs/s4d-edge-superclasses --data "$data" --out runs/bundles/edge
echo "Now measure them: einthoven evaluate runs/bundles/default --data $data --out runs/bundles/default-results --into-card"
