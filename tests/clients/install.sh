#!/bin/sh
# Give tests/clients their clients. Without an argument: those in JavaScript, at the pinned versions, where npm is already
# there (about a minute the first time, 350 MB); where it is not, or has no network, their tests are skipped.
# With "all": also npm, R, curl and Chromium from apt, as root or by sudo; what cannot be had is a failure.
set -u
cd "$(dirname "$0")" || exit 1
all="${1:-}"

from_apt() { # PACKAGES: the words that apt installs
  command -v apt-get >/dev/null 2>&1 || { echo "no apt-get here; install by hand: $*"; return 1; }
  as_root=""
  [ "$(id -u)" -eq 0 ] || as_root="sudo"
  $as_root apt-get update -qq && DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

if [ "$all" = all ]; then
  wanted=""
  command -v curl >/dev/null 2>&1 || wanted="$wanted curl"
  command -v npm >/dev/null 2>&1 || wanted="$wanted npm"
  Rscript -e 'library(httr2); library(jsonlite)' >/dev/null 2>&1 || wanted="$wanted r-base-core r-cran-httr2 r-cran-jsonlite"
  command -v chromium >/dev/null 2>&1 || command -v chromium-browser >/dev/null 2>&1 \
    || command -v google-chrome >/dev/null 2>&1 || wanted="$wanted chromium"
  # shellcheck disable=SC2086  # words on purpose
  [ -z "$wanted" ] || { echo "installing$wanted"; from_apt $wanted; } || exit 1
fi

made=node_modules/.from-lock
cmp -s package-lock.json "$made" && exit 0
command -v npm >/dev/null 2>&1 || { echo "no npm here: the clients in JavaScript are not tested (make clients installs it)"; exit 0; }
echo "installing the clients in JavaScript"
# Comunica needs Node.js 22; where the system's is older, npm brings one for Linux.
major=$(node --version 2>/dev/null | sed -n 's/^v\([0-9]*\).*/\1/p')
lean=""
[ "${major:-0}" -lt 22 ] || lean="--omit=optional"
# shellcheck disable=SC2086  # nothing or one word
if npm ci $lean --ignore-scripts --no-audit --no-fund --loglevel=error; then
  cp package-lock.json "$made"
  exit 0
fi
rm -rf node_modules
echo "npm could not install the clients in JavaScript: they are not tested"
[ "$all" != all ]
