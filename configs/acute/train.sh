#!/usr/bin/env bash
# Train the networks whose scores fit the answer about acute infarcts: configs/acute/train.sh PTB-XL
#
# Run it in the root of the repository. Each leaves out three of folds 1-9, and benchmarks/fit/acute.py takes its scores of
# these, in the mean of a state-space and a convolutional network. Training takes about five minutes each on one CPU core.
set -euo pipefail
data=${1:?give the folder with PTB-XL}
export OMP_NUM_THREADS=${OMP_NUM_THREADS:-1}

train() {
  einthoven train --config "configs/acute/$1.toml" --data "$data" --out "runs/acute/$2" \
    --train-folds "$3" --validation-folds none
}

train fold-out without-1 4-9
train fold-out without-4 1-3,7-9
train fold-out without-7 1-6
train fold-out-convolutional convolutional-without-1 4-9
train fold-out-convolutional convolutional-without-4 1-3,7-9
train fold-out-convolutional convolutional-without-7 1-6
