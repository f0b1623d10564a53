#!/bin/bash
# One run: what it prints, what it leaves, what it refuses.
. "$(dirname "$0")/lib.sh"

# --- the folder
expect 0 civitas run small.yaml
silent err
says out "seed    11"
says out "5: 3 honest, 1 opportunistic, 1 deceptive"
says out "Everything is in runs/small-1"
says out "all criteria passed"
holds "no escapes in a pipe" test "$(grep -c $'\033' out)" = 0
for file in events.jsonl epochs.csv agents.csv summary.json config.yaml timing.json; do
  holds "runs/small-1/$file is there" test -s "runs/small-1/$file"
done
holds "nothing else is there" test "$(ls -A runs/small-1 | wc -l)" -eq 6
holds "33 epoch columns and ours" grep -q '^simulation_id,epoch,timestamp,total_interactions,.*,tasks_completed,avg_payoff_initiator,governance_cost_assessed,governance_cost_paid$' runs/small-1/epochs.csv
holds "a row per epoch" test "$(wc -l <runs/small-1/epochs.csv)" -eq 4
holds "a row per agent and epoch" test "$(wc -l <runs/small-1/agents.csv)" -eq 16
holds "origins in the configuration" grep -q 'n_epochs: 3 *# file:3' runs/small-1/config.yaml
holds "no wall clock outside timing.json" test "$(grep -l "$(date +%Y-%m)" runs/small-1/* | wc -l)" -eq 1
expect 0 civitas run small.yaml -q
silent out
same_folders runs/small-1 runs/small-2
expect 0 civitas run runs/small-1/config.yaml -q --output-dir again
same runs/small-1/events.jsonl again/events.jsonl
same runs/small-1/summary.json again/summary.json
rm -r runs/small-1
expect 0 civitas run small.yaml -q
holds "the first free number" test -d runs/small-1

# --- where things go
expect 0 civitas run small.yaml -q --output-dir mine
expect 1 civitas run small.yaml -q --output-dir mine
says err "mine: the folder is not empty; --force replaces the run in it"
expect 0 civitas run small.yaml -q --output-dir mine --force --seed 12
holds "it was replaced" grep -q '"seed": 12' mine/summary.json
expect 0 civitas run small.yaml -q --output-dir quiet --no-log
holds "no log" test ! -e quiet/events.jsonl
same quiet/summary.json runs/small-1/summary.json
same quiet/agents.csv runs/small-1/agents.csv
expect 0 civitas run small.yaml -q --output logs/here.jsonl
same logs/here.jsonl runs/small-1/events.jsonl
expect 1 civitas run small.yaml -q --output logs/here.jsonl
says err "--force"
expect 0 civitas run small.yaml -q --output logs/here.jsonl --force
expect 0 civitas run small.yaml -q --output-dir moved --override 'outputs.metrics_csv=tables/m.csv' \
  --override 'metrics_to_track=[toxicity_rate, n_agents]' --override outputs.history_json=h.json --override outputs.event_log=e/l.jsonl
holds "tracked metrics only" grep -qx 'simulation_id,epoch,toxicity_rate,n_agents' moved/tables/m.csv
holds "the history is written" grep -q '"agent_snapshots": \[' moved/h.json
holds "the log is written" test -s moved/e/l.jsonl
holds "no standard names beside them" test ! -e moved/epochs.csv -a ! -e moved/events.jsonl

# --- exports
expect 0 civitas run small.yaml -q --output-dir ex --export-json ex.json --export-csv tables
same tables/small_epochs.csv ex/epochs.csv
same tables/small_agents.csv ex/agents.csv
expect 0 civitas export ex --json log.json --csv fromlog --prefix p
same fromlog/p_epochs.csv ex/epochs.csv
same fromlog/p_agents.csv ex/agents.csv
checks=$((checks + 1))
diff <(sed '/^  "totals": /,$d' ex.json | sed '$ s/,$//') <(sed '/^  "totals": /,$d' log.json | sed '$ s/,$//') >/dev/null || fail "the log gives another history"
expect 0 civitas run small.yaml -q --output-dir packed --override outputs.compression=zstd
expect 0 civitas export packed --csv packed_tables
same packed_tables/small_epochs.csv ex/epochs.csv
expect 0 civitas run small.yaml -q --output-dir open --override governance.transparency_enabled=true
expect 0 civitas export open --ledger-csv ledger.csv
says out "rows of the public ledger"
holds "a title" test "$(head -1 ledger.csv)" = "epoch,step,interaction_id,initiator,counterparty,p,c_a,c_b,rep_delta"
holds "a row per entry" test "$(($(wc -l <ledger.csv) - 1))" -eq "$(grep -c '"event_type": "ledger_entry"' open/events.jsonl)"
expect 0 civitas export ex --ledger-csv none.csv
says err "no public ledger"
head -c $(($(wc -c <ex/events.jsonl) / 2)) ex/events.jsonl >torn.jsonl
expect 0 civitas export torn.jsonl --csv torn
says err "no end"

