#!/bin/sh
# usage: check.sh BUILD_FOLDER
# Installs what the build folder has into an empty place, builds the project of this folder against
# it, away from the repository, and runs it.
set -eu
build=$1
here=$(cd "$(dirname "$0")" && pwd)
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT

cached() { sed -n "s/^$1:[A-Z]*=//p" "$build/CMakeCache.txt"; }

cmake --install "$build" --prefix "$place/prefix" --component sim >"$place/log"
if [ -x "$build/eosim" ]; then
  cmake --install "$build" --prefix "$place/prefix" --component eosim >>"$place/log"
  "$place/prefix/bin/eosim" --version >>"$place/log"
fi

mkdir "$place/project"
cp "$here/CMakeLists.txt" "$here/main.cc" "$here/../support/ping_pong.h" "$place/project"
cmake -S "$place/project" -B "$place/out" -G "$(cached CMAKE_GENERATOR)" \
  -DCMAKE_PREFIX_PATH="$place/prefix" -DCMAKE_BUILD_TYPE="$(cached CMAKE_BUILD_TYPE)" \
  -DCMAKE_CXX_COMPILER="$(cached CMAKE_CXX_COMPILER)" \
  -DCMAKE_CXX_FLAGS="$(cached CMAKE_CXX_FLAGS)" >>"$place/log" || { cat "$place/log"; exit 1; }
cmake --build "$place/out" >>"$place/log" 2>&1 || { cat "$place/log"; exit 1; }
"$place/out/ping_pong"
