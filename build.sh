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
  local started=$SECONDS sources cancelled= failed=
  if [ -f "$program" ]; then
    printf 'Compiling the suite (its sources changed) ...\n' >&2
  else
    printf 'Compiling the suite (first run) ...\n' >&2
  fi
  rm -f "$stamp"
  spare_running_program
  # Listed before compiling: what is saved meanwhile is compiled the next time.
  sources=$(list_sources)
  # A signal is remembered until the compiler, which a terminal's Ctrl-C reaches too, has ended: nothing stays behind.
  trap 'cancelled=130' INT
  trap 'cancelled=143' TERM HUP
  MSBUILDDISABLENODEREUSE=1 DOTNET_CLI_USE_MSBUILD_SERVER=0 "$dotnet" build "$root/build/Build.csproj" -c Release \
    --nologo -v quiet -nodeReuse:false -p:UseSharedCompilation=false >"$state/compile.log" 2>&1 || failed=1
  trap - INT TERM HUP
  if [ -n "$cancelled" ]; then
    printf 'Cancelled.\n' >&2
    exit "$cancelled"
  fi
  if [ -n "$failed" ]; then
    cat "$state/compile.log" >&2
    die "AMB2002: The suite in build/ does not compile; the messages above say why."
  fi
  printf '%s\n' "$sources" >"$stamp.new"
  mv -f "$stamp.new" "$stamp"
  printf 'Compiled in %s s.\n' "$((SECONDS - started))" >&2
}

# The compiler overwrites in place, which would pull the pages from under a run that still goes on; so it gets copies to overwrite.
spare_running_program() {
  local file
  for file in "${program%/*}"/Build.* "${program%/*}"/Cake.Frosting.*; do
    if [ -f "$file" ]; then
      cp -p "$file" "$file.new"
      mv -f "$file.new" "$file"
    fi
  done
}

is_current() {
  [ -f "$stamp" ] && [ -f "$program" ] && [ "$(cat "$stamp")" = "$(list_sources)" ]
}

# One compiles, others wait for it and then find it done. flock(1) lets go when its holder dies; macOS has none.
compile_unless_another_did() {
  local told=
  if ! { mkdir -p "$state" && : >>"$state/lock"; } 2>/dev/null; then
    die "AMB2002: The suite cannot be compiled: $state cannot be written." "  fix:    make the checkout writable, or room on its disk."
  fi
  if command -v flock >/dev/null; then
    exec 9>"$state/lock"
    if ! flock -n 9; then
      printf 'Waiting for another run that compiles the suite ...\n' >&2
      flock 9
    fi
  else
    while ! mkdir "$state/lock.d" 2>/dev/null; do
      [ -n "$told" ] || printf 'Waiting for another run that compiles the suite ...\n' >&2
      told=1
      kill -0 "$(cat "$state/lock.d/pid" 2>/dev/null || echo $$)" 2>/dev/null || rm -rf "$state/lock.d"
      sleep 0.2
    done
    echo $$ >"$state/lock.d/pid"
    trap 'rm -rf "$state/lock.d"' EXIT
  fi
  is_current || compile
  if command -v flock >/dev/null; then
    exec 9>&-
  else
    rm -rf "$state/lock.d"
    trap - EXIT
  fi
}

case $root in
  *[\;%]*)
    die "AMB2002: The suite cannot be compiled in $root: to MSBuild ; and % are no part of a path." "  fix:    move the checkout." ;;
esac

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
dotnet=$(find_dotnet)
if [ -z "$dotnet" ]; then
  check_sdk
elif ! is_current; then
  compile_unless_another_did
fi
# The program starts dotnet by its name, and the apps look for their runtime: both shall be the one found here.
if [ "$dotnet" != "$(command -v dotnet || true)" ]; then
  export DOTNET_ROOT=${dotnet%/*} PATH=${dotnet%/*}:$PATH
fi
exec "$dotnet" "$program" "$@"
