#!/bin/sh
# Installs the service into FOLDER: what requirements/serve.txt locks, Einthoven's own wheel, and an SBOM of both.
# The container is built with it, and docs/how-to/hospital.md runs it on a machine without containers.
set -eu
umask 022 # for the user that runs the service
folder=${1:?"usage: deploy/install.sh FOLDER"}
python=${PYTHON:-python3}
build=$(mktemp -d)
trap 'rm -rf "$build"' EXIT

# The tools have an environment of their own: neither they nor pip stay with the service.
"$python" -m venv "$build/tools"
"$python" -m venv --without-pip --clear "$folder"
folder=$(cd "$folder" && pwd)
cd "$(dirname "$0")/.."
set -- --quiet --no-deps --only-binary :all: --require-hashes
"$build/tools/bin/pip" install "$@" --requirement requirements/build.txt
"$build/tools/bin/pip" --python "$folder/bin/python" install "$@" --requirement requirements/serve.txt
"$build/tools/bin/hatchling" build --target wheel --directory "$build"
"$build/tools/bin/pip" --python "$folder/bin/python" install --quiet --no-deps --no-index "$build"/*.whl
# The SBOM takes the version from pyproject.toml, which leaves it to the package.
sed "s/^dynamic = .*/version = \"$("$build/tools/bin/hatchling" version)\"/" pyproject.toml > "$build/pyproject.toml"
"$build/tools/bin/cyclonedx-py" environment --pyproject "$build/pyproject.toml" --validate \
  --output-file "$folder/sbom.cdx.json" "$folder/bin/python"
