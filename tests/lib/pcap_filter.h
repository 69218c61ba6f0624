/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libpcap's compiler and its interpreter, which say what a filter means. In a file of their
 * own, because pcap.h and linux/bpf.h each have a struct bpf_insn.
 */
#ifndef XDPFRAG_TESTS_PCAP_FILTER_H
#define XDPFRAG_TESTS_PCAP_FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sock_filter;

#define PCAP_FILTER_WHY 256

struct pcap_filter {
	struct sock_filter *insns;
	size_t n;
};

/* For Ethernet. False, and a text in why (PCAP_FILTER_WHY), when libpcap refuses it. */
bool pcap_filter_compile(struct pcap_filter *filter, const char *expression, bool optimise,
			 char *why);
void pcap_filter_free(struct pcap_filter *filter);

/* pcap_offline_filter() of a whole frame. */
uint32_t pcap_filter_run(const struct pcap_filter *filter, const void *frame, size_t len);

#endif
