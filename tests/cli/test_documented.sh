#!/bin/bash
# Every command that the documentation shows is run as it stands: lines beginning with "$ " in ```console and ```sh fences.
# A line that ends in "# exits N" must exit with N, any other with 0. Files share a folder from top to bottom, as a reader's
# shell would. Commands that build, install or clone are not run: they are what the tests stand on.
. "$(dirname "$0")/lib.sh"
rm -f small.yaml scenarios
mkdir bin && ln -s "$CIVITAS" bin/civitas
PATH=$here/bin:$PATH
shown=0

# commands_of FILE: one per line; a line that ends in a backslash goes on.
commands_of() {
  awk '/^```(console|sh)/ { inside = 1; next } /^```/ { inside = 0; held = "" }
    inside && (held != "" || /^\$ /) {
      line = held == "" ? substr($0, 3) : held $0; held = ""
      if (line ~ /\\$/) { held = substr(line, 1, length(line) - 1); next }
      print line
    }' "$1"
}

for document in "$SOURCES"/README.md "$SOURCES"/docs/*.md; do
  number=$((${number:-0} + 1)) folder=$here/page$number
  mkdir "$folder" && cd "$folder" || exit 1
  cp -r "$SOURCES/scenarios" scenarios
  cp -r "$SOURCES/sweeps" sweeps
  cp -r "$SOURCES/kernels" kernels
  ln -s "$(dirname "$CIVITAS")" build && ln -s "$SOURCES/tests" tests
  while IFS= read -r line; do
    wanted=0
    case $line in *"# exits "*) wanted=${line##*# exits } ;; esac
    case $line in git\ clone* | make | make\ * | cc\ * | *" && make "*) continue ;; esac
    shown=$((shown + 1)) checks=$((checks + 1))
    bash -c "$line" >"$here/out" 2>"$here/err" </dev/null
    code=$?
    [ "$code" -eq "$wanted" ] || { fail "$(basename "$document"): exit code $code, not $wanted: $line"; sed 's/^/    /' "$here/err" | head -5; }
  done < <(commands_of "$document")
  cd "$here" || exit 1
done
holds "the documentation shows commands" test "$shown" -ge 10
finish
