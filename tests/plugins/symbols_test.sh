#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# symbols_test.sh FILE-OR-DIRECTORY...: each plugin exports its entry, the version node, and nothing
# else. A plugin that exports more would share those symbols with other plugins, RTLD_LOCAL or not (inline statics become one object).
set -eu
[ $# -gt 0 ] || { echo "usage: symbols_test.sh FILE-OR-DIRECTORY..." >&2; exit 2; }
plugins=$(find "$@" -name '*.so')
[ -n "$plugins" ] || { echo "symbols_test.sh: no plugin in $*" >&2; exit 2; }
failed=0
IFS='
'
for plugin in $plugins; do
  # Not every linker lists the version node. A constant entry without relocations would be in .rodata (R).
  found=$(nm -D --defined-only "$plugin" | awk '{ sub(/@.*/, "", $NF); print $(NF - 1), $NF }' | grep -v '^A DRAGOMAN_PLUGIN_0$' || true)
  if [ "$found" != "D dgm_plugin_entry_v0" ] && [ "$found" != "R dgm_plugin_entry_v0" ]; then
    echo "$plugin exports:" >&2
    echo "$found" >&2
    failed=1
  fi
done
exit $failed
