// SPDX-License-Identifier: GPL-2.0-or-later
/* Addresses, protocols, ports, and what is refused. */
#include <stddef.h>

#include "filter_expressions.h"

/* clang-format off */
const char *const filter_primitives[] = {
	"",
	/* Ethernet */
	"ether host 02:00:00:00:00:01", "ether src 02:00:00:00:00:01",
	"ether dst 02:00:00:00:00:02", "ether dst host 02:00:00:00:00:02",
	"not ether host 02:00:00:00:00:01", "wlan host 02:00:00:00:00:01", "ether dst 01:00:5e:00:00:0f",
	"ether dst ff:ff:ff:ff:ff:ff", "ether broadcast", "broadcast", "ether multicast",
	"multicast", "not broadcast and not multicast",
	"ether proto 0x0800", "ether proto \\ip", "ether proto \\ip6", "ether proto \\arp",
	"ether proto \\rarp", "ether proto 0x88cc", "ether proto 0x8100", "ether proto \\atalk",
	"ether proto \\aarp", "ether proto \\decnet", "ether proto \\iso", "ether proto \\stp",
	"ether proto \\ipx", "ether proto \\netbeui", "ether proto \\lat", "ether proto \\moprc",
	"ether proto \\mopdl", "ether proto 0x42", "ether proto 0xfe", "ether proto 100",
	"ether proto 1501", "ether proto \\loopback",
	/* what Ethernet and LLC carry */
	"ip", "ip6", "arp", "rarp", "atalk", "aarp", "decnet", "iso", "stp", "ipx", "netbeui",
	"lat", "moprc", "mopdl", "llc", "llc i", "llc s", "llc u", "llc rr", "llc rnr", "llc rej",
	"llc ui", "llc ua", "llc disc", "llc sabme", "llc test", "llc xid", "llc frmr",
	"not llc", "llc u and not stp", "iso proto \\clnp", "iso proto \\esis",
	"iso proto \\isis", "clnp", "esis", "isis", "isis proto 18", "l1", "l2", "iih", "lsp",
	"snp", "csnp", "psnp", "decnet src 1.2", "decnet dst 1.3", "decnet host 1.2",
	/* lengths */
	"less 14", "less 60", "less 64", "greater 60", "greater 64", "greater 1000",
	"greater 3520", "greater 9000", "len = 60", "len > 1514", "len <= 98", "len != 98",
	"len - 14 > 1500", "not less 15",
	/* hosts and nets */
	"host 10.84.0.1", "src host 10.84.0.1", "dst host 10.84.0.2", "src 10.84.0.1",
	"dst 239.0.0.15", "src or dst host 10.84.0.2", "src and dst host 10.84.0.1",
	"ip host 10.84.0.1", "ip src host 10.84.0.1 and ip dst host 10.84.0.2",
	"arp host 10.84.0.1", "rarp host 10.84.0.2", "arp src host 10.84.0.1",
	"arp dst host 10.84.0.2", "not host 10.84.0.1", "host 10.84.0.1 and 10.84.0.2",
	"host 10.84.0.1 and not 10.84.0.2", "host 10.84.0.1 or 10.84.0.73",
	"ip6 host 2001:db8::1", "host 2001:db8::1", "src host 2001:db8::1", "dst host ff3e::f",
	"src fe80::1", "ip6 src host fe80::1 and ip6 dst host ff3e::f", "not ip6 host fe80::1",
	"net 10", "net 10.84", "net 10.84.0", "src net 10.84.0", "dst net 239", "net 10.84.0.0/16",
	"net 10.84.0.0/31", "net 0.0.0.0/0", "net 10.84.0.0 mask 255.255.255.0",
	"dst net 239.0.0.0/24", "src net 239.0.0.0/24", "ip net 10.84.0.0/24",
	"arp net 10.84.0.0/24", "not net 10.0.0.0/8", "net 2001:db8::/32", "src net fe80::/10",
	"dst net ff3e::/16", "ip6 net ff3e::/33", "net ::/0", "src net 2001:db8::/127",
	"net 2001:db8::2/128",
	/* protocols */
	"tcp", "udp", "icmp", "icmp6", "igmp", "igrp", "pim", "vrrp", "carp", "sctp", "esp", "ah",
	"ip proto 6", "ip proto \\udp", "ip proto 47", "ip proto 4", "ip proto 41", "ip proto 0",
	"ip proto 255", "ip6 proto 6", "ip6 proto \\udp", "ip6 proto 44", "ip6 proto 58",
	"ip6 proto 60", "ip6 proto 0", "proto 17", "proto 6", "proto \\icmp", "proto \\ah",
	"ip and tcp", "ip6 and tcp", "ip and not tcp and not udp", "not ip and not ip6",
	"ip multicast", "ip6 multicast", "ip6 and not ip6 multicast",
	"udp or tcp or icmp or igmp", "ip or arp or rarp",
	/* ports */
	"port 80", "src port 80", "dst port 80", "tcp port 80", "udp port 53", "sctp port 2905",
	"tcp src port 1024", "tcp dst port 80", "udp src port 1024", "udp dst port 5000",
	"src or dst port 53", "src and dst port 53", "src port 1024 and dst port 80", "not port 80",
	"port 80 or port 53 or port 443", "port 53 and host 10.84.0.1", "ip6 and port 80",
	"ip and udp port 5000", "port http", "tcp port ssh", "udp port domain",
	"portrange 79-81", "portrange 0-65535", "src portrange 1000-2000", "dst portrange 50-60",
	"tcp portrange 80-80", "udp portrange 4000-6000", "not portrange 1-1023",
	"tcp src portrange 80-90 or udp dst portrange 50-60", "portrange 6000-4000",
	"tcp dst port 80 and ip[8] > 10", "(tcp or udp) and not port 22",
	"host 10.84.0.1 and (port 80 or port 53) and not src port 4000",
	"udp port 6081", "udp port 4789", "ether host 02:00:00:00:00:01 and ip and udp",
	NULL
};

const char *const filter_untranslated[] = {
	"inbound", "outbound", "outbound and tcp",
	"ip protochain 6", "ip protochain 51", "ip6 protochain 6", "ip6 protochain 17",
	"protochain 17", "ip6 protochain \\tcp or arp", "not ip protochain \\udp", NULL
};

const char *const filter_refused[] = {
	"ifname eth0", "on eth0", "rnr 1", "rulenum 1", "reason match",
	"rset x", "ruleset x", "srnr 1", "subrulenum 1", "action pass", "wlan ra 02:00:00:00:00:01",
	"wlan addr1 02:00:00:00:00:01", "type mgt",
	"subtype beacon", "dir nods", "vpi 1", "vci 5", "lane", "oamf4s", "oam", "metac", "bcc",
	"sc", "ilmic", "connectmsg", "metaconnect", 
	"link[0:3] = 1", "ip[0:8] = 1", "ip[0:0] = 1", "tcp[tcpflag] = 2",
	"gateway 10.84.0.1", "host 10.84.0.300", "port 65536", "net 10.84.0.1/24", "ip6[0",
	"len / 0 = 1", "len % 0 = 1", "vlan 4096", "mpls 1048576", "pppoes 65536", "and",
	"1 = 2", "2 + 3 = 6", "len << 32 = 0", "len >> 33 != 0", NULL
};
/* clang-format on */
