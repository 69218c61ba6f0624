/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Map "xdpcap_hook": BPF_MAP_TYPE_PROG_ARRAY, one program for each XDP action (enum
 * xdp_action is the key), pinned as links/NIC/xdpcap. It is what Cloudflare's xdpcap
 * takes for a hook; types and sizes are checked there.
 *
 * The first program that uses the array becomes its owner, and the kernel lets no
 * other kind in: type, multi-buffer support and, from 6.18 on and in stable kernels
 * before it, expected_attach_type must be the owner's. xdpcap loads its programs with 0
 * for the last, and with multi-buffer support when it is refused without.
 */
#ifndef XDPFRAG_XDPCAP_H
#define XDPFRAG_XDPCAP_H

#define XDPFRAG_XDPCAP_ACTIONS 5 /* XDP_ABORTED to XDP_REDIRECT */

#endif
