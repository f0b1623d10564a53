#!/bin/bash
# The results store from the command line: filled by sweeps and seeds, listed, queried, exported, compared with its page.
. "$(dirname "$0")/lib.sh"
page=$SOURCES/docs/results-store.md

cat >sweep.yaml <<'END'
base: small.yaml
parameters:
  payoff.h: [1, 2.50]
  governance.transaction_tax_rate: [0, 0.05]
runs_per_config: 6
metrics: [avg_toxicity, payoff.honest]
END

# A sweep, killed and taken up again: the CSV of one that was never killed, and of the store.
expect 0 civitas sweep sweep.yaml --csv straight.csv -q
expect 0 civitas sweep sweep.yaml --csv stored.csv --store results.sqlite -q
same stored.csv straight.csv
expect 0 civitas results export 1 --csv --output again.csv
same again.csv straight.csv
expect 0 civitas results export 1 --csv
same out straight.csv
"$CIVITAS" sweep sweep.yaml --runs 4000 --csv long.csv --store long.sqlite --store-detail epochs -q &
pid=$!
sleep 0.3
kill -9 $pid
wait $pid 2>/dev/null
holds "a killed sweep wrote no CSV" test ! -e long.csv
expect 0 civitas results ls --store long.sqlite
says out "begun"
expect 0 civitas sweep sweep.yaml --runs 4000 --csv long.csv --store long.sqlite --store-detail epochs -q
expect 0 civitas sweep sweep.yaml --runs 4000 --csv straight-long.csv -q
same long.csv straight-long.csv
rm -f long.sqlite long.csv straight-long.csv

# Seeds of one scenario.
expect 0 civitas run small.yaml --seeds 1-20 --store results.sqlite --store-detail agents --output-dir many
says out "kept as experiment 2 in results.sqlite"
expect 0 civitas results export 2 --csv
same out many/runs.csv
expect 0 civitas results query "SELECT count(*) FROM epochs" --csv
says out 60
expect 0 civitas results query "SELECT count(*), count(DISTINCT agent_id) FROM agents" --csv
says out "300,5"
expect 0 civitas results export 2 --table epochs --csv
holds "a row per epoch and a title" test "$(wc -l <out)" -eq 61
expect 0 civitas results export --table configurations --json
says out '"payoff.h'
holds "JSON" python3 -c 'import json,sys; json.load(open("out"))'
expect 0 civitas results export 2 --json
holds "20 runs as JSON" python3 -c 'import json; assert len(json.load(open("out"))) == 20'
expect 0 civitas results export 1 --json
holds "the sweep as JSON" python3 -c 'import json; assert len(json.load(open("out"))["runs"]) == 24'

expect 0 civitas results ls
says out "sweep"
says out "24 of 24"
says out "finished"
expect 0 civitas results ls --json
holds "a list" python3 -c 'import json; l = json.load(open("out")); assert [e["id"] for e in l] == [1, 2] and l[1]["n_done"] == 20'
expect 0 civitas results show 1
says out "governance.transaction_tax_rate"
says out "avg_toxicity"
expect 0 civitas results show 2
says out "mean_toxicity"
expect 0 civitas results show 2 --json
holds "means" python3 -c 'import json; assert json.load(open("out"))["summary"]["mean_toxicity"]["n"] == 20'
expect 0 civitas results show 1 --json
holds "a summary" python3 -c 'import json; json.load(open("out"))'

