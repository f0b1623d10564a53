#!/bin/bash
# Many seeds: results by index, whatever the threads.
. "$(dirname "$0")/lib.sh"

expect 0 civitas run small.yaml --seeds 1-60 --threads 1 --json
cp out one.json
for threads in 2 3 7; do
  expect 0 civitas run small.yaml --seeds 1-60 --threads $threads --json
  same out one.json
done
holds "60 seeds" test "$(grep -c '^      "seed": ' one.json)" -eq 61 # and that of the file
holds "no folders" test ! -e runs
expect 0 civitas run small.yaml --seeds 1-60 -j1
cp out one.txt
says out "seeds   1-60 (60 runs)"
says out "mean_toxicity"
says out "min_agents: passed in 60 of 60 runs"
expect 0 civitas run small.yaml --seeds 1-60 -j2
same out one.txt
expect 0 civitas run small.yaml --seeds 7 --json
holds "one seed" test "$(grep -c '^      "seed": 7,' out)" -eq 1
expect 0 civitas run small.yaml --seeds 1-60 -q --output-dir many -j2
silent out
same many/summary.json one.json
holds "a row per seed" test "$(wc -l <many/runs.csv)" -eq 61
holds "the configuration" grep -q 'scenario_id: small' many/config.yaml
expect 1 civitas run small.yaml --seeds 1-2 -q --output-dir many
says err "--force"
expect 0 civitas run small.yaml --seeds 1-2 -q --output-dir many --force
expect 0 civitas run small.yaml --seeds 1-5 --check -q
expect 3 civitas run small.yaml --seeds 1-5 --check -q --override success_criteria.min_agents=6
expect 0 civitas run small.yaml --seeds 1-5 -q --override simulation.turn_mode=simultaneous

# Ctrl-C: what was done is reported.
checks=$((checks + 1))
"$CIVITAS" run small.yaml --seeds 1-200000 --epochs 50 >out 2>err &
pid=$!
sleep 0.4
kill -INT $pid
wait $pid
[ $? -eq 130 ] || fail "an interrupted experiment does not exit with 130"
says out "Over the runs"
finish
