// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A pcap-filter(7) expression, compiled here rather than by the agent: libpcap asks name
 * servers, which takes its time, and is no parser for a daemon that runs as root.
 */
#include <errno.h>
#include <pcap/pcap.h>

#include "capture_options.h"
#include "xdpfrag/captured.h"

static json_t *program_json(const struct bpf_program *program)
{
	json_t *array = json_array();
	unsigned int i;

	for (i = 0; i < program->bf_len; i++) {
		const struct bpf_insn *insn = &program->bf_insns[i];

		json_array_append_new(array, json_pack("[i, i, i, I]", insn->code, insn->jt,
						       insn->jf, (json_int_t)insn->k));
	}
	return array;
}

json_t *capture_filter_compile(const char *filter, struct report *rep)
{
	pcap_t *pcap = pcap_open_dead(DLT_EN10MB, XDPFRAG_CAPTURED_MAX);
	struct bpf_program program;
	json_t *array = NULL;

	if (!pcap) {
		report_failed(rep, -ENOMEM, "", "out of memory");
		return NULL;
	}
	if (pcap_compile(pcap, &program, filter, 1, PCAP_NETMASK_UNKNOWN)) {
		report_usage(rep, filter, "an expression as pcap-filter(7) has it",
			     "the filter cannot be compiled: %s", pcap_geterr(pcap));
	} else {
		array = program_json(&program);
		pcap_freecode(&program);
	}
	pcap_close(pcap);
	return array;
}
