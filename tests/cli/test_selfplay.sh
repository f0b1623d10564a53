#!/bin/bash
# Self-play as a user types it: tournaments and their folders, exploits, hardening, kernels; mistakes; threads; a kill and what
# comes after. CIV_LONG=1: 100 deaths instead of 10.
. "$(dirname "$0")/lib.sh"
ln -s "$SOURCES/kernels" kernels
ln -s "$SOURCES/tests/exploits" shipped
deaths=10
[ "${CIV_LONG:-0}" = 0 ] || deaths=100
json() { python3 -c "import json, sys; r = json.load(open('$1')); $2"; }

# --- tournament: bare, and what it prints -------------------------------------------------------------------------------------
expect 0 civitas tournament
says out "commonwealth 0.1.0, 5 matchups x 8 seeds (0 to 7), 60 turns"
says out "baseline-honest         8"
says out "EXP-001"
says out "set K5.amendment.threshold to 0.6"
silent err
expect 0 civitas tournament --quiet
silent out
expect 0 civitas tournament --json
cp out naive.json
holds "JSON" json naive.json 'assert len(r["leaderboard"]) == 5 and len(r["exploits"]) >= 11 and r["setup"]["kernel_digest"].startswith("ca91ed2a")'
expect 0 civitas tournament -k hardened
says out "nothing was found"
expect 0 civitas tournament -k kernels/commonwealth-hardened.yaml -s 3 -m drain -m siege:honest=4,drainers=2,suppressors=1 --turns 80
says out "2 matchups x 1 seeds (3 to 3), 80 turns"
says out "siege"
expect 0 civitas tournament --json --polity tax=0.1 -p shock_size=0 --treasury 500.5
holds "settings" json out 's = r["setup"]; assert s["polity"]["tax"] == 0.1 and s["polity"]["shock_size"] == 0 and s["initial_treasury"] == 500.5'

# The whole program, with the default tournament, takes less than a tenth of a second: the best of nine, on a busy machine too.
if [ "${CIV_SANITIZED:-0}" = 0 ]; then
  best=9999
  for k in 1 2 3 4 5 6 7 8 9; do
    start=$(date +%s%N)
    "$CIVITAS" tournament >/dev/null
    took=$((($(date +%s%N) - start) / 1000000))
    [ "$took" -lt "$best" ] && best=$took
  done
  holds "a tournament takes $best ms" test "$best" -lt 100
fi

# Thresholds of detectors.
printf 'drain_share: 0.9\n' >blind.yaml
printf 'detectors:\n  drain_share: 0.9\n' >nested.yaml
expect 0 civitas tournament -m drain --json --detectors blind.yaml
holds "no treasury-drain" json out 'assert all(e["name"] != "treasury-drain" for e in r["exploits"])'
cp out blind.json
expect 0 civitas tournament -m drain --json --detectors nested.yaml
same blind.json out

# All of it from a file; options go before it, a kernel that is a path stands beside it.
mkdir -p setups/law
cp kernels/commonwealth-hardened.yaml setups/law/h.yaml
cat >setups/siege.yaml <<'END'
kernel: law/h.yaml
seeds: 3-5
n_turns: 40
initial_treasury: 500
exploit_id_start: 7
out_dir: from-file
matchups:
  siege: {honest: 4, drainers: 2}
  drain:
polity: {tax: 0.3}
detectors: {drain_share: 0.2}
END
expect 0 civitas tournament --config setups/siege.yaml
says out "2 matchups x 3 seeds (3 to 5), 40 turns"
holds "its folder" test -s from-file/summary.md
expect 0 civitas tournament -c setups/siege.yaml -k naive --seeds 0 --turns 60 --out other-folder --json
holds "options go before it" json out 's = r["setup"]; assert s["n_turns"] == 60 and s["seeds"] == 1 and s["kernel_version"] == "0.1.0" and s["polity"]["tax"] == 0.3 and s["initial_treasury"] == 500 and s["detectors"]["drain_share"] == 0.2 and r["exploits"][0]["exploit_id"] == "EXP-007"'
printf 'seeds: 4\n' >four.yaml
expect 0 civitas tournament -c four.yaml -m drain
says out "1 seeds (4 to 4)"

