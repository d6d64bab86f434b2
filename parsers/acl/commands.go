package acl

import (
	"slices"
	"strings"

	"github.com/sumlint/sumlint/parsers/acl/yamltree"
	"github.com/sumlint/sumlint/parsers/packet"
)

// commandsOf returns what the commands in a module's arguments may touch.
func commandsOf(args *yamltree.Node) touched {
	if args == nil || args.Kind == yamltree.Scalar {
		return textOf(scalarText(args))
	}
	var c commands
	for _, key := range []string{"src", "replace_src", "rollback", "rollback_location", "zeroize", "factory_default"} {
		c.all = c.all || !isOff(args.Get(key))
	}
	if v := scalarText(args.Get("replace")); v != "" && v != "line" && v != "block" && !isOff(args.Get("replace")) {
		c.all = true // the whole configuration
	}
	if args.Kind == yamltree.List {
		c.node(args)
	}
	for _, key := range []string{"before", "parents", "lines", "commands", "config", "after"} {
		c.node(args.Get(key))
	}
	return c.result()
}

// textOf returns what commands in a text may touch.
func textOf(text string) touched {
	var c commands
	c.text(text)
	return c.result()
}

// commands reads lines of configuration, as far as it takes to tell what they may
// touch. What it does not know to be harmless may touch anything.
type commands struct {
	touched
	iface string // the interface that is being configured
	inACL bool
}

func (c *commands) result() touched {
	if c.all {
		return touched{all: true}
	}
	return c.touched
}

// node reads a line, a list of them, or one with a prompt to answer.
func (c *commands) node(n *yamltree.Node) {
	switch {
	case n.IsNull():
	case n.Kind == yamltree.List:
		for _, item := range n.Items {
			c.node(item)
		}
	case n.Kind == yamltree.Map && n.Has("command"):
		c.node(n.Get("command"))
	case n.Kind == yamltree.Map || n.Tag != "":
		c.all = true
	default:
		c.text(n.Text)
	}
}

func (c *commands) text(text string) {
	for line := range strings.Lines(text) {
		c.line(strings.Fields(line))
	}
}

// line reads one command.
func (c *commands) line(words []string) {
	if len(words) == 0 || strings.HasPrefix(words[0], "!") {
		return
	}
	low := make([]string, len(words))
	for i, w := range words {
		low[i] = strings.ToLower(w)
	}
	if low[0] == "do" {
		words, low = words[1:], low[1:]
	}
	if len(low) == 0 {
		return
	}
	negated := slices.Contains([]string{"no", "default", "delete"}, low[0])
	if negated || low[0] == "set" {
		words, low = words[1:], low[1:]
	}
	if len(low) == 0 {
		c.all = true
		return
	}
	switch a, isACL := aclOf(words, low); {
	case isACL:
		c.inACL, c.iface = true, ""
		c.acls = append(c.acls, a...)
	case c.inACL && (slices.Contains(aceWords, low[0]) || isNumber(low[0])): // an entry of the ACL
	case low[0] == "interface" && len(low) > 1:
		if c.inACL, c.iface = false, strings.Join(words[1:], " "); strings.Contains(c.iface, "{") {
			c.iface = ""
		}
		if c.all = c.all || negated && c.iface == ""; negated && c.iface != "" { // with all that it applies
			c.interfaces = append(c.interfaces, c.iface)
		}
	case len(low) > 1 && c.iface != "" && (low[0] == "ip" && low[1] == "access-group" || low[0] == "ipv6" && low[1] == "traffic-filter"):
		c.interfaces = append(c.interfaces, c.iface)
	case len(low) == 5 && low[0] == "access-group" && low[3] == "interface": // ASA
		c.interfaces = append(c.interfaces, words[4])
	case !harmless(low, negated):
		c.all = true
	}
}

var aceWords = []string{"permit", "deny", "remark", "evaluate", "statistics"}

func isNumber(s string) bool {
	_, ok := decimal(s)
	return ok
}

// aclOf returns the ACL that a command configures: "ip access-list extended IN",
// "access-list 101 permit …", "firewall family inet filter IN …" (Junos) or
// "firewall name IN …" (VyOS).
func aclOf(words, low []string) ([]aclName, bool) {
	named := func(at int, f packet.Family) ([]aclName, bool) {
		if at >= len(words) || strings.Contains(words[at], "{") {
			return nil, false
		}
		return []aclName{{words[at], f}}, true
	}
	is := func(path ...string) bool { return len(low) > len(path) && slices.Equal(low[:len(path)], path) }
	switch {
	case is("ip", "access-list", "extended"), is("ip", "access-list", "standard"):
		return named(3, packet.IPv4)
	case is("ip", "access-list", "resequence"), is("ip", "access-list", "log-update"), is("ip", "access-list", "logging"):
		return nil, false
	case is("ip", "access-list"):
		return named(2, packet.IPv4)
	case is("ipv6", "access-list"):
		return named(2, packet.IPv6)
	case is("access-list"):
		return named(1, packet.AnyFamily)
	case is("firewall", "family", "inet", "filter"), is("firewall", "family", "inet6", "filter"):
		return named(4, map[string]packet.Family{"inet": packet.IPv4, "inet6": packet.IPv6}[low[2]])
	case is("firewall", "filter"), is("firewall", "name"):
		return named(2, packet.IPv4)
	case is("firewall", "ipv6-name"):
		return named(2, packet.IPv6)
	case is("firewall", "ipv4", "name"), is("firewall", "ipv6", "name"):
		return named(3, map[string]packet.Family{"ipv4": packet.IPv4, "ipv6": packet.IPv6}[low[1]])
	}
	return nil, false
}

