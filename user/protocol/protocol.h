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
 *   result   an array for `group show` and `link show`, an object otherwise
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
 *     "redirected": 0, "reassembled": 0}]}
 * `link show [NIC]`: {"name": "eth0", "ifindex": 2 (0: absent), "origin": "auto"|"static",
 *   "wanted": "auto"|"native"|"skb", "mode": "native"|"skb"|"absent"|"off", "frags": true,
 *   "dispatcher": true (shares the hook through libxdp), "program": 17 (id; 0: none),
 *   "mtu": 1500, "promiscuity": 0, "reason": "why not native, or why off; '' when as wanted"}
 * `stats`: {"links": [{"name": …, "passed", "dropped", "observed", "redirected",
 *   "reassembled", "no_policy", "truncated", "malformed", "too_deep", "redirect_absent",
 *   "uncounted"}], "total": {the same without name}}. Never goes back while the agent's maps live.
 * `status`: {"program_version": "0.1", "pid": 1, "uptime": seconds, "kernel": "6.18…",
 *   "config": "/etc/xdpfrag.conf", "origin": "config"|"runtime", "pin_dir": "…",
 *   "groups": 2, "groups_absent": 0, "links": 2, "links_off": 0, "links_left_out": 0 (would be
 *   chosen, but there are no more slots),
 *   "capacity": {"groups4": 1024, "groups6": 1024, "rows": 1024},
 *   "memory": bytes of maps, "requests": n, "reconciles": n, "last_error": ""}
 * `save`: {"config": "text"}.
 */
#ifndef XDPFRAG_PROTOCOL_H
#define XDPFRAG_PROTOCOL_H

#define PROTOCOL_VERSION     1
#define PROTOCOL_SOCKET	     "/run/xdpfrag/xdpfrag.sock"
#define PROTOCOL_REQUEST_MAX (64U << 20) /* bytes in a request's line; more: error and hang up */
#define PROTOCOL_PAGE	     512

#endif