# --- folders ---------------------------------------------------------------------------------------------------------------------
expect 0 civitas tournament --seeds 0-9 --out one --traces --threads 1
says out "one/: summary.md"
expect 0 civitas tournament --seeds 0-9 --out two --traces --threads 2 --quiet
holds "one thread, two threads: the same bytes" diff -r one two
holds "50 episodes" test "$(ls one/episodes | wc -l)" -eq 50 -a "$(ls one/traces | wc -l)" -eq 50
holds "records" test "$(ls one/exploits | wc -l)" -ge 11
says one/summary.md "# Self-play under commonwealth 0.1.0"
says one/summary.md "| matchup | episodes | mean score |"
says one/summary.md "- EXP-001 (capture/5) guard-loosening"
holds "sorted keys, two blanks" python3 - <<'END'
import json
for name in ("one/exploits/EXP-001.json", "one/episodes/drain-seed0.json"):
    text = open(name).read()
    keys = list(json.loads(text))
    assert keys == sorted(keys) and text.startswith('{\n  "')
END
expect 1 civitas tournament --seeds 0-9 --out one --traces
says err "the folder holds this tournament, finished"
expect 1 civitas tournament --seeds 0-8 --out one
says err "holds no tournament of this setup"
expect 0 civitas tournament --seeds 0-8 --out one --force --quiet
expect 0 civitas tournament --seeds 0-2 --first-id 41 --out later --quiet
holds "numbered on" test -e later/exploits/EXP-041.json

# A trace is an event log like any other: its interactions give the toxicity that the episode says.
expect 0 civitas metrics two/traces/drain-seed0.jsonl --json
cp out metrics.json
holds "soft labels" python3 - <<'END'
import json
a = json.dumps(json.load(open("metrics.json")))
b = json.load(open("two/episodes/drain-seed0.json"))["toxicity_rate"]
assert repr(b) in a, b
END

