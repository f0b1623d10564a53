#!/bin/bash
# Reports of one subject from a log: equal to what the run said, of runs that nobody watched, of torn logs, and misuse.
. "$(dirname "$0")/lib.sh"

cat >watched.yaml <<'END'
scenario_id: watched
simulation: {n_epochs: 4, steps_per_epoch: 8, seed: 11}
governance: {collusion_detection_enabled: true, collusion_score_threshold: 0.2, transaction_tax_rate: 0.05}
agents:
  - {type: honest, count: 4}
  - {type: opportunistic, count: 2}
  - {type: adversarial, count: 2}
END

# --- collusion: run --json, summary.json and the log say the same
expect 0 civitas run watched.yaml --output-dir watched --json -q
cp out live.json
expect 0 civitas report collusion watched --json
cp out folded.json
silent err
holds "the report is the run's" python3 -c '
import json
live = json.load(open("live.json"))["runs"][0]["reports"]
folded = json.load(open("folded.json"))
assert all(live[name] == folded[name] for name in folded) and set(folded) == {"collusion", "collusion_end"}
assert json.load(open("watched/summary.json"))["runs"][0]["reports"] == live'
expect 0 civitas report collusion watched/events.jsonl --json
same out folded.json
expect 0 civitas report collusion watched
says out "At the start of the last epoch"
says out "suspicious pairs"
says out "The complete history"

# a compressed log, and the second run of a file that holds two
expect 0 civitas run watched.yaml --output-dir packed -q --override outputs.compression=zstd
expect 0 civitas report collusion packed --json
same out folded.json
expect 0 civitas run watched.yaml --output-dir other -q --seed 12
cat other/events.jsonl watched/events.jsonl >both.jsonl
expect 0 civitas report collusion both.jsonl --run 2 --json
same out folded.json

# a run that nobody watched; a log without its end
expect 0 civitas run small.yaml --output-dir unwatched -q
expect 0 civitas report collusion unwatched
says out "The lever was off"
head -c 20000 watched/events.jsonl >torn.jsonl
expect 0 civitas report collusion torn.jsonl
says err "the log has no end"
expect 2 civitas report collusion torn.jsonl --run 2
sed '60s/^{/x{/' watched/events.jsonl >malformed.jsonl
expect 0 civitas report collusion malformed.jsonl
says err "1 malformed lines"
expect 2 civitas report collusion malformed.jsonl --strict
says err "malformed.jsonl:60"

# --- misuse
expect 2 civitas report colusion watched
says err "did you mean collusion?"
expect 2 civitas report weather watched
says err "there is no report"
expect 2 civitas report collusion
expect 1 civitas report collusion nowhere
expect 2 civitas report collusion watched --run 0
expect 0 civitas report --help
says out "collusion: who deals with whom"
finish
