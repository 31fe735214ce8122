#!/usr/bin/env bash
# Compiles the suite in build/ when its sources changed, and runs it with the arguments as they are. Bash 3.2 (macOS) will do.
set -euo pipefail

script=${BASH_SOURCE[0]}
while [ -L "$script" ]; do
  target=$(readlink "$script")
  case $target in
    /*) script=$target ;;
    *) script=${script%/*}/$target ;;
  esac
done
case $script in */*) root=${script%/*} ;; *) root=. ;; esac
root=$(cd -P -- "$root" && pwd)

program=$root/artifacts/bin/Build/release/Build.dll
state=$root/artifacts/build-sh
stamp=$state/sources

die() {
  printf '%s\n' "$@" >&2
  exit 1
}

find_dotnet() {
  local candidate
  for candidate in "${DOTNET_ROOT:+$DOTNET_ROOT/dotnet}" "$(command -v dotnet || true)" "${HOME:-}/.dotnet/dotnet"; do
    if [ -n "$candidate" ] && [ -x "$candidate" ]; then
      printf '%s\n' "$candidate"
      return
    fi
  done
}

# global.json asks for the feature band of 10.0.100 or a later one of 10.0; only the SDK itself knows how to choose.
check_sdk() {
  local wanted
  wanted=$(sed -n 's/.*"version": *"\([^"]*\)".*/\1/p' "$root/global.json")
  if [ -z "$dotnet" ]; then
    die "AMB2001: The .NET SDK is missing." "$(how_to_install "$wanted")"
  fi
  if ! (cd "$root" && "$dotnet" --version) >/dev/null 2>&1; then
    die "AMB2001: This needs the .NET SDK $wanted or a later one of ${wanted%.*}; $dotnet has:" \
      "$("$dotnet" --list-sdks | sed 's/^/  /')" "$(how_to_install "$wanted")"
  fi
}

how_to_install() {
  printf '  fix:    install .NET SDK %s, for instance with\n' "$1"
  if [ "$(uname -s)" = Darwin ]; then
    printf '            brew install --cask dotnet-sdk\n'
  else
    printf '            sudo apt-get install dotnet-sdk-%s\n' "${1%.*}"
  fi
  printf '          or see https://dotnet.microsoft.com/download/dotnet/%s\n' "${1%.*}"
}

# Every file that the compiled suite depends on, with its size and time: an added, deleted, changed or older file changes the list.
list_sources() {
  cd "$root"
  case $(uname -s) in
    Darwin) set -- stat -f '%N %z %Fm' ;;
    *) set -- stat -c '%n %s %y' ;;
  esac
  find build ./Directory.*.props ./Directory.*.targets ./global.json ./.editorconfig ./nuget.config ./NuGet.config \
    -type f -exec "$@" {} + 2>/dev/null | LC_ALL=C sort
  printf 'CakeFrosting=%s\n' "${CakeFrosting:-}"
}

compile() {
  check_sdk
  local started=$SECONDS sources
  printf 'Compiling the suite ...\n' >&2
  mkdir -p "$state"
  rm -f "$stamp"
  sources=$(list_sources)
  if ! MSBUILDDISABLENODEREUSE=1 DOTNET_CLI_USE_MSBUILD_SERVER=0 "$dotnet" build "$root/build/Build.csproj" -c Release \
    --nologo -v quiet -nodeReuse:false -p:UseSharedCompilation=false >"$state/compile.log" 2>&1; then
    cat "$state/compile.log" >&2
    die "AMB2002: The suite in build/ does not compile; the messages above say why."
  fi
  printf '%s\n' "$sources" >"$stamp.$$"
  mv -f "$stamp.$$" "$stamp"
  printf 'Compiled in %s s.\n' "$((SECONDS - started))" >&2
}

is_current() {
  [ -f "$stamp" ] && [ -f "$program" ] && [ "$(cat "$stamp")" = "$(list_sources)" ]
}

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
dotnet=$(find_dotnet)
if ! is_current; then
  compile
fi
exec "$dotnet" "$program" "$@"
