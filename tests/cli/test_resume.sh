#!/bin/bash
# A run that was killed at any moment goes on and ends as if it never had been. CIV_LONG=1: 200 deaths instead of 20.
. "$(dirname "$0")/lib.sh"
deaths=20
[ "${CIV_LONG:-0}" = 0 ] || deaths=200

cat >long.yaml <<'END'
scenario_id: long
simulation: {n_epochs: 60, steps_per_epoch: 20, seed: 5}
outputs: {durability: every, checkpoint_every: 4}
agents:
  - {type: honest, count: 10}
  - {type: opportunistic, count: 4}
  - {type: deceptive, count: 3}
  - {type: adversarial, count: 2}
END
start=$(date +%s%N)
expect 0 civitas run long.yaml -q --output-dir whole
span=$((($(date +%s%N) - start) / 1000)) # microseconds

# kill_at MICROSECONDS FOLDER OPTIONS...
kill_at() {
  local moment=$1 folder=$2
  shift 2
  "$CIVITAS" run long.yaml -q --output-dir "$folder" "$@" 2>/dev/null &
  local pid=$!
  sleep "$(printf '%d.%06d' $((moment / 1000000)) $((moment % 1000000)))"
  kill -KILL $pid 2>/dev/null
  wait $pid 2>/dev/null
}

RANDOM=20240607
killed=0
for ((k = 0; k < deaths; k++)); do
  rm -rf cut
  kill_at $(((RANDOM * 32768 + RANDOM) % span)) cut
  [ -e cut/config.yaml ] && [ -e cut/underway.json ] || continue
  killed=$((killed + 1))
  if [ -e cut/events.jsonl ]; then
    # Every whole line on disk is a line of the whole log: nothing written was lost or changed.
    checks=$((checks + 1))
    n=$(wc -l <cut/events.jsonl)
    cmp -s <(head -n "$n" cut/events.jsonl) <(head -n "$n" whole/events.jsonl) || fail "death $k: the log is no beginning of the whole one"
  fi
  expect 0 civitas resume cut -q
  same_folders whole cut
done
holds "some runs died in the middle ($killed of $deaths)" test $((killed * 4)) -ge "$deaths"

# Killed twice, and resumed with other threads.
rm -rf cut
kill_at $((span / 3)) cut
if [ -e cut/underway.json ] && [ -e cut/config.yaml ]; then
  "$CIVITAS" resume cut -q 2>/dev/null &
  pid=$!
  sleep 0.02
  kill -KILL $pid 2>/dev/null
  wait $pid 2>/dev/null
  [ -e cut/underway.json ] && expect 0 civitas resume cut -q --threads 2
  same_folders whole cut
fi

# Without checkpoints, compressed, and without a log.
for variant in outputs.checkpoint_every=0 outputs.compression=zstd outputs.durability=none outputs.event_log_detail=full; do
  expect 0 civitas run long.yaml -q --output-dir other --force --override $variant
  rm -rf cut
  kill_at $((span / 2)) cut --override $variant
  [ -e cut/underway.json ] && [ -e cut/config.yaml ] || continue
  expect 0 civitas resume cut -q
  same_folders other cut
done
expect 0 civitas run long.yaml -q --output-dir other --force --no-log
rm -rf cut
kill_at 20000 cut --no-log
if [ -e cut/underway.json ] && [ -e cut/config.yaml ]; then
  expect 0 civitas resume cut -q
  same_folders other cut
fi

# Ctrl-C and SIGTERM: the step is finished, every file is written, 130.
for signal in INT TERM; do
  rm -rf cut
  "$CIVITAS" run long.yaml --output-dir cut --epochs 3000 >out 2>err &
  pid=$!
  sleep 0.3
  kill -$signal $pid
  wait $pid
  code=$?
  checks=$((checks + 1))
  [ $code -eq 130 ] || fail "$signal gives $code, not 130"
  says out "Interrupted in epoch"
  says out "civitas resume cut"
  for file in events.jsonl epochs.csv agents.csv summary.json config.yaml timing.json underway.json; do
    holds "$file after $signal" test -s cut/$file
  done
  holds "the summary says so" grep -q '"end": "interrupted"' cut/summary.json
  holds "whole lines only" test "$(tail -c 1 cut/events.jsonl | od -An -tx1 | tr -d ' ')" = 0a
done

# A torn line is told; a finished run and a damaged mark are refused.
rm -rf cut
"$CIVITAS" run long.yaml -q --output-dir cut --epochs 3000 &
pid=$!
sleep 0.2
kill -KILL $pid
wait $pid 2>/dev/null
printf '{"event_id": "e1' >>cut/events.jsonl
"$CIVITAS" resume cut >out 2>err &
pid=$!
sleep 0.3
kill -INT $pid
wait $pid
says err "Dropped"
expect 1 civitas resume whole
says err "finished"
echo '{' >cut/underway.json
expect 2 civitas resume cut
says err "damaged"
finish
