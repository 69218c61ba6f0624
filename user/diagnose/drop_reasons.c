// SPDX-License-Identifier: GPL-2.0-or-later
/* Names of drop reasons (drop_reasons.h). */
#include <bpf/btf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "diagnose/drop_reasons.h"

#define ENUM   "skb_drop_reason"
#define PREFIX "SKB_DROP_REASON_"

struct name {
	uint32_t reason;
	char text[44];
};

struct drop_reasons {
	size_t n;
	struct name names[];
};

static int copy_names(struct drop_reasons **out, const struct btf *btf)
{
	int id = btf__find_by_name_kind(btf, ENUM, BTF_KIND_ENUM);
	const struct btf_type *type = id < 0 ? NULL : btf__type_by_id(btf, id);
	const struct btf_enum *values = type ? btf_enum(type) : NULL;
	struct drop_reasons *reasons;
	size_t i, n = type ? btf_vlen(type) : 0;

	if (!n)
		return -ENOENT;
	reasons = calloc(1, sizeof(*reasons) + n * sizeof(reasons->names[0]));
	if (!reasons)
		return -ENOMEM;
	for (i = 0; i < n; i++) {
		const char *text = btf__name_by_offset(btf, values[i].name_off);
		struct name *name = &reasons->names[i];

		if (!strncmp(text, PREFIX, strlen(PREFIX)))
			text += strlen(PREFIX);
		name->reason = values[i].val;
		strncpy(name->text, text, sizeof(name->text) - 1);
	}
	reasons->n = n;
	*out = reasons;
	return 0;
}

int drop_reasons_open(struct drop_reasons **out)
{
	struct btf *btf = btf__load_vmlinux_btf();
	int err;

	if (!btf)
		return -errno;
	err = copy_names(out, btf);
	btf__free(btf);
	return err;
}

const char *drop_reason(const struct drop_reasons *reasons, uint32_t reason)
{
	size_t i;

	for (i = 0; reasons && i < reasons->n; i++)
		if (reasons->names[i].reason == reason)
			return reasons->names[i].text;
	return "";
}

void drop_reasons_close(struct drop_reasons *reasons)
{
	free(reasons);
}
