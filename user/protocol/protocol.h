/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The control socket: a UNIX stream socket, JSON, one request a line, one reply a
 * line, in order. A client may send any number of requests on a connection.
 *
 * Request: {"version": 1, "words": ["group", "add", "239.0.0.15", "eth1"]}
 *   words    the command line after the options: OBJECT COMMAND …
 *   config   with words ["apply"]: the file's text
 *   after    a show that goes on: the "next" of the last reply
 * Reply:   {"version": 1, "result": …, "warnings": ["…"], "next": "…"}
 *   or     {"version": 1, "error": {"kind": "usage"|"refused"|"failed",
 *           "message": "…", "word": "…", "expected": "…", "line": 3}}
 *   result   an array for `group show`, `link show` and `route show`, an object otherwise
 *   warnings sentences; left out when there are none
 *   next     left out on the last page
 *
 * A page holds PROTOCOL_PAGE groups at most, so that neither side ever holds
 * 100,000 of them as JSON.
 *
 * `group show [GROUP[/LEN]]` (refused when a group is named that has no statement): {"group":
 * "239.0.0.15", "source": "" (any), "allowed": ["eth1"], "scope": "fragments"|"all", "wrong":
 * "drop"|"observe"|"redirect", "redirect": "veth9" (only then), "reassemble": false, "origin":
 * "static", "state": "active"|"absent", "absent": ["eth9"] (named NICs that are not there),
 *   "links": [{"name": "eth0", "allowed": false, "passed": 0, "dropped": 0, "observed": 0,
 *     "redirected": 0, "reassembled": 0 (handed to the agent), "first": 0 (fragments of which
 *     this NIC's copy came first), "duplicate": 0 (copies of what was there), "made_good": 0
 *     (fragments of delivered datagrams that came in on other NICs only)}] (those three only
 *     beside "reassembly"),
 *   "reassembly": {"active": true (fragments go to the agent; false: on an allowed NIC that is
 *     there a socket is missing, and all take the kernel's path), "completed": 0 (datagrams),
 *     "bytes": 0 (of their data), "lost": 0 (datagrams that ended without having become whole)}
 *     (left out unless "reassemble" and running)}
 * `link show [NIC]`: the managed links, then NICs that only `link set` speaks of; refused when
 *   one is named that is neither: {"name": "eth0", "ifindex": 2 (0: absent), "origin":
 *   "auto"|"static"|"set" (not managed), "wanted": "auto"|"native"|"skb"|"" (not managed),
 *   "mode": "native"|"skb"|"absent"|"off"|"unmanaged" (there, and not managed), "frags": true,
 *   "dispatcher": true (shares the hook through libxdp), "program": 17 (id; 0: none),
 *   "mtu": 1500, "promiscuity": 0, "allmulti": 0 (how many hold it so, of the kernel's count),
 *   "promisc_holders": [HOLDER], "allmulti_holders": [HOLDER] (at most 64 in both; their counts
 *   add up to the count before, but for what changed while they were looked for),
 *   "xdpcap_hook": "/sys/fs/bpf/xdpfrag/links/eth0/xdpcap" ("": none), "xdpcap_reason": "where one
 *     is asked for: why there is none, or what it takes to have it; ''",
 *   "settings": {"mtu": {"wanted": 9000, "now": 1500 (left out: not read yet, or absent),
 *     "in_force": false, "reason": "why not; ''", "drift": 0}, "promisc": {"wanted": true, …}}
 *     (what is stated, no more),
 *   "drift": 0 (settings of this NIC that were put back),
 *   "sockets": [{"queue": 0, "mode": "copy"|"zero-copy", "several_buffers": true (takes packets
 *     over one frame), "frames": 4096, "free": 0 (of those, in no ring and with no datagram),
 *     "received": 0 (frames), "dropped", "ring_full", "fill_empty" (packets; the kernel's
 *     struct xdp_statistics), "refused": 0 (packets that took the kernel's path for want of
 *     credit)}] (for reassembly), "sockets_reason": "why one is missing; ''",
 *   "reason": "why not native, or why off; '' when as wanted"}
 *   HOLDER: {"kind": "flag" (an administrator's) |"link" (above) |"routing" (multicast routing)
 *     |"socket" (packet sockets) |"unknown" (the rest), "count": 1, "text": "tcpdump (pid 4711)"};
 *     a link has "name" and "link_kind" ("bridge"; "" for hardware), a socket "pid" and
 *     "program" (0 and "" when no process is seen to have it open)
 * `stats`: {"links": [{"name": …, "passed", "dropped", "observed", "redirected",
 *   "reassembled", "no_policy", "truncated", "malformed", "too_deep", "redirect_absent",
 *   "uncounted"}], "total": {the same without name}}. Never goes back while the agent's maps live.
 * `status`: {"program_version": "0.1", "pid": 1, "uptime": seconds, "kernel": "6.18…",
 *   "config": "/etc/xdpfrag.conf", "origin": "config"|"runtime", "pin_dir": "…",
 *   "groups": 2, "groups_absent": 0, "links": 2, "links_off": 0 (of these),
 *   "links_left_out": 0 (would be chosen, but there are no more slots),
 *   "capacity": {"groups4": 1024, "groups6": 1024, "rows": 1024},
 *   "captured": 0, "capture_lost": 0 (packets, by all captures since the agent's start),
 *   "capture": as `capture show` (left out unless one runs),
 *   "link_drift": 0 (settings of NICs put back), "memory": bytes of maps, "requests": n,
 *   "reconciles": n, "last_error": "",
 *   "reassembly": {"completed": 0 (datagrams), "bytes": 0 (of their data), "delivered": 0,
 *     "undelivered": 0 (no NIC to deliver on, or the TAP refused),
 *     "fragments": {"kept", "completing", "duplicate", "lingered" (of datagrams that had ended),
 *       "overlap", "malformed", "too_many", "ecn"} (what became of each fragment),
 *     "lost": {"timeout", "discarded" (overlap, malformed, too many, ECN), "contexts",
 *       "fragments", "bytes", "source" (evicted: that limit was reached)} (datagrams),
 *     "evicted_lingering": 0 (keys of ended datagrams that had to go before their time),
 *     "returned": 0 (packets that were no fragments to the agent), "late": 0 (packets that lay
 *     in a socket for longer than a datagram lives), "sockets": 2,
 *     "memory": bytes that all of it takes, "contexts": USE (datagrams being put together),
 *     "lingering": USE (keys), "held": USE (fragments), "held_bytes": USE} (left out unless
 *     reassembly runs)}
 *   USE: {"now": 0, "most": 0 (since it runs), "limit": 16384}
 * `learn show`: {"learn": true, "events": true (else by polling alone), "trouble": "why memberships
 *   cannot be read; ''", "joined": 2 (groups, or groups from a source), "learned": 1,
 *   "not_learned": 1, "links": [{"name": "eth0", "left_out": "why it brings all groups; ''",
 *   "packet_sockets": 1}] (the links to be steered), "groups": [{"group": "239.0.0.15",
 *   "source": "", "joined": ["eth1"], "left_out": [{"name": "eth2", "reason": "…"}],
 *   "apart": false, "state": "learned"|"static"|"idle"|"names"|"full", "reason": "why it is not
 *   learned; ''"}]} One page of groups, everything else again on each.
 * `route show`: {"prefix": "default"|"10.0.0.0/8", "via": "" (any), "dev": "" (any), "mtu": 1500,
 *   "state": "active"|"partial"|"refused"|"absent"|"overruled" (by more specific statements),
 *   "reason": "why the kernel lets none be made; ''", "drift": 0 (put back, all routes of it),
 *   "routes": [{"prefix": "0.0.0.0/0", "nexthops": [{"via": "10.0.0.1" ('': none), "dev": "eth1",
 *     "link_mtu": 9000}], "source": "", "table": 254, "metric": 0, "tos": 0, "protocol": 3, "nhid":
 * 0 (nexthop object; 0: none), "mtu": 1500 (0: none), "locked": false, "link_mtu": 9000 (the
 *     smallest; 0: not known), "found": 0 (its MTU before the first touch, 0: none; null: not
 *     touched), "made": false, "state": "active"|"refused", "reason": "", "drift": 0}],
 *   "lookups": [LOOKUP] (to the first address of the prefix; of `default`, of both families)}
 * `route show ADDR`: one LOOKUP: {"to": "10.0.0.9", "error": "Network is unreachable" ('': none;
 *   else nothing more but "to"), "via": "", "dev": "eth1", "source": "10.0.0.42", "table": 254,
 *   "prefix": "10.0.0.0/8", "metric": 0 (of the table's entry), "route_mtu": 9000 (that entry's;
 *   0: none), "link_mtu": 9000, "path_mtu": 1400 (learned; 0: nothing), "path_mtu_expires":
 *   seconds, "mtu": 1400 (what a socket gets; 0: not to be had), "statement": "10.0.0.0/8" (behind
 *   the entry's MTU; '': none)}
 * `save`: {"config": "text"}.
 * `doctor begin`, with "seconds" (1 to 3600; left out: 3) and "probe" (true: send a frame from
 *   each NIC): {"id": n, "seconds": 3.0}. One session at a time.
 * `doctor report`, with "id", to be asked every few seconds, or the session ends. While it
 *   samples: {"id": n, "left": seconds, "fragments": 0, "on_two_nics": 0}; then {"findings":
 *   [{"id": "fragments-on-two-nics", "severity": "fault"|"warning", "title": "…",
 *     "evidence": ["…"], "remedy": ["command"]}] (most harmful first; no remedy: nothing on this
 *     host mends it), "left_out": 0 (findings beyond 128), "sampled": 3.0 (seconds), "watched":
 *   ["eth0"], "fragments": n (multicast, at the XDP hook), "on_two_nics": n (of those, past
 *   XDP on two NICs), "reassembly": {"before_routing": "yes"|"no"|"unknown", "asked_by": ["…"],
 *     "requests", "oks", "fails", "timeouts", "overlaps" (IPv4, during the sample), "waiting"
 *     (datagrams), "memory_peak", "memory_limit" (bytes)}, "probed": false, "segments":
 *   [["eth0", "eth1"]] (sent from one, seen on the other), "notes": ["what was not looked at"]}.
 * `doctor end`, with "id": {}.
 * `capture begin`, with "program" (the filter: [[code, jt, jf, k], …], classic BPF for Ethernet
 *   without loops), "filter" (its text, to be shown), "nics" (names; left out: every steered
 *   link), "snaplen" (bytes; left out: whole frames), "verdicts" (of "passed", "dropped",
 *   "observed", "redirected", "reassembled" and "none"; left out: all) and "decap" (true: the
 *   filter is asked about what a tunnel carries): as `capture show`. The reply takes the file
 *   descriptor of a BPF ring buffer along (SCM_RIGHTS), with records as in xdpfrag/captured.h. One
 *   capture at a time; it ends with the connection.
 * `capture show`: {"running": false}, or {"running": true, "uid": 0, "seconds": 5, "filter":
 *   "udp", "ring": bytes, "captured": 0, "lost": 0 (packets; of all its links), "links": [{"name":
 *   "eth0", "ifindex": 2 ("" and 0: a NIC that is gone), "slot": 0 (as records have them),
 *   "captured": 0, "lost": 0}]}
 * `trace begin`, with "group" ("GROUP[/LEN]"; left out: all): {"id": n, "links": ["eth0"] (the
 *   steered ones), "stack": true (what the stack does is seen), "stack_reason": "why not; ''",
 *   "rate": 100 (histories a second at most)}. Up to four sessions.
 * `trace report`, with "id", to be asked every second or so, or the session ends: {"id": n,
 *   "datagrams": [HISTORY] (those that have ended since the last request), "sums": {"datagrams": 0
 *     (seen), "fragments": 0, "ends": {"delivered": 0, …}, "forgotten": 0 (too many at once: not
 *     followed to their end), "left_out": 0 (histories beyond the rate), "events_lost": 0
 *     (fragments), "fates_lost": 0 (records of the stack)}, "trouble": "why no more comes; ''"}
 *   HISTORY: {"source": "10.84.0.73", "group": "239.0.0.15", "id": 4711, "stack_id": 37479 (what
 *     `apart` made of it; left out: the same), "protocol": "udp", "time": ns since 1970 of its
 *     first fragment; all times below are ns behind that one,
 *     "bytes": 8008 (of payload; 0: the last fragment was not seen), "fragments": [{"at": 0,
 *       "link": "eth0", "offset": 0, "len": 1480, "more": true, "verdict": "passed"|"dropped"|
 *       "observed"|"redirected"|"reassembled" (to the agent)|"no-policy" (passed), "vlan": 5
 *       (only with a tag), "completes", "after" (came in behind one that did), "waits" (in the
 *       kernel, for others): true, or left out, "stack": DROP (left out: not dropped)}],
 *     "whole": [{"at": 0, "what": "queued" (put into a socket's buffer)|"read"|"dropped",
 *       "link": "eth0" (left out: not known), "rebuilt": true (by the agent; or left out),
 *       "port": 1067 (queued), "pid": 1, "program": "app" (read), and of a DROP the rest}],
 *     "missing": [[2960, 4440]] (bytes that no NIC brought, to excluded; -1: not known),
 *     "end": "delivered"|"rebuilt" (put together by the agent, and delivered)|"wrong-nic" (whole
 *       on a NIC that has not joined, and lost)|"timeout"|"duplicate" (after completion)|
 *       "discarded" (overlap, malformed)|"dropped"|"policy" (nothing went on)|"unknown" (whole;
 *       the stack is not seen)|"open" (the trace ended), "ended": 95000,
 *     "fragments_left_out", "whole_left_out": how many (left out: none)}
 *   DROP: {"at": 0, "cause": "not-joined"|"copy"|"timeout"|"discarded"|"no-socket"|
 *     "buffer-full"|"closed"|"other", "reason": "DUP_FRAG" (the kernel's), "function": "ip_defrag"}
 *     (either left out when not known)
 * `trace end`, with "id": the same, with what is open; and the session is gone.
 */
#ifndef XDPFRAG_PROTOCOL_H
#define XDPFRAG_PROTOCOL_H

#define PROTOCOL_VERSION     1
#define PROTOCOL_SOCKET	     "/run/xdpfrag/xdpfrag.sock"
#define PROTOCOL_REQUEST_MAX (64U << 20) /* bytes in a request's line; more: error and hang up */
#define PROTOCOL_PAGE	     512
/*
 * Seconds for which a client waits for an agent that says nothing. It may load programs for
 * several links meanwhile, and does not do anything else until they are there.
 */
#define PROTOCOL_PATIENCE 30

#endif
