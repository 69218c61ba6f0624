// SPDX-License-Identifier: GPL-2.0-or-later
#include <pcap/pcap.h>
#include <stdlib.h>
#include <string.h>

#include "pcap_filter.h"

#define SNAPLEN 262144

bool pcap_filter_compile(struct pcap_filter *filter, const char *expression, bool optimise,
			 char *why)
{
	pcap_t *pcap = pcap_open_dead(DLT_EN10MB, SNAPLEN);
	struct bpf_program program = {};
	size_t bytes;

	*filter = (struct pcap_filter){};
	if (!pcap)
		return false;
	if (pcap_compile(pcap, &program, expression, optimise, PCAP_NETMASK_UNKNOWN)) {
		strncpy(why, pcap_geterr(pcap), PCAP_FILTER_WHY - 1);
		why[PCAP_FILTER_WHY - 1] = '\0';
		pcap_close(pcap);
		return false;
	}
	pcap_close(pcap);
	bytes = program.bf_len * sizeof(*program.bf_insns);
	filter->insns = malloc(bytes);
	if (filter->insns) {
		memcpy(filter->insns, program.bf_insns, bytes);
		filter->n = program.bf_len;
	}
	pcap_freecode(&program);
	return filter->insns;
}

void pcap_filter_free(struct pcap_filter *filter)
{
	free(filter->insns);
	*filter = (struct pcap_filter){};
}

uint32_t pcap_filter_run(const struct pcap_filter *filter, const void *frame, size_t len)
{
	struct pcap_pkthdr header = { .caplen = len, .len = len };
	struct bpf_program program = { .bf_len = filter->n,
				       .bf_insns = (struct bpf_insn *)filter->insns };

	return pcap_offline_filter(&program, &header, frame);
}
