#!/bin/sh
# Runs the program as a user would, over the sample data, and compares what it prints.
#   tests/command_line.sh PROGRAM
set -u
tally=$1
data=$(dirname "$0")/../examples/data
failures=0
cases=0

# expect NAME WANTED_OUTPUT ARGUMENT...
expect() {
    name=$1
    wanted=$2
    shift 2
    cases=$((cases + 1))
    got=$("$tally" "$@" 2>&1)
    if [ "$got" != "$wanted" ]; then
        failures=$((failures + 1))
        printf 'FAILED  %s\n--- wanted\n%s\n--- got\n%s\n' "$name" "$wanted" "$got"
    fi
}

# expect_status NAME WANTED_STATUS ARGUMENT...
expect_status() {
    name=$1
    wanted=$2
    shift 2
    cases=$((cases + 1))
    "$tally" "$@" >/dev/null 2>&1
    got=$?
    if [ "$got" -ne "$wanted" ]; then
        failures=$((failures + 1))
        printf 'FAILED  %s: exit status %s, wanted %s\n' "$name" "$got" "$wanted"
    fi
}

expect 'rows of a CSV file are counted' 'rows
  24' 'stats count() as rows' "$data/requests.csv"
expect 'an access log is grouped by status' 'status,n
200,7
404,2
503,1' --output csv 'stats count() as n by status | sort status' "$data/access.log"
expect 'JSON lines become JSON' '[
  {"level": "error", "n": 2},
  {"level": "info", "n": 4}
]' --output json 'stats count() as n by level | sort level' "$data/events.jsonl"
expect 'files of several formats are read together' 'n
30' --output csv 'stats count() as n' "$data/requests.csv" "$data/events.jsonl"
expect 'a fault is told with its place' \
    "tally: no aggregate 'nosuch' at offset 6" 'stats nosuch(x)' "$data/requests.csv"
expect_status 'success is 0' 0 'limit 1' "$data/requests.csv"
expect_status 'a fault of the user is 2' 2 'where' "$data/requests.csv"
expect_status 'a missing file is 2' 2 'limit 1' "$data/no_such_file.csv"
expect_status 'help is no fault' 0 --help

printf '%s command line cases, %s failures\n' "$cases" "$failures"
[ "$failures" -eq 0 ]
