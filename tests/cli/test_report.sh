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

# --- capabilities: the same text of the run and of its log
cat >teams.yaml <<'END'
scenario_id: teams
simulation: {n_epochs: 6, steps_per_epoch: 20, seed: 5}
governance: {composite_tasks_enabled: true}
composite_tasks: {initial_tasks: [{type: research_synthesis, topic: tides}, {type: problem_solving, deadline_offset: 1}]}
agents:
  - {type: honest, count: 2, capabilities: [research, analysis, verification]}
  - {type: opportunistic, count: 2, capabilities: [creativity, communication]}
END
expect 0 civitas run teams.yaml --output-dir teams --json -q
cp out live.json
expect 0 civitas report capabilities teams --json
cp out folded.json
silent err
holds "the report is the run's" python3 -c '
import json
live = json.load(open("live.json"))["runs"][0]
assert json.load(open("folded.json")) == live["reports"]
assert live["totals"]["composite.tasks_completed"] == 1 and live["totals"]["composite.tasks_by_status.expired"] == 1'
expect 0 civitas report capabilities teams
says out "Composite tasks: 2, 1 completed, 1 expired"
says out "research+analysis+verification"
expect 0 civitas replay teams --re-execute
expect 0 civitas report capabilities unwatched
says out "no composite tasks in this run"
sed '/"composite_task_created"/d' teams/events.jsonl >untold.jsonl
expect 2 civitas report capabilities untold.jsonl
says err "never creates"

# --- market: the same of the run and of its log; levers that keep histories have seen the same paid work in both
cat >trade.yaml <<'END'
scenario_id: trade
simulation: {n_epochs: 6, steps_per_epoch: 10, seed: 3}
marketplace: {settlement: on_submission, reserve_tasks: true}
governance: {transaction_tax_rate: 0.05, collusion_detection_enabled: true, security_enabled: true}
agents:
  - {type: honest, count: 3}
  - {type: opportunistic, count: 2}
  - {type: deceptive}
  - {type: adversarial}
END
expect 0 civitas run trade.yaml --output-dir trade --json -q
cp out live.json
for kind in market collusion security; do
  expect 0 civitas report $kind trade --json
  cp out folded.json
  silent err
  holds "the report is the run's" python3 -c '
import json
live = json.load(open("live.json"))["runs"][0]
folded = json.load(open("folded.json"))
assert all(live["reports"][name] == folded[name] for name in folded if name in live["reports"])
assert live["totals"]["market.bounty_statuses.completed"] > 2'
done
expect 0 civitas report market trade
says out "Bounties: "
says out "paid to workers"
expect 0 civitas replay trade --re-execute
expect 0 civitas report market unwatched
says out "no marketplace in this run"
sed '0,/"bounty_posted"/{/"bounty_posted"/d}' trade/events.jsonl >untold.jsonl
expect 2 civitas report market untold.jsonl
says err "could not have happened"

# --- boundary: the same of the run and of its log, with everything on; and of torn and tampered logs
cat >outside.yaml <<'END'
scenario_id: outside
agents: [{type: honest, count: 4}, {type: deceptive, count: 3}, {type: adversarial, count: 3}]
simulation: {n_epochs: 6, steps_per_epoch: 20, seed: 3}
boundaries:
  enabled: true
  max_interactions_per_epoch: 20
  activity: {request_probability: 0.5}
  entities: [{entity_id: bot, name: Bot, entity_type: agent, trust_level: 0.4}]
  policies: [{kind: rate_limit, name: slow, max_crossings_per_minute: 1}]
  leakage: {patterns: {internal_data: ['notes \d+']}}
permeability: {contagion_rate: 1}
END
for booked in true false; do
  expect 0 civitas run outside.yaml --output-dir outside-$booked --json -q --override boundaries.book_blocked=$booked
  cp out live.json
  expect 0 civitas report boundary outside-$booked --json
  cp out folded.json
  silent err
  holds "the report is the run's" python3 -c '
import json
live = json.load(open("live.json"))["runs"][0]
folded = json.load(open("folded.json"))
assert live["reports"]["boundary"] == folded["boundary"]
assert live["totals"]["boundary.blocked_by_permeability"] > 0 and live["totals"]["leakage_events"] > 5'
done
expect 0 civitas report boundary outside-true
says out "Why requests were refused"
says out "The wall: permeability"
expect 0 civitas report boundary unwatched
says out "no boundary in this run"
head -c 60000 outside-true/events.jsonl >torn.jsonl
expect 0 civitas report boundary torn.jsonl
says err "the log has no end"
sed '0,/"by": "policy"/s//"by": "weather"/' outside-true/events.jsonl >untold.jsonl
expect 2 civitas report boundary untold.jsonl
says err "this version does not know"
expect 2 civitas run outside.yaml --override 'boundaries.leakage.patterns={pii: ["(a"]}'
says err "missing closing parenthesis"

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

# --- security: the same of the run, of its log, and of a run that nobody guarded
sed 's/^governance:.*/governance: {security_enabled: true, security_realtime_penalty: true, security_laundering_trust_gap: 0.2}/' \
  watched.yaml >guarded.yaml
expect 0 civitas run guarded.yaml --output-dir guarded --json -q
cp out live.json
expect 0 civitas report security guarded --json
cp out folded.json
silent err
holds "the report is the run's" python3 -c '
import json
live = json.load(open("live.json"))["runs"][0]["reports"]
folded = json.load(open("folded.json"))
assert all(live[name] == folded[name] for name in folded)
assert set(folded) == {"security", "security_end", "security_evaluation"}'
expect 0 civitas report security guarded
says out "agents by threat score"
says out "over the run"
expect 0 civitas report security unwatched
says out "had no security lever"
head -c 20000 guarded/events.jsonl >torn.jsonl
expect 0 civitas report security torn.jsonl
says err "the log has no end"

finish