# --- a criterion about a detector needs its report: a run of one epoch has none
for epochs in 1 2; do
  expect 0 civitas run small.yaml --json --output-dir watched-$epochs --override simulation.n_epochs=$epochs --override governance.collusion_detection_enabled=true --override success_criteria.max_ecosystem_collusion_risk=1
  cp out watched-$epochs.json
done
holds "no report, no verdict" grep -q '"reason": "the detector made no report' watched-1.json
holds "a report, a verdict" test "$(grep -c '"outcome": "pass"' watched-2.json)" -gt "$(grep -c '"outcome": "pass"' watched-1.json)"

# --- JSON
expect 0 civitas run small.yaml --json --output-dir j
silent err
cp out j.json
same j.json j/summary.json
expect 0 civitas run small.yaml --json --seeds 11-11
same out j.json

# --- length and seed
expect 0 civitas run small.yaml -q --epochs 0 --output-dir zero
holds "a title row and no epochs" test "$(wc -l <zero/epochs.csv)" -eq 1
expect 3 civitas run small.yaml -q --epochs 0 --check --output-dir zero --force
expect 0 civitas run small.yaml -q --steps 0 --output-dir still
sed 's/, seed: 11//' small.yaml >free.yaml
expect 0 civitas run free.yaml --output-dir drawn
seed=$(sed -n 's/^  seed    //p' out)
holds "the drawn seed is shown" test -n "$seed"
holds "the drawn seed is kept" grep -q "seed: $seed " drawn/config.yaml
expect 0 civitas run free.yaml -q --seed "$seed" --output-dir redrawn
same drawn/epochs.csv redrawn/epochs.csv
same drawn/summary.json redrawn/summary.json

# --- verdicts
expect 0 civitas run small.yaml --check
expect 3 civitas run small.yaml --check --override success_criteria.min_agents=6
says out "FAIL  min_agents: 5 >= 6"
expect 3 civitas run small.yaml --check --override success_criteria.max_avg_path_length=3
says out "not evaluable"
expect 0 civitas run small.yaml --override success_criteria.min_agents=6
expect 4 civitas run small.yaml --override safety.kill_switch_enabled=true --override safety.kill_switch_toxicity=0.000001
says out "Stopped after epoch 0"

# --- terminals
if script -qec true /dev/null >/dev/null 2>&1; then
  script -qec "$CIVITAS run small.yaml" /dev/null >screen 2>&1
  holds "colours on a terminal" grep -q $'\033\[1m' screen
  NO_COLOR=1 script -qec "$CIVITAS run small.yaml" /dev/null >screen 2>&1
  holds "none with NO_COLOR" test "$(grep -c $'\033\[' screen)" = 0
  script -qec "stty cols 50; $CIVITAS run small.yaml" /dev/null >screen 2>&1
  holds "tables fit a narrow screen" test "$(sed -n '/Epochs/,/Summary/p' screen | tr -d '\r' | sed 's/\x1b\[[0-9]*m//g' | awk 'length > 50' | wc -l)" = 0
  script -qec "$CIVITAS run small.yaml --epochs 600 --steps 300" /dev/null >screen 2>&1
  holds "progress is redrawn" grep -q 'agent-steps/s' screen
fi
expect 0 civitas run small.yaml -q --epochs 600 --steps 200 --no-log
silent err

# --- demo
expect 0 civitas demo mvp
says out "seed    42"
says out "all criteria passed"
finish
