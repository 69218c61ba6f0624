// SPDX-License-Identifier: GPL-2.0-or-later
/* Stands in for xdpcap at a hook. */
#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <string.h>
#include <unistd.h>

#include "standin.h"

/* Instructions, as many as are needed here. */
#define INSN(c, d, s, o, i) \
	((struct bpf_insn){ .code = (c), .dst_reg = (d), .src_reg = (s), .off = (o), .imm = (i) })
#define MOV(d, s)	      INSN(BPF_ALU64 | BPF_MOV | BPF_X, d, s, 0, 0)
#define MOV_IMM(d, i)	      INSN(BPF_ALU64 | BPF_MOV | BPF_K, d, 0, 0, i)
#define ADD_IMM(d, i)	      INSN(BPF_ALU64 | BPF_ADD | BPF_K, d, 0, 0, i)
#define AND_IMM(d, i)	      INSN(BPF_ALU64 | BPF_AND | BPF_K, d, 0, 0, i)
#define LOAD(size, d, s, o)   INSN(BPF_LDX | BPF_MEM | (size), d, s, o, 0)
#define STORE_IMM(d, o, i)    INSN(BPF_ST | BPF_MEM | BPF_W, d, 0, o, i)
#define ADD_TO(d, o, s)	      INSN(BPF_STX | BPF_ATOMIC | BPF_DW, d, s, o, BPF_ADD)
#define JUMP(op, d, i, o)     INSN(BPF_JMP | (op) | BPF_K, d, 0, o, i)
#define JUMP_REG(op, d, s, o) INSN(BPF_JMP | (op) | BPF_X, d, s, o, 0)
#define CALL(helper)	      INSN(BPF_JMP | BPF_CALL, 0, 0, 0, helper)
#define EXIT		      INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0)
#define MAP(d, fd)	      INSN(BPF_LD | BPF_DW | BPF_IMM, d, BPF_PSEUDO_MAP_FD, 0, fd), INSN(0, 0, 0, 0, 0)

#define IP_DST (ETH_HLEN + 16)
#define IP_OFF (ETH_HLEN + 6)
#define IP_END (ETH_HLEN + 20)

int standin_check(int hook)
{
	struct bpf_map_info info = {};
	__u32 len = sizeof(info);

	if (bpf_obj_get_info_by_fd(hook, &info, &len) < 0)
		return -errno;
	return info.type == BPF_MAP_TYPE_PROG_ARRAY && info.key_size == 4 && info.value_size == 4 &&
			       info.max_entries == STANDIN_ACTIONS
		       ? 0
		       : -EPROTOTYPE;
}

int standin_program(int counts, uint32_t action, bool frags)
{
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .prog_flags = frags ? BPF_F_XDP_HAS_FRAGS : 0);
	const struct bpf_insn insns[] = {
		MOV(6, 1),
		/* the record of this action */
		MAP(1, counts),
		MOV(2, 10),
		ADD_IMM(2, -4),
		STORE_IMM(2, 0, action),
		CALL(BPF_FUNC_map_lookup_elem),
		JUMP(BPF_JEQ, 0, 0, 16),
		MOV_IMM(5, 1),
		ADD_TO(0, offsetof(struct standin_count, packets), 5),
		/* a multicast fragment? */
		LOAD(BPF_W, 2, 6, offsetof(struct xdp_md, data)),
		LOAD(BPF_W, 3, 6, offsetof(struct xdp_md, data_end)),
		MOV(4, 2),
		ADD_IMM(4, IP_END),
		JUMP_REG(BPF_JGT, 4, 3, 9),
		LOAD(BPF_H, 4, 2, offsetof(struct ethhdr, h_proto)),
		JUMP(BPF_JNE, 4, htons(ETH_P_IP), 7),
		LOAD(BPF_B, 4, 2, IP_DST),
		AND_IMM(4, 0xf0),
		JUMP(BPF_JNE, 4, 0xe0, 4),
		LOAD(BPF_H, 4, 2, IP_OFF),
		AND_IMM(4, htons(0x3fff)),
		JUMP(BPF_JEQ, 4, 0, 1),
		ADD_TO(0, offsetof(struct standin_count, fragments), 5),
		MOV_IMM(0, action),
		EXIT,
	};
	int fd = bpf_prog_load(BPF_PROG_TYPE_XDP, "standin", "GPL", insns,
			       sizeof(insns) / sizeof(*insns), &opts);

	return fd < 0 ? -errno : fd;
}

int standin_counts(void)
{
	int fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, "standin_counts", 4,
				sizeof(struct standin_count), STANDIN_ACTIONS, NULL);

	return fd < 0 ? -errno : fd;
}

static int attach_action(struct standin *standin, uint32_t action)
{
	int err, fd = standin_program(standin->counts, action, standin->frags);

	if (fd < 0)
		return fd;
	err = bpf_map_update_elem(standin->hook, &action, &fd, BPF_ANY) < 0 ? -errno : 0;
	if (err)
		close(fd);
	else
		standin->programs[action] = fd;
	return err;
}

int standin_attach(struct standin *standin, int hook)
{
	uint32_t action;
	int err;

	memset(standin, 0, sizeof(*standin));
	memset(standin->programs, 0xff, sizeof(standin->programs));
	standin->hook = hook;
	standin->counts = standin_counts();
	if (standin->counts < 0)
		return standin->counts;
	err = standin_check(hook);
	for (action = 0; !err && action < STANDIN_ACTIONS; action++) {
		err = attach_action(standin, action);
		if (err == -EINVAL && action == 0) {
			standin->frags = true;
			err = attach_action(standin, action);
		}
	}
	if (err)
		standin_detach(standin);
	return err;
}

int standin_read(const struct standin *standin, uint32_t action, struct standin_count *count)
{
	return bpf_map_lookup_elem(standin->counts, &action, count) < 0 ? -errno : 0;
}

void standin_detach(struct standin *standin)
{
	uint32_t action;

	for (action = 0; action < STANDIN_ACTIONS; action++) {
		if (standin->programs[action] < 0)
			continue;
		bpf_map_delete_elem(standin->hook, &action);
		close(standin->programs[action]);
		standin->programs[action] = -1;
	}
	close(standin->counts);
	standin->counts = -1;
}