# Criteria: each finding is kept and counted, exported, and learnt by a store of a version that did not keep them.
sed 's/^success_criteria:.*/success_criteria: {min_epochs: 1, max_toxicity: 0.0001, min_agents: 1}/' small.yaml >judged.yaml
expect 0 civitas run judged.yaml --seeds 1-8 --store judged.sqlite
cp out first
says out "min_epochs: passed in 8 of 8 runs"
expect 0 civitas results show 1 --store judged.sqlite
says out "Success criteria"
expect 0 civitas results show 1 --store judged.sqlite --json
holds "counts" python3 -c 'import json; c = {x["name"]: x for x in json.load(open("out"))["criteria"]}; assert c["min_epochs"]["pass"] == 8 and all(x["pass"] + x["fail"] + x["not_evaluable"] == 8 for x in c.values()), c'
expect 0 civitas results export 1 --table findings --csv --store judged.sqlite
holds "a row per run and criterion" test "$(wc -l <out)" -eq 25
says out "run_id,position,name,outcome,at_least,measured,bound,reason"
printf 'base: judged.yaml\nparameters: {payoff.h: [1, 2]}\nruns_per_config: 3\n' >judged-sweep.yaml
expect 0 civitas sweep judged-sweep.yaml --store judged.sqlite -q
expect 0 civitas results show 2 --store judged.sqlite
says out "min_epochs"
expect 0 civitas results show 2 --store judged.sqlite --json
holds "counts of each configuration" python3 -c 'import json; c = json.load(open("out"))["criteria"]; assert len(c) == 6 and all(x["pass"] + x["fail"] + x["not_evaluable"] == 3 for x in c), c'

# Seeds that are there are not run again, and the summary is the same.
without_kept() { grep -v "^kept as" "$1"; }
expect 0 civitas run judged.yaml --seeds 1-8 --store judged.sqlite
says err "8 runs were in judged.sqlite already"
same out first
expect 0 civitas run judged.yaml --seeds 1-12 --store judged.sqlite
says err "8 runs were in judged.sqlite already"
without_kept out >grown
expect 0 civitas run judged.yaml --seeds 1-12
same out grown
expect 0 civitas run judged.yaml --seeds 3-10 --store judged.sqlite
says err "8 runs were in judged.sqlite already"
without_kept out >inner
expect 0 civitas run judged.yaml --seeds 3-10
same out inner
expect 3 civitas run judged.yaml --seeds 1-8 --store judged.sqlite --check
expect 0 civitas run judged.yaml --seeds 1-8 --store judged.sqlite --json
cp out stored.json
holds "more is told than is kept: all are run" test ! -s err
expect 0 civitas run judged.yaml --seeds 1-8 --json
same out stored.json
expect 0 civitas run judged.yaml --seeds 1-8 --store judged.sqlite --store-detail epochs
holds "more detail: all are run" test ! -s err
expect 0 civitas run judged.yaml --seeds 1-8 --store judged.sqlite --override payoff.h=1.25
holds "another configuration: all are run" test ! -s err
cp judged.sqlite early.sqlite
python3 -c 'import sqlite3; s = sqlite3.connect("early.sqlite"); s.execute("DROP TABLE findings"); s.commit()'
expect 0 civitas results show 1 --store early.sqlite
expect 0 civitas run judged.yaml --seeds 1-8 --store early.sqlite
holds "what they found was not kept: all are run" test ! -s err
without_kept out >relearnt
without_kept first >before
same relearnt before
expect 0 civitas results query "SELECT count(*) FROM findings" --csv --store early.sqlite
says out 24

# Queries: forms, and what is refused.
expect 0 civitas results query "SELECT 1 AS a, NULL AS b, 0.5 AS c, 'x, \"y\"' AS d" --csv
printf 'a,b,c,d\n1,,0.5,"x, ""y"""\n' >wanted
same out wanted
expect 0 civitas results query "SELECT 1 AS a, NULL AS b, 9e999 AS c, 'x' AS d" --json
printf '[\n  {"a": 1, "b": null, "c": null, "d": "x"}\n]\n' >wanted
same out wanted
expect 0 civitas results query "SELECT seed FROM runs WHERE 0"
expect 0 civitas results query "WITH RECURSIVE n(k) AS (SELECT 1 UNION ALL SELECT k + 1 FROM n WHERE k < 3) SELECT k FROM n" --csv
cp results.sqlite before.sqlite
for statement in "DELETE FROM runs" "DROP TABLE totals" "INSERT INTO runs DEFAULT VALUES" "UPDATE runs SET seed = 1" \
  "ATTACH 'other.sqlite' AS other" "PRAGMA journal_mode = WAL" "VACUUM INTO 'copy.sqlite'" "SELECT load_extension('x')" "BEGIN IMMEDIATE"; do
  expect 2 civitas results query "$statement"
  says err "does more than read"
