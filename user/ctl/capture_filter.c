// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A pcap-filter(7) expression, compiled here rather than by the agent: libpcap asks name
 * servers, which takes its time, and is no parser for a daemon that runs as root.
 */
#include <ctype.h>
#include <errno.h>
#include <linux/filter.h>
#include <pcap/pcap.h>
#include <string.h>

#include "capture/filter_check.h"
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

/*
 * libpcap compiles for Linux's sockets here, which answer some loads by what they know beside the
 * packet (SKF_AD_OFF). The hook has nothing of the kind.
 */
static bool asks_socket(const struct bpf_program *program)
{
	unsigned int i;

	for (i = 0; i < program->bf_len; i++)
		if (BPF_CLASS(program->bf_insns[i].code) == BPF_LD &&
		    BPF_MODE(program->bf_insns[i].code) == BPF_ABS &&
		    program->bf_insns[i].k >= (__u32)SKF_AD_OFF)
			return true;
	return false;
}

/* And some loops, which are jumps back: `protochain`. */
static bool loops(const struct bpf_program *program)
{
	unsigned int i;

	for (i = 0; i < program->bf_len; i++)
		if (program->bf_insns[i].code == (BPF_JMP | BPF_JA) &&
		    program->bf_insns[i].k > program->bf_len)
			return true;
	return false;
}

static bool has_word(const char *filter, const char *word)
{
	size_t len = strlen(word);
	const char *at = filter;

	while ((at = strstr(at, word))) {
		bool begins = at == filter || !(isalnum(at[-1]) || strchr("-._", at[-1]));
		bool ends = !at[len] || !(isalnum(at[len]) || strchr("-._", at[len]));

		if (begins && ends)
			return true;
		at += len;
	}
	return false;
}

/* Which of the words that are not to be had stands in the filter. */
static const char *offender(const char *filter)
{
	static const char *const words[] = { "inbound", "outbound", "ifindex", "protochain" };
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (has_word(filter, words[i]))
			return words[i];
	return "part of the filter";
}

static int check(const struct bpf_program *program, const char *filter, struct report *rep)
{
	const char *word = offender(filter);

	if (program->bf_len > FILTER_MAX)
		return report_refused(rep, -E2BIG, "",
				      "the filter is too long: %u instructions, and the kernel "
				      "takes %d; leave part of it to whatever reads the capture",
				      program->bf_len, FILTER_MAX);
	if (asks_socket(program))
		return report_usage(rep, word, "what the packet itself tells",
				    "%s is not known at the XDP hook, where every packet is one "
				    "that came in; -i NIC chooses where",
				    REPORT_QUOTE(word));
	if (loops(program))
		return report_usage(rep, word, "a filter without a loop",
				    "%s takes a loop, which the kernel does not run in a filter; "
				    "name the headers one by one, as in `ip6[40]`",
				    REPORT_QUOTE(word));
	return 0;
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
		if (!check(&program, filter, rep))
			array = program_json(&program);
		pcap_freecode(&program);
	}
	pcap_close(pcap);
	return array;
}
