#!/bin/sh
# Give tests/harvest its harvesters, at pinned versions, away from the environment of coopkg itself. Without an argument:
# those that npm and the package index have to give (two minutes and 900 MB the first time); the tests of others are
# skipped. With "all": what cannot be had is a failure. PYTHON makes the environments.
set -u
cd "$(dirname "$0")" || exit 1
all="${1:-}"
python="${PYTHON:-python3}"
missing=""

environment() { # NAME: one of requirements/, installed into .venv-harvest/NAME
  folder="../../.venv-harvest/$1"
  cmp -s "requirements/$1.txt" "$folder/.from" && return
  echo "installing the harvesters of tests/harvest/requirements/$1.in"
  if "$python" -m venv --clear "$folder" \
    && "$folder/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r "requirements/$1.txt"; then
    cp "requirements/$1.txt" "$folder/.from"
  else
    rm -rf "$folder"
    missing="$missing $1"
  fi
}

scripts() { # the harvesters in JavaScript
  cmp -s package-lock.json node_modules/.from-lock && return
  echo "installing the harvesters in JavaScript"
  if command -v npm >/dev/null 2>&1 && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error; then
    cp package-lock.json node_modules/.from-lock
  else
    rm -rf node_modules
    missing="$missing npm"
  fi
}

for name in web ckan udata; do environment "$name"; done
scripts
[ -z "$missing" ] || echo "these harvesters cannot be had here, so that their tests are skipped:$missing"
[ -z "$missing" ] || [ "$all" != all ]
