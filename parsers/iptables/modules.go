package iptables

import (
	"slices"

	"github.com/sumlint/sumlint/parsers/model"
	"github.com/sumlint/sumlint/parsers/packet"
)

// conditionModules are the matches that an export cannot decide.
var conditionModules = []struct {
	name    string
	style   style
	memory  model.Memory
	family  packet.Family
	options string
}{
	// These may answer differently each time.
	{"limit", whole, model.Fresh, packet.AnyFamily, "limit: limit-burst:"},
	{"hashlimit", whole, model.Fresh, packet.AnyFamily, "hashlimit: hashlimit-upto: hashlimit-above: hashlimit-burst: hashlimit-mode: hashlimit-srcmask: hashlimit-dstmask: hashlimit-name: hashlimit-htable-size: hashlimit-htable-max: hashlimit-htable-expire: hashlimit-htable-gcinterval: hashlimit-rate-match hashlimit-rate-interval:"},
	{"connlimit", whole, model.Fresh, packet.AnyFamily, "connlimit-upto: connlimit-above: connlimit-mask: connlimit-saddr connlimit-daddr"},
	{"nth", whole, model.Fresh, packet.IPv4, "every: counter: start: packet:"},
	{"random", whole, model.Fresh, packet.IPv4, "average:"},
	{"quota", whole, model.Fresh, packet.AnyFamily, "quota:"},
	{"connbytes", whole, model.Fresh, packet.AnyFamily, "connbytes: connbytes-dir: connbytes-mode:"},
	{"rateest", whole, model.Fresh, packet.AnyFamily, "rateest: rateest1: rateest2: rateest-delta rateest-bps? rateest-bps1? rateest-bps2? rateest-pps? rateest-pps1? rateest-pps2? rateest-lt rateest-gt rateest-eq"},
	{"nfacct", whole, model.Fresh, packet.AnyFamily, "nfacct-name:"},
	{"cpu", whole, model.Fresh, packet.AnyFamily, "cpu:"},
	// The targets of rules in between may change what these look at.
	{"ttl", each, model.Fresh, packet.IPv4, "ttl-eq|ttl: ttl-lt: ttl-gt:"},
	{"hl", each, model.Fresh, packet.IPv6, "hl-eq|hl: hl-lt: hl-gt:"},
	{"dscp", each, model.Fresh, packet.AnyFamily, "dscp: dscp-class:"},
	{"tos", each, model.Fresh, packet.AnyFamily, "tos:"},
	{"ecn", each, model.Fresh, packet.AnyFamily, "ecn-tcp-cwr ecn-tcp-ece ecn-ip-ect:"},
	{"tcpmss", each, model.Fresh, packet.AnyFamily, "mss:"},
	{"connlabel", whole, model.Fresh, packet.AnyFamily, "label:! set"},
	// These answer alike for one packet.
	{"string", whole, model.PerPacket, packet.AnyFamily, "algo: from: to: string:! hex-string:! icase"},
	{"u32", whole, model.PerPacket, packet.AnyFamily, "u32:!"},
	{"bpf", whole, model.PerPacket, packet.AnyFamily, "bytecode: object-pinned:"},
	{"esp", each, model.PerPacket, packet.AnyFamily, "espspi:"},
	{"ah", each, model.PerPacket, packet.AnyFamily, "ahspi: ahlen: ahres"},
	{"ipcomp", whole, model.PerPacket, packet.AnyFamily, "ipcompspi:! compres"},
	{"mh", each, model.PerPacket, packet.IPv6, "mh-type:"},
	{"osf", whole, model.PerPacket, packet.AnyFamily, "genre: ttl: log:"},
	{"socket", whole, model.PerPacket, packet.AnyFamily, "transparent nowildcard restore-skmark"},
	{"unclean", whole, model.PerPacket, packet.IPv4, ""},
	{"ipv6header", whole, model.PerPacket, packet.IPv6, "header: soft"},
	{"ipv4options", whole, model.PerPacket, packet.IPv4, "flags: any"},
	// These answer alike for each packet of one direction.
	{"physdev", each, model.PerFlow, packet.AnyFamily, "physdev-in: physdev-out:~ physdev-is-in physdev-is-out physdev-is-bridged"},
	{"policy", whole, model.PerFlow, packet.AnyFamily, "dir: pol: reqid: spi: proto: mode: tunnel-src: tunnel-dst: strict next"},
	{"realm", each, model.PerFlow, packet.IPv4, "realm:"},
	{"helper", each, model.PerFlow, packet.AnyFamily, "helper:"},
	{"cgroup", each, model.PerFlow, packet.AnyFamily, "cgroup:~ path:~"},
	{"cluster", whole, model.PerFlow, packet.AnyFamily, "cluster-total-nodes: cluster-local-node: cluster-local-nodemask: cluster-hash-seed:"},
	{"devgroup", each, model.PerFlow, packet.AnyFamily, "src-group: dst-group:"},
	{"ipvs", whole, model.PerFlow, packet.AnyFamily, "ipvs vproto: vaddr: vport: vdir: vmethod: vportctl:"},
	{"eui64", whole, model.PerFlow, packet.IPv6, ""},
	{"geoip", whole, model.PerFlow, packet.AnyFamily, "source-country|src-cc:! destination-country|dst-cc:!"},
	// These ask for headers that the traced packets do not have.
	{"frag", absent, 0, packet.IPv6, "fragid: fraglen: fragres fragfirst fragmore fraglast"},
	{"rt", absent, 0, packet.IPv6, "rt-type: rt-segsleft: rt-len: rt-0-res rt-0-addrs: rt-0-not-strict"},
	{"hbh", absent, 0, packet.IPv6, "hbh-len: hbh-opts:"},
	{"dst", absent, 0, packet.IPv6, "dst-len: dst-opts:"},
	{"srh", absent, 0, packet.IPv6, "srh-next-hdr: srh-hdr-len-eq: srh-hdr-len-gt: srh-hdr-len-lt: srh-segs-left-eq: srh-segs-left-gt: srh-segs-left-lt: srh-last-entry-eq: srh-last-entry-gt: srh-last-entry-lt: srh-tag: srh-psid: srh-nsid: srh-lsid:"},
	{"comment", ignored, 0, packet.AnyFamily, "comment:"},
}

