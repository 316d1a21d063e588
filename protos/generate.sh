#!/usr/bin/env sh
# Writes protos/gen from protos/groupement. The result is committed; run it through `make protos`.
set -eu
cd "$(dirname "$0")"
bin=${VENV_BIN:-$(pwd)/../.venv/bin}
fresh=$(mktemp -d)
trap 'rm -rf "$fresh"' EXIT
messages=$(find groupement -name '*.proto' | LC_ALL=C sort)
services=$(find groupement -name '*_service.proto' | LC_ALL=C sort)
PATH="$bin:$PATH"
python -m grpc_tools.protoc -I . --python_out="$fresh" --mypy_out=quiet:"$fresh" $messages
[ -z "$services" ] || python -m grpc_tools.protoc -I . --grpc_python_out="$fresh" --mypy_grpc_out=quiet:"$fresh" $services
rm -rf gen/groupement
mkdir -p gen
mv "$fresh/groupement" gen/groupement
touch gen/groupement/py.typed
