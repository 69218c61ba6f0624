/* SPDX-License-Identifier: GPL-2.0-only */
/* Writing of fragment events (include/xdpfrag/event.h) for whoever watches. */
#ifndef XDPFRAG_EVENTS_BPF_H
#define XDPFRAG_EVENTS_BPF_H

#include "match.bpf.h"
#include "parse.bpf.h"
#include "xdpfrag/event.h"

#define FAMILY_IPV4 2  /* AF_INET */
#define FAMILY_IPV6 10 /* AF_INET6 */

#define VLAN_VID 0x0fff /* of a tag's TCI */

/* Shared by all instances of a plane. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, XDPFRAG_EVENTS_SIZE);
} events SEC(".maps");

/* Until when somebody watches: asked on the fast way, where the clock is not. */
static __always_inline __u64 watched_until(void)
{
	return *(volatile __u64 *)&state.watch;
}

/*
 * Does somebody watch now? One who does not renew the watch is gone: it is taken
 * back, unless it was renewed meanwhile, so that the fast way is fast again.
 */
static __always_inline bool is_watched(__u64 now)
{
	__u64 until = watched_until();

	if (now < until)
		return true;
	if (until)
		__sync_val_compare_and_swap(&state.watch, until, 0);
	return false;
}

/* Of the outer tag; 0 when there is none. */
static __always_inline __u16 outer_vlan(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *end = (void *)(long)ctx->data_end;
	struct vlan_tag *tag = data + ETH_HLEN;

	if ((void *)(tag + 1) > end || !is_vlan(ethertype(data)))
		return 0;
	return bpf_ntohs(tag->tci) & VLAN_VID;
}

static __always_inline void put_addresses4(struct xdpfrag_event *event, const struct iphdr *ip)
{
	__builtin_memset(event->group, 0, sizeof(event->group));
	__builtin_memset(event->source, 0, sizeof(event->source));
	__builtin_memcpy(event->group, &ip->daddr, sizeof(ip->daddr));
	__builtin_memcpy(event->source, &ip->saddr, sizeof(ip->saddr));
}

static __always_inline void put_addresses6(struct xdpfrag_event *event, const struct ipv6hdr *ip6)
{
	__builtin_memcpy(event->group, &ip6->daddr, sizeof(event->group));
	__builtin_memcpy(event->source, &ip6->saddr, sizeof(event->source));
}

/* A record with all but the addresses; NULL when the ring has no room for it. */
static __always_inline struct xdpfrag_event *event_new(struct xdp_md *ctx, __u64 now, __u32 slot,
						       const struct fragment *fragment)
{
	__u64 frame_len = bpf_xdp_get_buff_len(ctx);
	struct xdpfrag_event *event;

	event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
	if (!event) {
		__sync_fetch_and_add(&state.lost, 1);
		return NULL;
	}
	event->time = now;
	event->slot = slot;
	event->proto = fragment->proto;
	event->more = fragment->more;
	event->offset = fragment->offset;
	event->len = fragment->len;
	event->id = fragment->id;
	event->vlan = outer_vlan(ctx);
	event->frame_len = frame_len > 0xffff ? 0xffff : frame_len;
	return event;
}

#endif
