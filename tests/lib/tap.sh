# tap.sh - a small TAP producer for bash test scripts; source it
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Two ways to use it, which may be mixed:
#
#   ok NAME | not_ok NAME [DIAGNOSTIC] | skip NAME REASON     one result each
#   done_testing                                              the plan; status 1 if anything failed
#
#   run_tests FUNCTION...     runs each function as one test, then done_testing
#
# A function is named test_what_must_hold and becomes the test "what must hold".
# It runs in a subshell under `set -e`, so that the first failing command fails
# the test; what it printed appears only then, as diagnostics. Inside it:
#
#   defer COMMAND [ARG...]    run COMMAND when the test ends, however it ends, last deferred first
#   skip_test REASON          end the test as skipped
#   fail MESSAGE              end the test as failed
#
# Test names must not contain a '#', which begins a directive in TAP.

tap_count=0
tap_failures=0
tap_dir=
tap_deferred=

# Text from stdin as diagnostics.
tap_diagnose() {
	sed 's/^/# /'
}

ok() {
	tap_count=$((tap_count + 1))
	printf 'ok %d - %s\n' "$tap_count" "$1"
}

not_ok() {
	tap_count=$((tap_count + 1))
	tap_failures=$((tap_failures + 1))
	printf 'not ok %d - %s\n' "$tap_count" "$1"
	if [ -n "${2-}" ]; then
		printf '%s\n' "$2" | tap_diagnose
	fi
}

skip() {
	tap_count=$((tap_count + 1))
	printf 'ok %d - %s # SKIP %s\n' "$tap_count" "$1" "$2"
}

done_testing() {
	printf '1..%d\n' "$tap_count"
	[ "$tap_failures" -eq 0 ] && [ "$tap_count" -gt 0 ]
}

defer() {
	local quoted
	printf -v quoted '%q ' "$@"
	tap_deferred="$quoted; $tap_deferred"
}

fail() {
	printf '%s\n' "$*" >&2
	exit 1
}

skip_test() {
	printf '%s\n' "$*" >"$tap_dir/skipped"
	exit 0
}

# The end of a test's subshell: what was deferred, and the status as it was.
tap_cleanup() {
	local status=$?
	set +e
	eval "$tap_deferred"
	exit "$status"
}

# Runs one test function. A function of its own, because the subshell must not
# stand in a condition: bash ignores `set -e` there, and every test would pass.
tap_run() {
	local status name=${1#test_}
	name=${name//_/ }

	rm -f "$tap_dir/skipped"
	(
		tap_deferred=
		trap tap_cleanup EXIT
		set -e
		"$1"
	) >"$tap_dir/log" 2>&1 </dev/null
	status=$?

	if [ "$status" -ne 0 ]; then
		not_ok "$name" "exit status $status"
		tap_diagnose <"$tap_dir/log"
	elif [ -e "$tap_dir/skipped" ]; then
		skip "$name" "$(head -n 1 "$tap_dir/skipped")"
	else
		ok "$name"
	fi
}

run_tests() {
	local test

	# A failing test must not end the whole script, where that runs under set -e.
	set +e

	# Called as `if run_tests` or `run_tests || …`, no failing command would
	# end a test. Rather refuse than pass what was never checked.
	(set -e; false; exit 42)
	if [ $? -eq 42 ]; then
		not_ok "run_tests stands in no condition, which would disable set -e"
		done_testing
		return
	fi

	tap_dir=$(mktemp -d "${TMPDIR:-/tmp}/tap.XXXXXX") || return
	for test in "$@"; do
		tap_run "$test"
	done
	rm -rf "$tap_dir"

	done_testing
}