// harmless tells of a command that surely touches no ACL, nor what applies one. The
// words are whole: an abbreviation may be that of another command.
func harmless(low []string, negated bool) bool {
	if slices.Contains(ownWords, low[0]) {
		return true
	}
	if slices.ContainsFunc(low, filters) {
		return looksOnly(low) && !negated
	}
	second := ""
	if len(low) > 1 {
		second = low[1]
	}
	switch low[0] {
	case "ip", "ipv6":
		return slices.Contains(harmlessIP, second)
	case "interfaces": // of Junos and VyOS; deleting them deletes what they apply
		return !negated
	case "copy":
		return !negated && slices.Equal(low, []string{"copy", "running-config", "startup-config"})
	case "clear":
		return !negated && second != "" && !strings.HasPrefix(second, "conf")
	case "configure":
		return !negated && (second == "" || second == "terminal") && len(low) <= 2
	}
	return looksOnly(low) && !negated || slices.Contains(harmlessWords, low[0])
}

// filters tells of a word that has to do with filtering, or with loading another
// configuration.
func filters(word string) bool {
	return !slices.Contains([]string{"access", "accounting", "load-interval"}, word) &&
		slices.ContainsFunc([]string{"acc", "acl", "address-b", "apply", "eras", "fil", "fire", "insp", "load", "reload", "rollb", "secur"}, func(stem string) bool { return strings.HasPrefix(word, stem) })
}

// mentionsFilters tells whether a document may have to do with filtering.
func mentionsFilters(n *yamltree.Node) bool {
	if n.IsTemplate() || n.Tag != "" {
		return true
	}
	for _, p := range n.Pairs {
		if filtersText(p.Key.Text) || mentionsFilters(p.Value) {
			return true
		}
	}
	return filtersText(n.Text) || slices.ContainsFunc(n.Items, mentionsFilters)
}

func filtersText(text string) bool {
	return slices.ContainsFunc(strings.FieldsFunc(strings.ToLower(text), func(c rune) bool { return c < 'a' || c > 'z' }), filters)
}

// looksOnly tells of a command that shows something.
func looksOnly(low []string) bool {
	return slices.Contains([]string{"show", "ping", "traceroute", "dir", "more", "terminal"}, low[0])
}

var (
	// ownWords begin commands whose words are for people, or that name ACLs for
	// the device's own services only.
	ownWords = []string{"access-class", "banner", "contact", "description", "host-name", "hostname", "location", "ntp", "remark", "snmp-server"}
	// harmlessIP follow "ip" and "ipv6".
	harmlessIP = []string{
		"address", "as-path", "cef", "community-list", "default-gateway", "default-network", "dhcp", "domain", "domain-list", "domain-lookup", "domain-name", "ftp", "helper-address", "host", "http",
		"mtu", "name-server", "nd", "ospf", "prefix-list", "proxy-arp", "radius", "redirects", "route", "routing", "scp", "sla", "source-route", "ssh", "tacacs", "tcp", "tftp", "unicast-routing",
		"unreachables",
	}
	// harmlessWords begin commands that have nothing to do with filtering.
	harmlessWords = []string{
		"aaa", "alias", "archive", "arp", "bandwidth", "bfd", "boot", "carrier-delay", "cdp", "channel-group", "chassis", "clock", "commit", "compare", "crypto", "duplex", "enable", "encapsulation",
		"end", "errdisable", "exec-timeout", "exit",
		"feature", "flowcontrol", "history", "ip-address", "isis", "keepalive",
		"key", "line", "lldp", "load-interval", "logging", "login", "mac", "maximum-paths", "media-type",
		"mpls", "mtu", "name", "negotiation", "neighbor", "network", "ospf", "password", "passive-interface",
		"power", "privilege", "protocols", "quit", "radius", "radius-server", "redistribute", "redundancy",
		"route-map", "router", "router-id", "routing-options", "save", "server", "service", "shutdown", "snmp", "spanning-tree", "speed", "standby", "storm-control", "stp", "switchport", "system", "tacacs",
		"tacacs-server", "transport", "udld", "username", "version", "vlan", "vlans", "vrf", "vrrp", "vtp", "who", "write",
	}
)
