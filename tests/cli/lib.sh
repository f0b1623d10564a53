# lib.sh - what every test of the program begins with: a folder of its own, counted checks, a last line that tells.
# CIVITAS = the program, SOURCES = the source tree.
set -u
: "${CIVITAS:?the program}" "${SOURCES:?the source tree}"
unset NO_COLOR
here=$(mktemp -d "${TMPDIR:-/tmp}/civitas-cli-XXXXXX") || exit 1
trap 'cd /; rm -rf "$here"' EXIT
cd "$here" || exit 1
ln -s "$SOURCES/scenarios" scenarios
civitas() { "$CIVITAS" "$@"; }
checks=0 failures=0 code=0

# fail TEXT
fail() { failures=$((failures + 1)); echo "FAILED: $*"; }

# expect CODE COMMAND...: runs it, keeps its output in `out` and `err`.
expect() {
  local wanted=$1
  shift
  checks=$((checks + 1))
  "$@" >"$here/out" 2>"$here/err"
  code=$?
  [ "$code" -eq "$wanted" ] || { fail "exit code $code, not $wanted: $*"; sed 's/^/    /' "$here/err" | head -5; }
}

# says FILE TEXT: the file (out, err, ...) has this text in it.
says() {
  checks=$((checks + 1))
  grep -qF -- "$2" "$1" || { fail "$1 does not say: $2"; sed 's/^/    /' "$1" | head -5; }
}

# silent FILE: it is empty.
silent() {
  checks=$((checks + 1))
  [ ! -s "$1" ] || { fail "$1 is not empty"; head -3 "$1"; }
}

# same A B: equal bytes.
same() {
  checks=$((checks + 1))
  cmp -s "$1" "$2" || fail "$1 and $2 differ"
}

# holds TEXT COMMAND...: the command succeeds.
holds() {
  local text=$1
  shift
  checks=$((checks + 1))
  "$@" >/dev/null 2>&1 || fail "$text"
}

# same_folders A B: equal files, but for the time they took.
same_folders() {
  checks=$((checks + 1))
  diff -r -x timing.json "$1" "$2" >"$here/differences" 2>&1 || { fail "$1 and $2 differ"; head -3 "$here/differences"; }
}

finish() {
  echo "$((checks - failures)) passed, $failures failed"
  [ "$failures" -eq 0 ]
  exit
}

cat >small.yaml <<'END'
scenario_id: small
description: a small society
simulation: {n_epochs: 3, steps_per_epoch: 5, seed: 11}
agents:
  - {type: honest, count: 3}
  - {type: opportunistic}
  - {type: deceptive}
success_criteria: {min_epochs: 3, min_agents: 5}
END
