/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What every fuzzer here shares: how libFuzzer calls it, and how it says that
 * something does not hold.
 */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline void must(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "does not hold: %s\n", what);
	abort();
}

/* A fault as the checks in tests/lib return it, or NULL. */
static inline void must_not(const char *fault)
{
	must(!fault, fault);
}

#endif
