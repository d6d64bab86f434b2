package acl

import (
	"strings"
	"testing"
)

// adminPolicy is one policy in four schemas: the admin server reaches the OOB
// network by SSH, HTTPS and two high ports, one network is excepted, and answers
// come back by "established"; UDP has an entry for its answers.
const plainAdmin = `
acls:
  - name: ADMIN-IN
    family: ipv4
    rules:
      - {action: deny, protocol: tcp, source: any, destination: 10.20.9.0/24}
      - {action: permit, protocol: tcp, source: 10.10.0.5, destination: [10.20.0.0/16], destination_port: [22, 443, "63001-63002"]}
      - {action: permit, protocol: udp, source: 10.10.0.5, destination: 10.20.0.0/16, destination_port: 161}
      - {action: permit, protocol: icmp}
  - name: OOB-IN
    family: ipv4
    rules:
      - {action: permit, protocol: tcp, established: true, source: 10.20.0.0/16, destination: 10.10.0.5}
      - {action: permit, protocol: udp, source: 10.20.0.0/16, source_port: 161, destination: 10.10.0.5}
`

const iosAdmin = `
acls_data:
  - afi: ipv4
    acls:
      - name: ADMIN-IN
        acl_type: extended
        aces:
          - {sequence: 40, grant: permit, protocol: icmp, source: {any: true}, destination: {any: true}}
          - sequence: 10
            grant: deny
            protocol: tcp
            source: {any: true}
            destination: {address: 10.20.9.0, wildcard_bits: 0.0.0.255}
          - {sequence: 20, grant: permit, protocol: tcp, source: {host: 10.10.0.5}, destination: {address: 10.20.0.0, wildcard_bits: 0.0.255.255, port_protocol: {eq: 22}}}
          - {sequence: 21, grant: permit, protocol: tcp, source: {host: 10.10.0.5}, destination: {address: 10.20.0.0, wildcard_bits: 0.0.255.255, port_protocol: {eq: "443"}}}
          - {sequence: 22, grant: permit, protocol: tcp, source: {host: 10.10.0.5}, destination: {address: 10.20.0.0, wildcard_bits: 0.0.255.255, port_protocol: {range: {start: 63001, end: 63002}}}}
          - {sequence: 30, grant: permit, protocol_options: {udp: true}, source: {host: 10.10.0.5}, destination: {address: 10.20.0.0, wildcard_bits: 0.0.255.255, port_protocol: {eq: snmp}}}
      - name: OOB-IN
        acl_type: extended
        aces:
          - {grant: permit, protocol_options: {tcp: {established: true}}, source: {address: 10.20.0.0, wildcard_bits: 0.0.255.255}, destination: {host: 10.10.0.5}}
          - {grant: permit, protocol: udp, source: {address: 10.20.0.0, wildcard_bits: 0.0.255.255, port_protocol: {eq: snmp}}, destination: {host: 10.10.0.5}}
`

const eosAdmin = `
- name: Configure ACLs
  arista.eos.eos_acls:
    config:
      - afi: ipv4
        acls:
          - name: ADMIN-IN
            aces:
              - remark: the exception first
              - {grant: deny, protocol: tcp, source: {any: true}, destination: {subnet_address: 10.20.9.0/24}}
              - {grant: permit, protocol: tcp, source: {host: 10.10.0.5}, destination: {subnet_address: 10.20.0.0/16, port_protocol: {eq: ssh}}}
              - {grant: permit, protocol: tcp, source: {host: 10.10.0.5}, destination: {subnet_address: 10.20.0.0/16, port_protocol: {eq: https}}}
              - {grant: permit, protocol: tcp, source: {host: 10.10.0.5}, destination: {subnet_address: 10.20.0.0/16, port_protocol: {range: {start: 63001, end: 63002}}}}
              - {grant: permit, protocol: udp, source: {host: 10.10.0.5}, destination: {subnet_address: 10.20.0.0/16, port_protocol: {eq: snmp}}}
              - {grant: permit, protocol: icmp, source: {any: true}, destination: {any: true}}
          - name: OOB-IN
            aces:
              - {grant: permit, protocol: tcp, protocol_options: {tcp: {flags: {established: true}}}, source: {subnet_address: 10.20.0.0/16}, destination: {host: 10.10.0.5}}
              - {grant: permit, protocol: udp, source: {subnet_address: 10.20.0.0/16, port_protocol: {eq: snmp}}, destination: {host: 10.10.0.5}}
    state: overridden
`

