#!/bin/bash
# civitas sweep: files and names, tables, CSV and JSON, workers, failures, interruption, a kill and what comes after.
. "$(dirname "$0")/lib.sh"
ln -s "$SOURCES/sweeps" sweeps

# By name, by file, as a scenario with --param.
expect 0 civitas sweep example
says out "8 configurations (grid) x 2 runs"
says out "governance.transaction_tax_rate"
says out "mean ± half-width"
expect 0 civitas sweep sweeps/example.yaml --quiet
silent out
silent err
expect 0 civitas sweep small.yaml -p payoff.h=1,2 -n 3 --seed-mode common --metric avg_toxicity -o a.csv
says out "Differences from 'payoff.h=1'"
expect 0 civitas sweep small.yaml
says out "one run each: no intervals"
head -1 a.csv >header
says header "payoff.h,run_index,seed,total_interactions,accepted_interactions,avg_toxicity"
holds "six rows" test "$(wc -l <a.csv)" -eq 7
expect 0 civitas sweep small.yaml -p payoff.h=1,2 --json
holds "JSON" python3 -c 'import json; r = json.load(open("out")); assert len(r["runs"]) == 2 and len(r["summaries"]) == 2'
expect 0 civitas sweep small.yaml -p payoff.h=1,2 -n 2 --markdown
says out "| payoff.h=1 |"
expect 0 civitas sweep small.yaml -p payoff.h=1,2 --out results --quiet
holds "a folder with both files" test -s results/runs.csv -a -s results/summary.json

# Nothing depends on the workers.
expect 0 civitas sweep governance12 -j 1 -o one.csv --summary one.json
cp out one.txt
expect 0 civitas sweep governance12 -j 2 -o two.csv --summary two.json
same one.csv two.csv
same one.json two.json
same one.txt out
expect 0 civitas sweep example --csv-dialect compat -o compat.csv
holds "CR LF and True" grep -q $'True.*\r$' compat.csv

# The tables of the documentation are what the program prints.
expect 0 "$SOURCES/scripts/tables" --check "$CIVITAS"

# Designs, stopping, the command line over the file.
expect 0 civitas sweep small.yaml -p payoff.theta=0.2..0.8 -p payoff.s_plus=1..4 --design sobol_indices --samples 8 -m total_welfare
says out "Shares of the variance of total_welfare"
expect 0 civitas sweep small.yaml -p payoff.theta=0.2..0.8 -p payoff.s_plus=1..4 --design morris --samples 4 -m total_welfare
says out "mu* [95 %]"
expect 0 civitas sweep small.yaml -m total_welfare --until-ci 4 --runs 500 -o until.csv
holds "stopped early" test "$(wc -l <until.csv)" -lt 400
expect 0 civitas sweep example --epochs 2 --override payoff.h=3 -p governance.transaction_tax_rate=0 --runs 1 -o over.csv
holds "two rows" test "$(wc -l <over.csv)" -eq 3

# A run that fails is told, and the others are made.
cat >broken.yaml <<'END'
base: ./small.yaml
configurations:
  - {name: good}
  - {name: bad, set: {agents.honest.count: 2147483645}}
  - {name: late}
END
expect 1 civitas sweep broken.yaml -o broken.csv
says err "run 2 (seed 44): "
says out "0 (1 failed)"
holds "three rows" test "$(wc -l <broken.csv)" -eq 4
says broken.csv "late,0,45,"
expect 1 civitas sweep broken.yaml --fail-fast -j 1 -o fast.csv
holds "two rows" test "$(wc -l <fast.csv)" -eq 3

