#!/usr/bin/env bash
# Train the networks whose scores fit the answer about acute infarcts: configs/acute/train.sh PTB-XL
#
# Run it in the root of the repository. Each network leaves out three of folds 1-9, and benchmarks/fit/acute.py takes its
# scores of these. Training takes about three minutes each on one CPU core.
set -euo pipefail
data=${1:?give the folder with PTB-XL}
export OMP_NUM_THREADS=${OMP_NUM_THREADS:-1}

train() {
  einthoven train --config configs/acute/fold-out.toml --data "$data" --out "runs/acute/without-$1" \
    --train-folds "$2" --validation-folds none
}

train 1 4-9
train 4 1-3,7-9
train 7 1-6
