#!/bin/sh
# Give the browser tests what they judge pages with (axe-core, html-validate), at the pinned versions, or with
# "lighthouse" what `make lighthouse` needs. Where npm is missing it is installed when apt may: as root, or by sudo
# without a password. Without npm or network the tests are skipped, and under CI=true they fail.
set -u
cd "$(dirname "$0")" || exit 1
[ "${1:-}" != lighthouse ] || cd lighthouse || exit 1

made=node_modules/.from-lock
cmp -s package-lock.json "$made" && exit 0
if ! command -v npm >/dev/null 2>&1 && command -v apt-get >/dev/null 2>&1; then
  as_root=""
  [ "$(id -u)" -eq 0 ] || as_root="sudo -n"
  echo "installing npm for the browser tests"
  $as_root apt-get update -qq && DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq --no-install-recommends npm >/dev/null
fi
command -v npm >/dev/null 2>&1 || { echo "no npm here: pages are not judged by axe-core and html-validate"; exit 0; }
if npm ci --ignore-scripts --no-audit --no-fund --loglevel=error; then
  cp package-lock.json "$made"
else
  rm -rf node_modules
  echo "npm could not install the tools of the browser tests: pages are not judged by axe-core and html-validate"
fi
[ "${1:-}" != lighthouse ] || [ -e "$made" ]