# Misuse: one sentence, before anything is run.
expect 2 civitas sweep
expect 2 civitas sweep small.yaml -p payoff.h
says err "--param takes PATH=V1,V2,..., such as payoff.h=1,2,3, not 'payoff.h'"
expect 2 civitas sweep small.yaml -p payoff.hh=1,2
says err "payoff.hh: unknown key; did you mean 'payoff.h'?"
expect 2 civitas sweep small.yaml -p payoff.theta=0.5,1.5
says err "payoff.theta: 1.5 is outside [0, 1]"
expect 2 civitas sweep governance12 -p payoff.h=1,2
says err "--param cannot be joined to the named configurations"
expect 2 civitas sweep small.yaml --until-ci 0.1
says err "--until-ci needs to know of what"
expect 2 civitas sweep small.yaml --seed-base x
says err "--seed-base takes a whole number from 0, or null"
expect 2 civitas sweep small.yaml --samples 4
says err "--samples is for designs other than grid"
expect 2 civitas sweep small.yaml --resume
says err "there is no results store to go on with"
expect 2 civitas sweep small.yaml --json --markdown
expect 2 civitas sweep governance12 --baseline basline
says err "did you mean 'baseline'?"
printf 'base: small\nparametrs: {}\n' >typo.yaml
expect 2 civitas sweep typo.yaml
says err "typo.yaml:2:1: error: parametrs: unknown key of a sweep; did you mean 'parameters'?"
printf 'parameters: {payoff.h: [1]}\n' >baseless.yaml
expect 2 civitas sweep baseless.yaml
says err "names no scenario"
printf 'base: nowhere\n' >lost.yaml
expect 1 civitas sweep lost.yaml
says err "lost.yaml:1:7: base: the scenario 'nowhere' cannot be used"
expect 1 civitas sweep governance13

# A sweep file is checked without being run; what cannot be found is told with its nearest name; choices are listed.
expect 0 civitas validate "$SOURCES/sweeps/governance12.yaml" "$SOURCES/scenarios/baseline.yaml"
says out "a valid sweep of 360 runs, 12 configurations"
says out "baseline.yaml: valid"
printf 'base: baseline\nparameters: {payoff.thta: [0.1]}\n' >typo.yaml
expect 2 civitas validate typo.yaml
says err "did you mean 'payoff.theta'"
printf 'base: baseline\nparametres: {payoff.theta: [0.1]}\n' >typo.yaml
expect 2 civitas validate typo.yaml
says err "parametres"
expect 1 civitas sweep governence12
expect 2 civitas sweep small.yaml --design foo
says err "grid, random, latin_hypercube, sobol, sobol_indices, morris"

# Files that cannot be written do not hide what was computed.
expect 1 civitas sweep small.yaml -p payoff.h=1,2 -n 2 --csv /dev/full
says err "No space left"
says out "Configurations"
expect 1 civitas sweep small.yaml -p payoff.h=1,2 -n 2 --store /
says err "Is a directory"

# Interrupted: what is done is kept. Killed: the same command goes on and ends with the same rows, byte for byte.
expect 0 civitas sweep small.yaml -p payoff.h=1,2,3 -n 3000 --epochs 20 -o whole.csv -q
civitas sweep small.yaml -p payoff.h=1,2,3 -n 3000 --epochs 20 -o cut.csv --store s.sqlite >cut.out 2>cut.err &
job=$!
sleep 0.3
kill -INT $job
wait $job
code=$?
checks=$((checks + 1))
if [ $code -eq 130 ]; then
  says cut.err "the same command with --store s.sqlite goes on"
  says cut.out "Configurations"
elif [ $code -ne 0 ]; then
  fail "interrupted: exit code $code"
fi
for moment in 0.1 0.15 0.2; do
  "$CIVITAS" sweep small.yaml -p payoff.h=1,2,3 -n 3000 --epochs 20 -o killed.csv --store s.sqlite -q 2>/dev/null &
  job=$!
  sleep $moment
  kill -KILL $job 2>/dev/null
  wait $job 2>/dev/null
done
expect 0 civitas sweep small.yaml -p payoff.h=1,2,3 -n 3000 --epochs 20 -o resumed.csv --store s.sqlite --resume
says err "runs were in s.sqlite already."
same whole.csv resumed.csv
expect 0 civitas sweep small.yaml -p payoff.h=1,2,3 -n 3000 --epochs 20 -o again.csv --store s.sqlite --resume -j 1
says err "9000 runs were in s.sqlite already."
same whole.csv again.csv
finish
