/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the kernel's first look (check_cfg() in kernel/bpf/verifier.c) and the place in the
 * object want of a translated filter: it can be run from beginning to end, never runs in
 * circles, leaves nothing that no jump leads to, and stays within its room and its stack.
 */
#ifndef XDPFRAG_TESTS_TRANSLATED_H
#define XDPFRAG_TESTS_TRANSLATED_H

#include <linux/bpf.h>
#include <stddef.h>

#define TRANSLATED_STACK 80 /* bytes */

/* NULL, or what does not hold. */
const char *translated_fault(const struct bpf_insn *insns, size_t room, long view_load);

#endif