done
holds "no other file" test ! -e other.sqlite -a ! -e copy.sqlite
same results.sqlite before.sqlite
expect 2 civitas results query "SELECT 1; SELECT 2"
says err "one statement"
expect 2 civitas results query "SELECT nope FROM runs"
says err "no such column: nope"
expect 2 civitas results query ""
says err "no statement"

# Misuse and bad files, one sentence each.
expect 2 civitas results
expect 2 civitas results lss
says err "did you mean ls"
expect 2 civitas results show
expect 2 civitas results show one
says err "no experiment's ID"
expect 2 civitas results show 99
says err "there is no experiment 99"
expect 2 civitas results export 1
says err "--csv or --json"
expect 2 civitas results export --csv
expect 2 civitas results export --table nothing --csv
says err "there is no table"
expect 2 civitas results ls --csv
expect 1 civitas results ls --store absent.sqlite
says err "there is no results store"
holds "nothing was made" test ! -e absent.sqlite
expect 2 civitas results ls --store small.yaml
says err "not an SQLite database"
expect 2 civitas run small.yaml --store x.sqlite
says err "--seeds"
expect 2 civitas run small.yaml --seeds 1-2 --store-detail epochs
says err "--store"
expect 2 civitas run small.yaml --seeds 1-2 -q --store small.yaml
says err "not an SQLite database"
holds "the file is as it was" grep -q "a small society" small.yaml
expect 1 civitas run small.yaml --seeds 1-2 -q --store /proc/nowhere/x.sqlite

# The page says what the store is: tables with their columns, and queries that run.
python3 - "$page" results.sqlite >differences <<'END'
import re, sqlite3, sys
page, store = open(sys.argv[1]).read(), sqlite3.connect(sys.argv[2])
tables = {r[0] for r in store.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
views = {r[0] for r in store.execute("SELECT name FROM sqlite_schema WHERE type = 'view'")}
section = page.split("## Tables")[1].split("## Views")[0]
told = {name: re.findall(r"^\| `(\w+)` \|", text, re.M) for name, text in re.findall(r"^### (\w+)\n(.*?)(?=^### |\Z)", section, re.M | re.S)}
if set(told) != tables:
    print("tables", set(told) ^ tables)
for name in tables & set(told):
    real = [r[1] for r in store.execute(f"PRAGMA table_info({name})")]
    if name in ("totals", "plan_rows", "epoch_rows", "agent_rows"):
        real = real[:len(told[name])]
    if real != told[name]:
        print(name, real, told[name])
told_views = set(re.findall(r"^\| `(\w+)` \|", page.split("## Views")[1].split("## Questions")[0], re.M))
if told_views != views:
    print("views", told_views ^ views)
for view in views:
    columns = [d[0] for d in store.execute(f"SELECT * FROM {view} LIMIT 0").description]
    for column in ("config_sha256", "seed", "results_version"):
        if column not in columns:
            print(view, "lacks", column)
if store.execute("PRAGMA user_version").fetchone()[0] != 1 or store.execute("PRAGMA application_id").fetchone()[0] != 1128879698:
    print("format")
for k, query in enumerate(re.findall(r"```sql\n(.*?)```", page, re.S)):
    open(f"query-{k}.sql", "w").write(query)
END
silent differences
for query in query-*.sql; do
  expect 0 civitas results query "$(cat "$query")"
done
holds "queries" test -e query-4.sql
finish
