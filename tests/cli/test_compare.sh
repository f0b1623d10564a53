#!/bin/bash
# civitas compare: folders, logs, files and stored runs against each other.
. "$(dirname "$0")/lib.sh"

expect 0 civitas run small.yaml --seed 1 -q --output-dir one
expect 0 civitas run small.yaml --seed 1 -q --output-dir taxed --override governance.transaction_tax_rate=0.5
expect 0 civitas run small.yaml --seed 2 -q --output-dir two --output two.jsonl
expect 0 civitas run small.yaml --seeds 1-40 -q --output-dir many --store results.sqlite
expect 0 civitas run small.yaml --seeds 1-40 --json --override governance.transaction_tax_rate=0.5 --store results.sqlite
cp out taxed.json
expect 0 civitas run small.yaml --seeds 101-150 -q --store results.sqlite

# Single runs: differences, and that they are no more than that.
expect 0 civitas compare one taxed
says out "one pair of runs of the same seed"
says out "welfare_per_epoch"
expect 0 civitas compare one two
says out "one run each, of different seeds"
expect 0 civitas compare one one
says out "totals are the same in every run"
expect 0 civitas compare two two.jsonl
says out "totals are the same in every run"

# Many runs, from wherever they are: the same differences.
expect 0 civitas compare many taxed.json -m welfare_per_epoch -m mean_toxicity
says out "40 pairs of runs, seed by seed"
says out "welfare_per_epoch"
says out "<0.0001  *"
sed 1,2d out >files
expect 0 civitas compare results.sqlite:1 results.sqlite:2 -m welfare_per_epoch -m mean_toxicity
sed 1,2d out >stored
same files stored
expect 0 civitas compare results.sqlite:1 results.sqlite:3 -m mean_toxicity
says out "40 runs against 50, as independent samples"
expect 0 civitas compare one results.sqlite:3 -m mean_toxicity
says out "of a single run there is no spread"
expect 0 civitas compare many one -m mean_toxicity
says out "39 runs without a partner are left out"

# Configurations of a sweep.
cat >sweep.yaml <<'END'
base: small.yaml
configurations:
  - {name: none}
  - {name: taxed, set: {governance.transaction_tax_rate: 0.5}}
  - {name: 'harm: twice', set: {payoff.h: 4}}
runs_per_config: 12
seed_mode: common
END
expect 0 civitas sweep sweep.yaml --store results.sqlite -q
expect 0 civitas compare results.sqlite:4 -m welfare_per_epoch
says out "B  results.sqlite:4/taxed"
says out "B  results.sqlite:4/harm: twice"
expect 0 civitas compare results.sqlite:4/none "results.sqlite:4/harm: twice"
says out "12 pairs"
expect 0 civitas compare results.sqlite:4/0 results.sqlite:4/1 --json
holds "JSON" python3 -c '
import json
c = json.load(open("out"))
m = {x["metric"]: x for x in c["comparisons"][0]["metrics"]}
w = m["welfare_per_epoch"]
assert c["comparisons"][0]["paired"] and c["comparisons"][0]["n_pairs"] == 12
assert w["ci95"][0] <= w["difference"] <= w["ci95"][1] and w["p"] <= w["p_holm"]
assert abs(w["mean_b"] - w["mean_a"] - w["difference"]) < 1e-9'
cp out one.json
expect 0 civitas compare results.sqlite:4/0 results.sqlite:4/1 --json -j1
same out one.json
expect 0 civitas compare results.sqlite:4/0 results.sqlite:4/1 --all
holds "all totals" test "$(wc -l <out)" -gt 60

# Interval and p of the table are those of one test: what is starred leaves 0 out, also where the differences are so skewed that
# the bootstrap's interval, which --json gives beside it, does not.
expect 0 civitas run small.yaml --seeds 1-12 --json
cp out even.json
python3 - <<'END'
import json, math
j = json.load(open("even.json"))
for k, run in enumerate(j["runs"]):
    run["totals"]["mean_toxicity"] += 3.2 + math.log(1 - (k + 0.5) / 12) * 2
json.dump(j, open("skewed.json", "w"), indent=2)
END
expect 0 civitas compare even.json skewed.json -m mean_toxicity --json
cp out skewed-differences.json
expect 0 civitas compare even.json skewed.json -m mean_toxicity
holds "one test" python3 - <<'END'
import json
x = json.load(open("skewed-differences.json"))["comparisons"][0]["metrics"][0]
row = next(l for l in open("out") if "mean_toxicity" in l).split()
print(x, row)
assert x["bootstrap95_method"] == "studentised"
assert row[-1] == "*" and x["p"] < 0.05 and x["ci95"][0] > 0 > x["bootstrap95"][0]
assert abs(float(row[4]) - x["ci95"][0]) <= 1e-3 and abs(float(row[5]) - x["ci95"][1]) <= 1e-3
END

# One sentence for what cannot be compared.
expect 2 civitas compare
expect 2 civitas compare one
says err "name another"
expect 2 civitas compare results.sqlite:4/nine one
says err "there is no configuration 'nine'"
expect 2 civitas compare results.sqlite:4/taxd one
says err "did you mean 'taxed'"
expect 2 civitas compare results.sqlite:77 one
says err "there is no experiment 77"
expect 1 civitas compare absent.sqlite:1 one
says err "there is no results store"
expect 2 civitas compare one two -m mean_toxicty
says err "did you mean 'mean_toxicity'"
expect 2 civitas compare small.yaml one
says err "neither an event log"
printf 'SQLite format 3' >store.sqlite
expect 2 civitas compare store.sqlite one
says err "name an experiment in it, such as store.sqlite:1"
expect 1 civitas compare absent one
says err "No such file"
mkdir empty
expect 1 civitas compare empty one
says err "holds no run"
head -n 20 two.jsonl >torn.jsonl
expect 1 civitas compare torn.jsonl one
says err "the log has no end"
finish