const aerleonAdmin = `
filters:
  - header:
      comment: from the admin zone
      targets: {cisco: ADMIN-IN extended, srx: from-zone admin to-zone oob}
    terms:
      - {name: exception, destination-address: LAB, protocol: tcp, action: deny}
      - {name: manage, source-address: SUM, destination-address: OOB, destination-port: SSH HTTPS SUM_WEB, protocol: tcp, action: accept}
      - {name: snmp, source-address: SUM, destination-address: OOB, destination-port: SNMP, protocol: udp, action: accept}
      - {name: ping, protocol: icmp, action: accept}
      - {name: gone, expiration: 2020-01-01, action: accept}
      - {name: elsewhere, platform: juniper, action: accept}
  - header:
      targets: {cisco: OOB-IN}
    terms:
      - {name: replies, source-address: OOB, destination-address: SUM, protocol: tcp, option: tcp-established, action: accept}
      - {name: snmp-replies, source-address: OOB, source-port: SNMP, destination-address: SUM, protocol: udp, action: accept}
`

const aerleonNaming = `
networks:
  SUM: {values: [{address: 10.10.0.5/32, comment: the server}]}
  OOB: {values: [{name: RACKS}, {address: 10.20.128.0/17}]}
  RACKS: {values: [{address: 10.20.0.0/17}]}
  LAB: {values: [{address: 10.20.9.0/24}]}
services:
  SSH: [{protocol: tcp, port: 22}]
  HTTPS: [{protocol: tcp, port: 443}]
  SUM_WEB: [{protocol: tcp, port: 63001-63002}, {protocol: udp, port: 9}]
  SNMP: [{protocol: udp, port: 161}]
`

const adminPackets = `
a>b tcp 10.10.0.5:40000 10.20.1.1:22 S -> pass
a>b tcp 10.10.0.5:40000 10.20.1.1:443 S -> pass
a>b tcp 10.10.0.5:40000 10.20.255.1:63002 S -> pass
a>b tcp 10.10.0.5:40000 10.20.1.1:63003 S -> drop
a>b tcp 10.10.0.5:40000 10.20.9.1:443 S -> drop
a>b tcp 10.10.0.6:40000 10.20.1.1:443 S -> drop
a>b udp 10.10.0.5:40000 10.20.9.1:161 -> pass
a>b udp 10.10.0.5:40000 10.20.1.1:162 -> drop
a>b icmp 10.10.0.9 10.99.0.1 icmp=8 -> pass
# the answers: stateless, so OOB-IN is asked
b>a tcp 10.20.1.1:443 10.10.0.5:40000 SA -> pass
b>a tcp 10.20.1.1:443 10.10.0.5:40000 A -> pass
b>a tcp 10.20.1.1:443 10.10.0.5:40000 R -> pass
b>a tcp 10.20.1.1:443 10.10.0.5:40000 S -> drop
b>a tcp 10.20.1.1:443 10.10.0.6:40000 SA -> drop
b>a udp 10.20.1.1:161 10.10.0.5:40000 est -> pass
b>a udp 10.20.1.1:162 10.10.0.5:40000 est -> drop
b>a icmp 10.20.1.1 10.10.0.5 icmp=0 est -> drop
# each filters IPv4 only
a>b tcp [fd00::1]:40000 [fd00::2]:1 S -> pass
`

