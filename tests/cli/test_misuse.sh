#!/bin/bash
# What the program answers to mistakes: one sentence, the nearest right word, the right exit code.
. "$(dirname "$0")/lib.sh"

# --- commands and options
expect 0 civitas
says out "civitas run scenarios/baseline.yaml"
expect 0 civitas --help
expect 0 civitas --version
says out "civitas 0."
expect 0 civitas help run
says out "--override PATH=VALUE"
expect 2 civitas rum
says err "unknown command 'rum'; did you mean 'run'?"
expect 2 civitas help rum
expect 2 civitas --nothing
says err "unknown option --nothing"
expect 2 civitas run
says err "missing argument: civitas run SCENARIO"
says err "Try 'civitas run --help'."
expect 2 civitas run a b
says err "unexpected argument 'b'"
expect 2 civitas run small.yaml --sed 3
says err "unknown option --sed; did you mean --seed?"
expect 2 civitas run small.yaml -Z
says err "unknown option -Z"
expect 2 civitas run small.yaml --seed
says err "--seed needs a value: --seed N"
expect 2 civitas run small.yaml --seed x
says err "--seed takes a whole number, not 'x'"
expect 2 civitas run small.yaml --seed -1
says err "--seed -1 is outside"
expect 2 civitas run small.yaml --seed 9223372036854775808
expect 2 civitas run small.yaml --quiet=yes
says err "--quiet takes no value"
expect 2 civitas run small.yaml --threads 0
says err "--threads 0 is outside [1, 4096]"
expect 2 civitas demo nothing
says err "mvp is one"
expect 2 civitas completion tcsh
says err "bash, zsh, fish"
for command in $(civitas | sed -n '/^Commands/,/^$/s/^  \([a-z-]*\) .*/\1/p'); do
  expect 0 civitas "$command" --help
  says out "civitas $command"
  says out "Example"
  expect 2 civitas "$command" --no-such-option
  says err "unknown option --no-such-option"
done

# --- scenarios
expect 1 civitas run basline
says err "did you mean 'baseline'?"
expect 1 civitas run nowhere/no.yaml
says err "nowhere/no.yaml"
expect 1 civitas run small.yaml --reference
says err "reference/small.yaml"
printf 'scenario_id: x\nsimulaton: {n_epochs: 1}\nagents: [{type: honest}]\n' >typo.yaml
expect 2 civitas run typo.yaml
says err "typo.yaml:2:1:"
says err "simulation"
expect 0 civitas run typo.yaml --lenient -q
says err "warning"
expect 2 civitas run small.yaml --override payoff.thta=0.4
says err "payoff.theta"
expect 2 civitas run small.yaml --override payoff.theta=2
says err "payoff.theta"
expect 2 civitas run small.yaml --override payoff.theta
says err "--override takes PATH=VALUE"
expect 2 civitas run small.yaml --epochs 3.5
expect 2 civitas run llm_agents
says err "agents[0].type"
holds "nothing but the lenient run left a folder" test "$(ls runs)" = x-1

# --- seeds
for seeds in 5-3 x 1- -1 1-2-3 "" 0-9223372036854775808; do
  expect 2 civitas run small.yaml --seeds="$seeds"
  says err "--seeds takes A-B"
done
expect 2 civitas run small.yaml --seeds 1-3 --seed 4
says err "exclude each other"
expect 2 civitas run small.yaml --seeds 1-3 --output x.jsonl
expect 2 civitas run small.yaml --no-log --output x.jsonl

# --- places
mkdir full && echo mine >full/notes.txt
expect 1 civitas run small.yaml --output-dir full
says err "--force"
expect 1 civitas run small.yaml --output-dir /proc/nowhere
expect 1 civitas run small.yaml -q --output small.yaml
says err "--force"
holds "the scenario is whole" grep -q "scenario_id: small" small.yaml
expect 1 civitas resume nowhere
says err "no run folder"
expect 2 civitas export small.yaml
says err "--json FILE, --csv DIR"
expect 1 civitas export nowhere.jsonl --csv t

# --- standard output that goes nowhere
checks=$((checks + 1))
"$CIVITAS" run small.yaml >/dev/full 2>err
[ $? -eq 1 ] || fail "a full standard output is not told"
says err "No space left"
checks=$((checks + 1))
{ "$CIVITAS" run small.yaml 2>err; echo $? >pipecode; } | true
holds "a closed pipe is no failure" grep -qx 0 pipecode
silent err
finish