// modules are the match extensions by name.
var modules = func() map[string]*module {
	all := map[string]*module{}
	for _, m := range conditionModules {
		needs := m.style == each && !slices.Contains([]string{"esp", "ah", "mh"}, m.name) || m.style == ignored
		all[m.name] = &module{name: m.name, style: m.style, memory: m.memory, family: m.family, options: parseOptions(m.options), needsOption: needs}
	}
	const both = packet.AnyFamily
	for _, m := range []*module{
		{name: "tcp", family: both, options: parseOptions("source-port|sport: destination-port|dport: syn tcp-flags:: tcp-option:"), read: (*ruleReader).tcpOption, done: needsTCP},
		{name: "udp", family: both, options: parseOptions("source-port|sport: destination-port|dport:"), read: (*ruleReader).portOption, done: needsUDP},
		{name: "sctp", family: both, options: parseOptions("source-port|sport: destination-port|dport: chunk-types::"), read: (*ruleReader).portOption, done: needsSCTP},
		{name: "dccp", family: both, options: parseOptions("source-port|sport: destination-port|dport: dccp-types: dccp-option:"), read: (*ruleReader).portOption, done: needsDCCP},
		{name: "multiport", family: both, options: parseOptions("source-ports|sports: destination-ports|dports: ports:"), read: (*ruleReader).multiport, done: needsPorts},
		{name: "icmp", family: packet.IPv4, options: parseOptions("icmp-type:"), read: (*ruleReader).icmpType, done: needsICMP},
		{name: "icmp6", family: packet.IPv6, options: parseOptions("icmpv6-type:"), read: (*ruleReader).icmpType, done: needsICMPv6},
		{name: "icmpv6", family: packet.IPv6, options: parseOptions("icmpv6-type:"), read: (*ruleReader).icmpType, done: needsICMPv6},
		{name: "iprange", family: both, options: parseOptions("src-range: dst-range:"), read: (*ruleReader).addressRange},
		{name: "state", family: both, options: parseOptions("state:"), read: (*ruleReader).stateOption},
		{name: "conntrack", family: both, options: parseOptions("ctstate: ctproto: ctorigsrc: ctorigdst: ctreplsrc: ctrepldst: ctorigsrcport: ctorigdstport: ctreplsrcport: ctrepldstport: ctstatus: ctexpire: ctdir:"), read: (*ruleReader).conntrackOption, done: (*ruleReader).conntrackDone},
		{name: "mark", family: both, options: parseOptions("mark:"), read: (*ruleReader).markMatch},
		{name: "connmark", family: both, options: parseOptions("mark:"), read: (*ruleReader).connmarkMatch},
		{name: "length", memory: model.PerPacket, family: both, options: parseOptions("length:"), read: (*ruleReader).lengthOption},
		{name: "statistic", style: whole, memory: model.Fresh, family: both, options: parseOptions("mode: probability: every: packet:"), done: (*ruleReader).statisticDone},
		{name: "owner", style: each, memory: model.PerFlow, family: both, options: parseOptions("uid-owner: gid-owner: pid-owner: sid-owner: cmd-owner: socket-exists suppl-groups"), done: (*ruleReader).ownerDone},
		{name: "rpfilter", style: whole, memory: model.PerFlow, family: both, options: parseOptions("loose validmark accept-local invert"), done: (*ruleReader).rpfilterDone},
		{name: "time", style: whole, memory: model.PerPacket, family: both, options: parseOptions("timestart: timestop: datestart: datestop: weekdays: monthdays: utc localtz kerneltz contiguous"), done: (*ruleReader).timeDone},
		{name: "mac", family: both, options: parseOptions("mac-source:~"), read: (*ruleReader).macSource},
		{name: "pkttype", family: both, options: parseOptions("pkt-type:"), read: (*ruleReader).packetType},
		{name: "addrtype", family: both, options: parseOptions("src-type: dst-type: limit-iface-in limit-iface-out"), read: (*ruleReader).addrtypeOption, done: (*ruleReader).addrtypeDone},
		{name: "set", family: both, options: parseOptions("match-set|set:: return-nomatch update-counters update-subcounters packets-eq: packets-lt: packets-gt: bytes-eq: bytes-lt: bytes-gt:"), read: (*ruleReader).setOption, done: (*ruleReader).setDone},
		{name: "recent", family: both, options: parseOptions("set rcheck update remove seconds: reap hitcount: rttl name: rsource rdest mask:"), read: (*ruleReader).recentOption, done: (*ruleReader).recentDone},
	} {
		m.needsOption = !slices.Contains([]string{"tcp", "udp", "sctp", "dccp", "rpfilter", "time"}, m.name)
		all[m.name] = m
	}
	return all
}()