# --- killed and resumed ------------------------------------------------------------------------------------------------------------
expect 0 civitas tournament --seeds 0-24 --out whole --traces --quiet
start=$(date +%s%N)
expect 0 civitas tournament --seeds 0-24 --out cut --traces --quiet
span=$((($(date +%s%N) - start) / 1000)) # microseconds
RANDOM=20240607
killed=0
for ((k = 0; k < deaths; k++)); do
  rm -rf cut
  "$CIVITAS" tournament --seeds 0-24 --out cut --traces --quiet --threads $((k % 2 + 1)) 2>/dev/null &
  pid=$!
  sleep "$(printf '0.%06d' $(((RANDOM * 32768 + RANDOM) % (span < 900000 ? span : 900000))))"
  kill -KILL $pid 2>/dev/null
  wait $pid 2>/dev/null
  [ -e cut/tournament.json ] && ! grep -q '"finished": true' cut/tournament.json || continue
  killed=$((killed + 1))
  for file in cut/episodes/*.json; do
    [ ! -e "$file" ] || holds "$file is whole" cmp "$file" "whole/${file#cut/}"
  done
  expect 0 civitas tournament --seeds 0-24 --out cut --traces --quiet
  holds "death $k: resumed to the same folder" diff -r whole cut
done
holds "some died in the middle ($killed of $deaths)" test $((killed * 4)) -ge "$deaths"

# Ctrl-C and SIGTERM: what is finished stays, and is said.
for signal in INT TERM; do
  rm -rf cut
  "$CIVITAS" tournament --seeds 0-20000 --out cut >out 2>err &
  pid=$!
  sleep 0.4
  kill -$signal $pid
  wait $pid
  code=$?
  checks=$((checks + 1))
  [ $code -eq 130 ] || fail "$signal gives $code, not 130"
  says err "the same command goes on with them"
  holds "episodes are kept" test "$(ls cut/episodes | wc -l)" -gt 10
done
"$CIVITAS" tournament --seeds 0-1000000 >out 2>err &
pid=$!
sleep 0.2
kill -INT $pid
wait $pid
code=$?
holds "interrupted without a folder" test $code -eq 130
says err "with --out DIR they would be kept"
"$CIVITAS" tournament --adversary search --restarts 1000 --seeds 0 --quiet >out 2>err &
pid=$!
sleep 0.5
kill -INT $pid
wait $pid
code=$?
holds "an interrupted search" test $code -eq 130
says err "its best so far"

# --- the searching adversary ------------------------------------------------------------------------------------------------------------
expect 0 civitas tournament --adversary search --generations 3 --restarts 1 --seeds 0-1
says out "Searching adversary"
says out "scripted capturers"
expect 0 civitas tournament --adversary search --generations 3 --restarts 2 --seeds 0-1 --json -j 1
cp out search1.json
holds "search in JSON" json out 's = r["search"]; assert len(s["programmes"]) == 2 and len(s["best"]) == 4 and "drain" in s["repertoires"]'
expect 0 civitas tournament --adversary search --generations 3 --restarts 2 --seeds 0-1 --json -j 2 --out searched
same search1.json out
holds "search.json" test -s searched/search.json

# --- exploits -----------------------------------------------------------------------------------------------------------------------------
expect 0 civitas exploit list two
says out "guard-loosening"
expect 0 civitas exploit list two/exploits/EXP-001.json two/exploits/EXP-002.json --json
holds "two records" json out 'assert len(r) == 2 and r[0]["status"] == "open"'
expect 0 civitas exploit replay two
says out "under commonwealth 0.1.0: works, the identical episode"
holds "every record replays" test "$(grep -c 'identical episode' out)" -eq "$(ls two/exploits | wc -l)"
expect 3 civitas exploit replay two/exploits/EXP-002.json --kernel hardened
says out "refused by K"
expect 3 civitas exploit replay two/exploits/EXP-002.json --kernel hardened --json
holds "which clause" json out 'assert not r[0]["works"] and r[0]["stopped_by"]["clause"].startswith("K")'
expect 3 civitas exploit replay two --kernel naive --kernel hardened --quiet
silent out

expect 0 civitas exploit compile two --out tests --kernel hardened
says out "works"
says out "refused by K"
expect 0 civitas exploit compile two --out tests --kernel hardened --quiet
expect 1 civitas exploit compile two --out tests --quiet
says err "another test has this name"
expect 0 civitas exploit compile two/exploits/EXP-001.json --out tests --quiet --force
expect 0 civitas exploit test tests
says out "verdicts as expected, 0 not"
expect 3 civitas exploit test tests/EXP-001.json --kernel hardened
says out "none was compiled: the law is newer"
expect 0 civitas exploit compile tests/EXP-002.json --out again --kernel hardened
same tests/EXP-002.json again/EXP-002.json
expect 0 civitas exploit list tests
says out "works 1, refused 1"
expect 0 civitas exploit test shipped
expect 0 civitas exploit test shipped --kernel naive --kernel hardened
says out "14 tests: 28 verdicts as expected, 0 not"
expect 0 civitas exploit test shipped --json
holds "28 in JSON" json out 'assert len(r) == 28 and all(v["as_expected"] for v in r)'
expect 2 civitas exploit test two/exploits/EXP-001.json
says err "a record, not a compiled test"

# A law that changes makes its tests fail, and they say how.
sed 's/self_dealing: "forbidden"/self_dealing: "recuse"/' kernels/commonwealth-hardened.yaml >changed.yaml
expect 3 civitas exploit test shipped --kernel changed.yaml
says out "none was compiled"

# Thresholds that a record was found with go into its test.
printf 'drain_share: 0.05\n' >keen.yaml
expect 0 civitas tournament -m entrench -s 0-9 --detectors keen.yaml --out keen --quiet
expect 0 civitas exploit compile keen --detectors keen.yaml --out keener --quiet
expect 0 civitas exploit test keener

# --- hardening ------------------------------------------------------------------------------------------------------------------------------
expect 0 civitas harden --out law
says out "The last round found nothing."
says out "Honest government:"
for file in kernel.yaml hardening.json summary.md rounds/1/exploits/EXP-001.json; do
  holds "$file" test -s law/$file
done
expect 0 civitas harden --threads 1 --out law1 --quiet
holds "threads do not matter" diff -r law law1
expect 0 civitas harden --json
holds "JSON" json out 'assert r["clean"] and r["honest_after"] >= 0.98 * r["honest_before"] and r["rounds"][-1]["exploits"] == []'
expect 1 civitas harden --out law
says err "not empty"
expect 3 civitas harden --rounds 1 --seeds 0-9 --quiet
expect 0 civitas kernel check law/kernel.yaml
"$CIVITAS" harden --seeds 0-20000 >out 2>err &
pid=$!
sleep 0.3
kill -INT $pid
wait $pid
code=$?
holds "an interrupted loop" test $code -eq 130
says err "interrupted in round"

# What ships is what the program makes.
mkdir made
expect 0 "$SOURCES/scripts/kernels" "$CIVITAS" "$here/made"
holds "both kernels" diff -r made/kernels "$SOURCES/kernels"
holds "every compiled exploit" diff -r made/tests/exploits "$SOURCES/tests/exploits"

# What the guide shows is what the program prints.
expect 0 "$SOURCES/scripts/outputs" --check "$CIVITAS"

# --- kernels ---------------------------------------------------------------------------------------------------------------------------------
expect 0 civitas kernel check kernels/*.yaml
says out "commonwealth 0.1.0, digest ca91ed2a21cb443a59d820608c022f9f2ad1001fe0ebeed1e7fa72e659876661"
expect 0 civitas kernel check naive hardened --json
holds "two" json out 'assert [k["ok"] for k in r] == [True, True]'
expect 0 civitas kernel show naive
says out "K4.spend           self_dealing"
expect 0 civitas kernel show commonwealth-0.1.0 --json
holds "all parameters" json out 'assert len(r["clauses"]) == 9 and r["clauses"][3]["params"]["self_dealing"] == "allowed"'
expect 0 civitas kernel show hardened --yaml
cp out copy.yaml
expect 0 civitas kernel diff hardened copy.yaml
says out "the same law"
expect 3 civitas kernel diff naive hardened
says out "  +  K4.spend           self_dealing               allowed     forbidden"
says out "tighter, 0 looser"
expect 3 civitas kernel diff hardened naive --json
holds "directions" json out 'assert not r["same"] and all(c["direction"] == -1 for c in r["changes"])'
expect 0 civitas kernel diff naive naive --all
says out "0 tighter, 0 looser, 0 neither"

# --- mistakes: exit code, then what is said ----------------------------------------------------------------------------------------------------
printf 'name: x\nclauses: 3\n' >broken.yaml
sed 's/rule: franchise/rule: franchize/' kernels/commonwealth-0.1.0.yaml >typo.yaml
sed 's/"digest": "...../"digest": "00000/' shipped/EXP-001.json >forged.json
sed 's/"turn": 20/"turn": 21/' shipped/EXP-001.json >forged2.json
sed 's/"severity": 5/"severity": 9/' two/exploits/EXP-001.json >severe.json
head -c 2000 two/exploits/EXP-001.json >torn.json
echo '{}' >empty.json
mkdir nothing
printf 'drain_shar: 0.3\n' >shar.yaml
printf 'salami_payments: lots\n' >lots.yaml
printf 'kernal: x\n' >c1.yaml
printf 'kernel: naive\nseeds: many\n' >c2.yaml
printf 'matchups: 3\n' >c3.yaml
printf 'matchups:\n  x: {honst: 3}\n' >c4.yaml
printf 'polity:\n  taxs: 1\n' >c5.yaml
printf 'n_turns: 0\n' >c6.yaml
printf -- '- 1\n' >c7.yaml
printf 'matchups:\n  x:\n' >c8.yaml
while IFS='|' read -r wanted said arguments; do
  [ -n "$arguments" ] || continue
  eval "expect $wanted civitas $arguments"
  says err "$said"
done <<'END'
2|there is no action 'shw'; did you mean show?|kernel shw naive
2|there is no action 'frobnicate'|kernel frobnicate naive
2|use: civitas kernel diff A B|kernel diff naive
2|--yaml is for show|kernel check naive --yaml
2|--all is for diff|kernel show naive --all
1|did you mean 'commonwealth-hardened'?|kernel show commonwealth-hardend
1|no built-in kernel of this name|kernel check sometihng-else
2|broken.yaml:2:10: a kernel needs clauses|kernel check broken.yaml
2|did you mean 'franchise'?|kernel check typo.yaml
2|typo.yaml:|tournament --kernel typo.yaml
2|broken.yaml:2:10|harden --kernel broken.yaml
2|--seeds takes A-B|tournament --seeds 7-0
2|--seeds takes A-B|tournament --seeds x
2|--seeds takes A-B|harden --seeds -3
2|are more than 10000000|tournament --seeds 0-99999999
2|did you mean drainers|tournament --matchup x:drainer=2
2|needs a number from 0 to 64|tournament --matchup x:honest=many
2|0 citizens|tournament --matchup x:honest=0
2|has 128 citizens|tournament --matchup x:honest=64,drainers=64
2|none of the default matchups|tournament --matchup siege
2|begins with no name|tournament --matchup ../x:honest=3
2|two matchups are called 'a'|tournament -m a:honest=3 -m a:honest=4
2|is not KEY=VALUE|tournament --polity tax
2|did you mean tax?|tournament --polity tex=0.3
2|tax=7|tournament --polity tax=7
2|--treasury takes an amount|tournament --treasury=-1
2|outside [1, 100000]|tournament --turns 0
2|did you mean drain_share?|tournament --detectors shar.yaml
2|shar.yaml:1:1|tournament --detectors shar.yaml
2|lots.yaml:1:18|harden --detectors lots.yaml
1|absent.yaml|tournament --detectors absent.yaml
2|c1.yaml:1:1: kernal: there is no such setting|tournament -c c1.yaml
2|c2.yaml: seeds takes A-B|tournament -c c2.yaml
2|c3.yaml:1:11: matchups is a mapping|tournament -c c3.yaml
2|c4.yaml:2:3: 'x:honst=3' has no kind of citizen 'honst'|tournament -c c4.yaml
2|c5.yaml:2:3: taxs: there is no such setting|harden -c c5.yaml
2|c6.yaml:1:10: n_turns: 0 is outside [1, 100000]|tournament -c c6.yaml
2|c7.yaml:1:1: a tournament is a mapping|tournament -c c7.yaml
2|c8.yaml:2:3: 'x' is none of the default matchups|tournament -c c8.yaml
1|absent.yaml|tournament --config absent.yaml
2|--traces and --force go with --out|tournament --traces
2|go with --adversary search|tournament --generations 3
2|'cunning' is not known|tournament --adversary cunning
2|takes 0 to 100 points|harden --honest-loss 101
2|outside [1, 64]|harden --rounds 65
2|there is no action 'reply'; did you mean|exploit reply x.json
2|say where the tests go|exploit compile two
2|are for compile, not for list|exploit list two --out x
2|--kernel is for|exploit list two --kernel naive
2|--json is not for compile|exploit compile two --out x --json
1|absent.json|exploit replay absent.json
1|no record of an exploit in this folder|exploit list nothing
2|torn.json:|exploit replay torn.json
2|how to reproduce it|exploit replay empty.json
2|severe.json: severity|exploit replay severe.json
2|the file was changed since it was compiled|exploit test forged.json
2|the file was changed since it was compiled|exploit replay forged2.json
END

# --- completion ----------------------------------------------------------------------------------------------------------------------------------
expect 0 civitas completion bash
cp out completion.bash
offers() {
  bash -c '. ./completion.bash; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _civitas; printf "%s\n" "${COMPREPLY[@]}"' - "$@"
}
for pair in "tour tournament" "har harden" "expl exploit" "kern kernel"; do
  offers civitas ${pair% *} >offer
  holds "offers ${pair#* }" grep -qx "${pair#* }" offer
done
offers civitas tournament --adv >offer
holds "an option" grep -qx -- --adversary offer
offers civitas tournament --adversary s >offer
holds "its words" grep -qx search offer
offers civitas harden --honest >offer
holds "two options" test "$(wc -l <offer)" -eq 2
offers civitas exploit --det >offer
holds "exploit's option" grep -qx -- --detectors offer
offers civitas kernel --y >offer
holds "kernel's option" grep -qx -- --yaml offer
finish
