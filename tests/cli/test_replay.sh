#!/bin/bash
# Reports from the log alone, proofs of a log, and where two runs part.
. "$(dirname "$0")/lib.sh"

# The reports of a run, live and from its log, are the same bytes: every shipped way of running.
for variant in simulation.turn_mode=sequential simulation.turn_mode=simultaneous outputs.event_log_detail=full \
  outputs.compression=zstd outputs.durability=every simulation.schedule_mode=random; do
  rm -rf run
  expect 0 civitas run small.yaml --output-dir run --override $variant
  sed '/^Everything is in/,$d' out >live
  expect 0 civitas replay run
  cp out replayed
  echo >>replayed
  same live replayed
  expect 0 civitas replay run --json
  # A log does not depend on where outputs go, so it cannot say where they went.
  for file in out run/summary.json; do sed '/^    "outputs": {$/,/^    }/d' $file >$(basename $file).alike; done
  same out.alike summary.json.alike
  expect 0 civitas replay run --verify --re-execute --threads 2 --strict
  says out "verified: the metrics of 3 epochs follow from their interactions"
  says out "are equal byte by byte"
  expect 0 civitas replay run -q --verify --re-execute
  silent out
  silent err
done
expect 0 civitas run small.yaml -q --output-dir exports --export-csv live-csv --export-json live.json
expect 0 civitas replay exports -q --export-csv replayed-csv --export-json replayed.json
same_folders live-csv replayed-csv
same live.json replayed.json

# What the parts of a run report follows from its log: the same members, the same numbers.
cat >reporting.yaml <<'END'
scenario_id: reporting
agents: [{type: honest, count: 5}, {type: opportunistic, count: 3}, {type: adversarial, count: 4}]
simulation: {n_epochs: 8, steps_per_epoch: 10, seed: 5}
network: {topology: small_world, params: {k: 4, p: 0.2}}
marketplace: {enabled: true}
governance:
  composite_tasks_enabled: true
  collusion_detection_enabled: true
  security_enabled: true
  sybil_detection_enabled: true
  sybil_similarity_threshold: 0.3
  transparency_enabled: true
END
expect 0 civitas run reporting.yaml --json --output-dir reporting
cp out live
for name in market capabilities network collusion collusion_end security security_end security_evaluation sybil ledger; do
  says live "\"$name\": {"
done
says live '"cluster": 0'
expect 0 civitas replay reporting --json
for file in live out; do sed '/^    "outputs": {$/,/^    }/d' $file >$file.alike; done
same live.alike out.alike

# A log that was meddled with: 3, and what is wrong.
rm -rf run
expect 0 civitas run small.yaml -q --output-dir run
log=run/events.jsonl
line=$(grep -n payoff_computed $log | sed -n 2p | cut -d: -f1)
sed "${line}s/\"payoff_initiator\": /\"payoff_initiator\": 1/" $log >forged.jsonl
expect 3 civitas replay forged.jsonl -q --verify
says err "payoff_initiator is 1"
expect 3 civitas replay forged.jsonl -q --re-execute
says err "line $line"
expect 3 civitas diff run forged.jsonl
says out "field payoff_initiator"
says out "forged.jsonl:$line"
sed "$((line + 1))s/^{/x{/" $log >malformed.jsonl
expect 0 civitas replay malformed.jsonl
says err "1 malformed lines"
expect 2 civitas replay malformed.jsonl --strict
says err "malformed.jsonl:$((line + 1))"
head -c 9000 $log >torn.jsonl
expect 0 civitas replay torn.jsonl --verify --re-execute
says err "has no end"
says err "cut short"
says out "the log stops there"

# Two runs.
cp -r run twin
expect 0 civitas diff run twin
says out "the logs are the same"
expect 0 civitas run small.yaml -q --output-dir full --override outputs.event_log_detail=full
expect 0 civitas diff run full
expect 0 civitas run small.yaml -q --output-dir seed --seed 12
expect 3 civitas diff run seed
says out "simulation.seed"
says out "first difference: epoch 0, step 0, agent "
expect 3 civitas diff run seed --logs-only --json
says out '"config_differs": true'
says out '"first": {'
expect 3 civitas diff run seed -q
silent out
digest=$(grep -n step_completed $log | sed -n 4p | cut -d: -f1)
sed "${digest}s/\"digest\": \"./\"digest\": \"x/" $log >digest.jsonl
expect 3 civitas diff run digest.jsonl
says out "field digest"
says out "replay --re-execute"

# Misuse.
expect 1 civitas replay nowhere.jsonl
says err "No such file"
expect 2 civitas replay run --run 2
says err "there is no run 2"
expect 2 civitas replay run --run 2 --re-execute
expect 2 civitas diff run
expect 1 civitas diff run nowhere
finish