// TestSamePolicy proves that one policy has the same verdicts in each schema.
func TestSamePolicy(t *testing.T) {
	ports := bound("a in=ADMIN-IN", "b in=OOB-IN")
	for name, texts := range map[string][]string{
		"plain": {plainAdmin}, "ios": {iosAdmin}, "eos": {eosAdmin},
		"aerleon": {strings.Replace(aerleonAdmin, ", srx: from-zone admin to-zone oob", "", 1), aerleonNaming},
	} {
		t.Run(name, func(t *testing.T) {
			fw, diags := compile(t, ports, texts...)
			noErrors(t, diags)
			packets(t, fw, adminPackets)
		})
	}
}

func TestPackets(t *testing.T) {
	for _, c := range []struct {
		name, ports, export, packets string
	}{{
		name:  "plain: stateful, v6, ranges, several protocols",
		ports: "a in=IN;b",
		export: `
acls:
  - name: IN
    stateful: true
    default: reject
    rules:
      - {action: permit, protocol: [tcp, udp], source: "10.0.0.5-10.0.0.9", destination_port: 53}
      - {action: permit, protocol: 47}
      - {action: permit, protocol: tcp, source: ["fd00:10::/64", 10.1.0.0/16], source_port: 1024-65535}
`,
		packets: `
a>b tcp 10.0.0.9:1 1.1.1.1:53 S -> pass
a>b udp 10.0.0.5:1 1.1.1.1:53 -> pass
a>b tcp 10.0.0.10:1 1.1.1.1:53 S -> drop
a>b gre 10.9.9.9 1.1.1.1 -> pass
a>b tcp [fd00:10::1]:2000 [fd00::1]:99 S -> pass
a>b tcp [fd00:11::1]:2000 [fd00::1]:99 S -> drop
a>b tcp 10.1.0.1:1023 1.1.1.1:99 S -> drop
# answers of what the router let through from b, where no ACL is
a>b tcp 10.9.9.9:80 1.1.1.1:99 SA -> pass
a>b udp 10.9.9.9:80 1.1.1.1:99 est -> pass
b>a tcp 1.1.1.1:99 10.9.9.9:80 S -> pass
`}, {
		name:  "ios: wildcard bits, flags, standard lists, several directions",
		ports: "a in=STD out=OUT;b in=WILD",
		export: `
config:
  - afi: ipv4
    acls:
      - name: STD
        acl_type: standard
        aces:
          - {grant: deny, source: {host: 10.0.0.1}}
          - {grant: permit, source: {address: 10.0.0.0, wildcard_bits: 0.0.0.255}}
      - name: WILD
        acl_type: extended
        aces:
          - {grant: permit, protocol: tcp, source: {address: 10.0.0.2, wildcard_bits: 0.0.255.1}, destination: {any: true}}
      - name: OUT
        acl_type: extended
        aces:
          - {grant: deny, protocol: tcp, protocol_options: {tcp: {syn: true, fin: true}}, source: {any: true}, destination: {any: true}}
          - {grant: permit, protocol: ip, source: {any: true}, destination: {any: true}}
`,
		packets: `
a>b tcp 10.0.0.1:1 9.9.9.9:1 S -> drop
a>b tcp 10.0.0.2:1 9.9.9.9:1 S -> pass
a>b udp 10.0.1.2:1 9.9.9.9:1 -> drop
b>a tcp 10.0.77.3:1 9.9.9.9:1 A -> pass
b>a tcp 10.0.77.2:1 9.9.9.9:1 A -> pass
b>a tcp 10.0.77.4:1 9.9.9.9:1 A -> drop
b>a tcp 10.1.77.3:1 9.9.9.9:1 A -> drop
# acl_out of a
b>a tcp 10.0.77.3:1 9.9.9.9:1 S -> drop
b>a tcp 10.0.77.3:1 9.9.9.9:1 FA -> drop
`}, {
		name:  "ios: a netmask as wildcard bits matches what the device compares",
		ports: "a in=X;b",
		export: `
x:
  afi: ipv4
  acls:
    - name: X
      acl_type: extended
      aces: [{grant: permit, protocol: tcp, source: {address: 192.168.3.0, wildcard_bits: 255.255.255.0}, destination: {any: true}}]
`,
		packets: `
a>b tcp 192.168.3.0:1 1.1.1.1:1 S -> pass
a>b tcp 77.1.2.0:1 1.1.1.1:1 S -> pass
a>b tcp 192.168.3.1:1 1.1.1.1:1 S -> drop
`}, {
		name:  "ios: both families side by side, ICMP by family, neq, lt, gt, time ranges, groups",
		ports: "a in=IN;b",
		export: `
config:
  - afi: ipv4
    acls:
      - name: IN
        acl_type: extended
        aces:
          - {grant: permit, protocol: icmp, protocol_options: {icmp: {echo: true}}, source: {any: true}, destination: {any: true}}
          - {grant: permit, protocol: tcp, source: {any: true}, destination: {any: true, port_protocol: {neq: telnet}}}
          - {grant: permit, protocol: udp, source: {any: true, port_protocol: {gt: 1023}}, destination: {any: true, port_protocol: {lt: 10}}}
          - {grant: permit, protocol: udp, source: {any: true}, destination: {any: true, port_protocol: {eq: 11}}, time_range: NIGHT}
          - {grant: permit, protocol: udp, source: {object_group: ADMINS}, destination: {any: true, port_protocol: {eq: 12}}}
          - {grant: permit, protocol: udp, source: {any: true}, destination: {any: true, port_protocol: {eq: 13}}, enable_fragments: true}
  - afi: ipv6
    acls:
      - name: IN
        aces:
          - {grant: permit, protocol: icmp, source: {any: true}, destination: {address: "fd00::/64"}}
`,
		packets: `
a>b icmp 1.1.1.1 2.2.2.2 icmp=8 -> pass
a>b icmp 1.1.1.1 2.2.2.2 icmp=0 -> drop
a>b tcp 1.1.1.1:1 2.2.2.2:23 S -> drop
a>b tcp 1.1.1.1:1 2.2.2.2:24 S -> pass
a>b udp 1.1.1.1:1024 2.2.2.2:9 -> pass
a>b udp 1.1.1.1:1023 2.2.2.2:9 -> drop
a>b udp 1.1.1.1:1024 2.2.2.2:10 -> drop
a>b udp 1.1.1.1:1 2.2.2.2:11 -> maybe
a>b udp 1.1.1.1:1 2.2.2.2:12 -> maybe
a>b udp 1.1.1.1:1 2.2.2.2:13 -> drop
a>b ipv6-icmp fd00::9 fd00::1 icmp=128 -> pass
a>b tcp [fd00::9]:1 [fd00::1]:1 S -> drop
`}, {
		name:  "asa: netmask, inactive, any4, stateful, security levels",
		ports: "a in=IN;b;c",
		export: `
gathered:
  config:
    acls:
      - name: IN
        acl_type: extended
        aces:
          - {grant: permit, line: 3, protocol: ip, source: {any: true}, destination: {any: true}, inactive: true}
          - {grant: deny, line: 1, protocol_options: {tcp: true}, source: {any4: true}, destination: {host: 10.0.0.1, port_protocol: {eq: www}}, log: default}
          - {grant: permit, line: 2, protocol: tcp, source: {any: true}, destination: {address: 10.0.0.0, netmask: 255.255.255.0}}
          - {grant: permit, line: 4, protocol: tcp, source: {object_group: OG}, destination: {any: true, port_protocol: {eq: 9}}}
`,
		packets: `
a>b tcp 9.9.9.9:1 10.0.0.1:80 S -> drop
a>b tcp 9.9.9.9:1 10.0.0.2:80 S -> pass
a>b tcp 9.9.9.9:1 10.0.1.2:80 S -> drop
a>b tcp 9.9.9.9:1 10.0.1.2:9 S -> maybe
a>b tcp 9.9.9.9:1 10.0.1.2:80 SA -> pass
b>a tcp 10.0.0.2:80 9.9.9.9:1 SA -> pass
b>a tcp 10.0.0.2:80 9.9.9.9:1 S -> maybe
`}, {
		name:  "eos: standard list, host bits in a network, an unknown combination of flags, raw lines",
		ports: "a in=S;b in=F",
		export: `
after:
  - afi: ipv4
    acls:
      - {name: S, standard: true, aces: [{grant: permit, sequence: 10, source: {subnet_address: 10.1.2.3/8}}]}
      - name: F
        aces:
          - {grant: permit, protocol: tcp, protocol_options: {tcp: {flags: {ack: true, psh: true}}}, source: {any: true}, destination: {any: true, port_protocol: {eq: kerberos}}}
          - {grant: permit, protocol: tcp, protocol_options: {tcp: {flags: {syn: true}}}, source: {any: true}, destination: {any: true, port_protocol: {eq: 88}}}
`,
		packets: `
a>b udp 10.200.0.1:1 1.1.1.1:1 -> pass
a>b udp 11.200.0.1:1 1.1.1.1:1 -> drop
b>a tcp 1.1.1.1:1 2.2.2.2:88 A -> maybe
b>a tcp 1.1.1.1:1 2.2.2.2:88 S -> pass
b>a tcp 1.1.1.1:1 2.2.2.2:88 F -> drop
`}, {
		name:  "junos_acls: no grant accepts, lists of addresses, prefix lists, ports without a protocol",
		ports: "a in=F;b",
		export: `
config:
  - afi: ipv4
    acls:
      - name: F
        aces:
          - {name: no, grant: deny, source: {address: 10.0.0.9/32}}
          - {name: ssh, source: {address: [10.0.0.0/24, 10.0.2.0/24]}, destination: {port_protocol: {eq: ssh}}, protocol: tcp}
          - {name: pl, source: {prefix_list: [{name: known}, {name: secret}]}, grant: permit, protocol: udp}
          - {name: ports, destination: {port_protocol: {range: {start: 5000, end: 5001}}}, grant: permit}
lists:
  - {name: known, address_prefixes: [10.7.0.0/16]}
`,
		packets: `
a>b tcp 10.0.0.9:1 1.1.1.1:22 S -> drop
a>b tcp 10.0.2.9:1 1.1.1.1:22 S -> pass
a>b tcp 10.0.1.9:1 1.1.1.1:22 S -> drop
a>b udp 10.7.1.9:1 1.1.1.1:22 -> pass
a>b udp 10.8.1.9:1 1.1.1.1:22 -> maybe
a>b tcp 10.8.1.9:1 1.1.1.1:5001 S -> pass
a>b gre 10.8.1.9 1.1.1.1 -> drop
`}, {
		name:  "vyos: default, states, groups, negation, disabled rules, the global state policy",
		ports: "a;b",
		export: `
fw:
  - afi: ipv4
    rule_sets:
      - name: IN
        rules:
          - {number: 30, action: accept, protocol: tcp, destination: {port: "22,80-90,!85"}, source: {address: "!10.0.0.0/8"}}
          - {number: 20, action: drop, source: {group: {address_group: BAD}}}
          - {number: 25, action: accept, protocol: tcp, source: {group: {network_group: UNKNOWN}}, destination: {group: {port_group: WEB}}}
          - {number: 40, action: accept, disabled: true}
          - {number: 50, action: accept, protocol: tcp_udp, state: {new: true, established: false}, destination: {port: 99}}
          - {number: 60, action: reject, protocol: tcp, tcp: {flags: "SYN,!ACK"}, destination: {port: 100}}
          - {number: 61, action: accept, protocol: tcp, destination: {port: 100}}
global:
  state_policy: [{connection_type: established, action: accept}]
  group:
    address_group: [{name: BAD, members: [{address: 9.9.9.1-9.9.9.5}]}]
    port_group: [{name: WEB, members: [{port: 8080}, {port: 9000-9001}]}]
interfaces:
  - name: a
    access_rules: [{afi: ipv4, rules: [{name: IN, direction: in}]}]
`,
		packets: `
a>b tcp 11.0.0.1:1 2.2.2.2:22 S -> pass
a>b tcp 11.0.0.1:1 2.2.2.2:85 S -> drop
a>b tcp 10.0.0.1:1 2.2.2.2:22 S -> drop
a>b tcp 9.9.9.5:1 2.2.2.2:22 S -> drop
a>b tcp 10.0.0.1:1 2.2.2.2:9001 S -> maybe
a>b tcp 10.0.0.1:1 2.2.2.2:9002 S -> drop
a>b udp 10.0.0.1:1 2.2.2.2:99 -> pass
a>b tcp 10.0.0.1:1 2.2.2.2:100 S -> drop
a>b tcp 10.0.0.1:1 2.2.2.2:12 SA -> pass
a>b tcp [fd00::1]:1 [fd00::2]:12 S -> pass
`}, {
		name:  "junos_security_policies: zones, address book, excluded, applications, global",
		ports: "ge-0/0/0.0 zone=admin;ge-0/0/1.0 zone=oob;ge-0/0/2.0 zone=elsewhere",
		export: `
policies:
  from_zones:
    - name: admin
      to_zones:
        - name: oob
          policies:
            - {name: p1, match: {source_address: {addresses: [SUM]}, destination_address: {any: true}, application: {names: [junos-ssh, junos-https]}}, then: {permit: {}}}
            - {name: p2, match: {source_address: {addresses: [MISSING]}, destination_address: {any: true}, application: {any: true}}, then: {permit: {}}}
            - {name: p3, match: {source_address: {any: true}, destination_address: {addresses: [RACKS]}, destination_address_excluded: true, application: {names: [junos-http]}}, then: {reject: {enable: true}}}
  global:
    policies:
      - {name: g1, match: {source_address: {any_ipv4: true}, destination_address: {any: true}, application: {names: [junos-http]}}, then: {permit: {}}}
zones:
  security_zones:
    - {name: admin, interfaces: [ge-0/0/0.0], address_book: {addresses: [{name: SUM, ip_prefix: 10.10.0.5/32}]}}
    - {name: oob, interfaces: [ge-0/0/1.0], address_book: {addresses: [{name: R1, ip_prefix: 10.20.0.0/24}], address_sets: [{name: RACKS, addresses: [R1]}]}}
`,
		packets: `
ge-0/0/0.0>ge-0/0/1.0 tcp 10.10.0.5:1 10.20.0.1:443 S -> pass
ge-0/0/0.0>ge-0/0/1.0 tcp 10.10.0.5:1 10.20.0.1:444 S -> maybe
ge-0/0/0.0>ge-0/0/1.0 tcp 10.10.0.5:1 10.20.0.1:80 S -> pass
ge-0/0/0.0>ge-0/0/1.0 tcp 10.10.0.6:1 10.20.1.1:80 S -> maybe
ge-0/0/1.0>ge-0/0/0.0 tcp 10.20.0.1:443 10.10.0.5:1 SA -> pass
ge-0/0/1.0>ge-0/0/0.0 tcp 10.20.0.1:1 10.10.0.5:443 S -> drop
ge-0/0/1.0>ge-0/0/0.0 tcp 10.20.0.1:1 10.10.0.5:80 S -> pass
ge-0/0/1.0>ge-0/0/0.0 tcp [fd00::1]:1 [fd00::2]:80 S -> drop
ge-0/0/2.0>ge-0/0/0.0 tcp 10.20.0.1:1 10.10.0.5:443 S -> maybe
`}, {
		name:  "openconfig: bound by the export, established, ranges; the default is the platform's",
		ports: "eth0;eth1",
		export: `
openconfig-acl:acl:
  acl-sets:
    acl-set:
      - name: IN
        type: ACL_IPV4
        acl-entries:
          acl-entry:
            - {sequence-id: 20, config: {sequence-id: 20}, ipv4: {config: {source-address: 10.0.0.0/8, protocol: IP_TCP}}, transport: {config: {destination-port: 8000..8010}}, actions: {config: {forwarding-action: ACCEPT}}}
            - {sequence-id: 30, ipv4: {config: {protocol: 6}}, transport: {config: {detail-mode: BUILTIN, builtin-detail: TCP_ESTABLISHED}}, actions: {config: {forwarding-action: "openconfig-acl:ACCEPT"}}}
            - {sequence-id: 10, ipv4: {config: {source-address: 10.0.0.1/32}}, actions: {config: {forwarding-action: DROP}}}
  interfaces:
    interface:
      - {id: eth0, ingress-acl-sets: {ingress-acl-set: [{set-name: IN, type: ACL_IPV4}]}}
`,
		packets: `
eth0>eth1 tcp 10.0.0.1:1 1.1.1.1:8000 S -> drop
eth0>eth1 tcp 10.0.0.2:1 1.1.1.1:8010 S -> pass
eth0>eth1 tcp 10.0.0.2:1 1.1.1.1:8011 S -> maybe
eth0>eth1 tcp 10.0.0.2:1 1.1.1.1:8011 SA -> pass
eth1>eth0 tcp 10.0.0.1:1 1.1.1.1:8000 S -> pass
`}, {
		name:  "RFC 8519: operators, families, drop; the default is the device's",
		ports: "eth0;eth1",
		export: `
ietf-access-control-list:acls:
  acl:
    - name: IN
      type: ipv4-acl-type
      aces:
        ace:
          - {name: r1, matches: {ipv4: {source-ipv4-network: 10.0.0.0/8, protocol: 6}, tcp: {destination-port: {operator: lte, port: 100}}}, actions: {forwarding: accept}}
          - {name: r2, matches: {ipv4: {}, udp: {source-port: {lower-port: 53, upper-port: 54}}}, actions: {forwarding: accept, logging: x}}
          - {name: r3, matches: {ipv4: {}}, actions: {forwarding: drop}}
  attachment-points:
    interface:
      - {interface-id: eth0, ingress: {acl-sets: {acl-set: [{name: IN}]}}}
`,
		packets: `
eth0>eth1 tcp 10.0.0.1:1 1.1.1.1:100 S -> pass
eth0>eth1 tcp 10.0.0.1:1 1.1.1.1:101 S -> drop
eth0>eth1 udp 10.0.0.1:54 1.1.1.1:101 -> pass
eth0>eth1 udp 10.0.0.1:55 1.1.1.1:101 -> drop
`}} {
		t.Run(c.name, func(t *testing.T) {
			fw, diags := compile(t, bound(strings.Split(c.ports, ";")...), c.export)
			noErrors(t, diags)
			packets(t, fw, c.packets)
		})
	}
}

// TestAerleonZones judges the filter for its stateful target, where answers pass.
func TestAerleonZones(t *testing.T) {
	export := `
filters:
  - header: {targets: {srx: from-zone admin to-zone oob, juniper: OTHER inet}}
    terms:
      - {name: replies, protocol: tcp, option: tcp-established, action: accept}
      - {name: web, source-address: OOB, source-exclude: LAB, destination-port: HTTPS, protocol: tcp, action: accept}
`
	fw, diags := compile(t, bound("a zone=admin", "b zone=oob"), export, aerleonNaming)
	noErrors(t, diags)
	packets(t, fw, `
a>b tcp 10.20.1.1:1 1.1.1.1:443 S -> pass
a>b tcp 10.20.9.1:1 1.1.1.1:443 S -> drop
a>b tcp 10.20.1.1:1 1.1.1.1:444 S -> drop
b>a tcp 1.1.1.1:443 10.20.1.1:1 SA -> pass
b>a tcp 1.1.1.1:443 10.20.1.1:1 S -> drop
`)
}
