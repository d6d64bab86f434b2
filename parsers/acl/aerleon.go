package acl

import (
	"path"
	"slices"
	"strings"
	"time"

	"github.com/sumlint/sumlint/parsers/acl/yamltree"
	"github.com/sumlint/sumlint/parsers/diag"
	"github.com/sumlint/sumlint/parsers/packet"
	"github.com/sumlint/sumlint/parsers/source"
)

// aerleonFilter is one filter of a policy: its terms for each of its targets.
type aerleonFilter struct {
	targets []aerleonTarget
	terms   []aerleonTerm
	node    *yamltree.Node
}

// aerleonTarget is a platform with its options.
type aerleonTarget struct {
	platform string
	words    []string
	span     source.Span
}

// aerleonTerm is a term whose names are not resolved yet; or an include.
type aerleonTerm struct {
	node    *yamltree.Node
	include string // the file; "" for a term
	broken  bool
	lists   map[string][]word // the values of keys that hold names
}

// word is one word of a list of names.
type word struct {
	text string
	span source.Span
}

// networkDef is a network of a definitions file.
type networkDef struct {
	addrs addresses
	names []word // other networks
	fqdns []word
	span  source.Span
}

// serviceDef is a service of a definitions file.
type serviceDef struct {
	ports []servicePort
	names []word
	// broken: a part of it could not be read.
	broken bool
	span   source.Span
}

type servicePort struct {
	protocol string
	ports    *packet.Ports
}

func isAerleonPolicy(n *yamltree.Node) bool {
	filters := n.Get("filters")
	if filters == nil || filters.Kind != yamltree.List {
		return n.Has("filters_include_only")
	}
	return slices.ContainsFunc(filters.Items, func(f *yamltree.Node) bool { return f.Has("header") || f.Has("terms") })
}

func isAerleonInclude(n *yamltree.Node) bool {
	terms := n.Get("terms")
	return terms != nil && terms.Kind == yamltree.List && (len(n.Pairs) == 1 || n.Has("header")) &&
		slices.ContainsFunc(terms.Items, func(t *yamltree.Node) bool { return t.Has("action") || t.Has("include") || t.Has("name") })
}

func isAerleonDefinitions(n *yamltree.Node) bool {
	for _, key := range []string{"networks", "services"} {
		for _, p := range pairsOf(n.Get(key)) {
			if p.Value.Has("values") || p.Value.Kind == yamltree.List && len(p.Value.Items) > 0 && (p.Value.Items[0].Has("protocol") || p.Value.Items[0].Has("name")) {
				return true
			}
		}
	}
	return false
}

func pairsOf(n *yamltree.Node) []yamltree.Pair {
	if n == nil {
		return nil
	}
	return n.Pairs
}

func (r *reader) aerleonPolicy(n *yamltree.Node) {
	for _, p := range n.Pairs {
		if p.Key.Text != "filters" && p.Key.Text != "filters_include_only" {
			r.errorf(p.Key, "", "an Aerleon policy has no key %q", p.Key.Text)
		}
	}
	for _, f := range r.mappings(n.Get("filters"), "filters") {
		if f.Has("include") {
			r.errorf(f, "Give the policy with its filters in one file.", "filters that are included from another file are not read")
			continue
		}
		if !r.keys(f, "a filter", "header", "terms") {
			continue
		}
		filter := aerleonFilter{node: f, targets: r.aerleonTargets(f), terms: r.aerleonTerms(f)}
		r.doc.policies = append(r.doc.policies, filter)
	}
	if inc := n.Get("filters_include_only"); inc != nil {
		r.errorf(inc, "Give the policy with its filters in one file.", "filters that are included from another file are not read")
	}
}

func (r *reader) aerleonTargets(f *yamltree.Node) []aerleonTarget {
	header := f.Get("header")
	if header == nil {
		r.errorf(f, "", `a filter has no "header"`)
		return nil
	}
	r.keys(header, "a header", "comment", "targets", "kvs", "name")
	targets := header.Get("targets")
	if targets == nil || targets.Kind != yamltree.Map || len(targets.Pairs) == 0 {
		r.errorf(header, `Expected "targets: {platform: options}".`, "a header has no targets")
		return nil
	}
	var out []aerleonTarget
	unsupported := targets.Pairs[0].Key
	for _, p := range targets.Pairs {
		if _, ok := aerleonPlatforms[p.Key.Text]; !ok {
			unsupported = p.Key
			continue
		}
		t := aerleonTarget{platform: p.Key.Text, span: p.Key.Span}
		for _, w := range r.words(p.Value, "options") {
			t.words = append(t.words, w.text)
		}
		out = append(out, t)
	}
	if len(out) == 0 {
		r.errorf(unsupported, "Give what Aerleon generates for it instead, such as the iptables-save of the host. Supported targets: "+strings.Join(platformNames(), ", ")+".",
			"the target %q is no router or firewall whose ACLs can be bound to an interface or a zone", unsupported.Text)
	}
	return out
}

func platformNames() []string {
	out := make([]string, 0, len(aerleonPlatforms))
	for name := range aerleonPlatforms {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

// words reads a list, or words with blanks between them.
func (r *reader) words(n *yamltree.Node, what string) []word {
	var out []word
	for _, item := range r.items(n) {
		if s, ok := r.text(item, what); ok {
			for w := range strings.FieldsSeq(s) {
				out = append(out, word{w, item.Span})
			}
		}
	}
	return out
}

// aerleonNames are the keys whose values are names or words that count.
var aerleonNames = []string{
	"address", "source-address", "destination-address", "address-exclude", "source-exclude", "destination-exclude", "source-address-exclude", "destination-address-exclude",
	"port", "source-port", "destination-port", "protocol", "protocol-except", "icmp-type", "icmp-code", "option", "platform", "platform-exclude",
	"action", "expiration", "restrict-address-family",
}

// aerleonPassive are keys that don't change what a term matches.
var aerleonPassive = []string{"name", "comment", "owner", "logging", "log-limit", "log-name", "counter", "policer", "qos", "loss-priority", "traffic-class-count", "annotations", "timeout", "stateless-reply"}

// aerleonNarrow are keys that narrow a term by what flows say nothing about.
var aerleonNarrow = []string{
	"source-prefix", "destination-prefix", "source-prefix-except", "destination-prefix-except", "source-tag", "destination-tag", "source-fqdn", "destination-fqdn",
	"source-interface", "destination-interface", "source-zone", "destination-zone", "ether-type", "fragment-offset", "packet-length", "hop-limit", "ttl",
	"dscp-match", "dscp-except", "dscp-set", "forwarding-class", "forwarding-class-except", "pan-application", "vpn", "target-resources", "target-service-accounts",
	"source-service-accounts", "precedence", "next-ip", "encapsulate", "port-mirror", "flexible-match-range", "filter-term", "routing-instance", "decapsulate", "verbatim",
}

func (r *reader) aerleonTerms(filter *yamltree.Node) []aerleonTerm {
	var out []aerleonTerm
	start := r.errors
	items := r.mappings(filter.Get("terms"), "terms")
	if len(items) == 0 {
		if r.errors == start {
			r.errorf(filter, "", "a filter has no terms")
		}
		return []aerleonTerm{{node: filter, broken: true}}
	}
	for _, t := range items {
		if inc := t.Get("include"); inc != nil {
			file, _ := r.text(inc, "include")
			r.keys(t, "an include", "include")
			out = append(out, aerleonTerm{node: t, include: path.Base(strings.ReplaceAll(file, "\\", "/"))})
			continue
		}
		r.doc.RuleCount++
		before := r.errors
		term := aerleonTerm{node: t, lists: map[string][]word{}}
		if r.keys(t, "a term", slices.Concat(aerleonNames, aerleonPassive, aerleonNarrow)...) {
			r.name(t, "name", "a term")
			for _, key := range aerleonNames {
				if v := t.Get(key); v != nil {
					if term.lists[key] = r.words(v, key); len(term.lists[key]) == 0 && r.errors == before {
						r.errorf(v, "Leave the key out for any.", "%s is empty", key)
					}
				}
			}
			r.aerleonWords(t, term.lists)
		}
		if tpl := templateIn(t); tpl != nil && r.errors == before {
			r.template(tpl, "a part of this term")
		}
		term.broken = r.errors > before
		out = append(out, term)
	}
	return out
}

// aerleonWords checks the keys of a term whose words Aerleon fixes. A word that it
// does not know makes it refuse the policy, so the term must not be read as another.
func (r *reader) aerleonWords(t *yamltree.Node, lists map[string][]word) {
	if e := lists["expiration"]; len(e) > 0 {
		if _, err := time.Parse(time.DateOnly, e[0].text); err != nil || len(e) > 1 {
			r.errorf(t.Get("expiration"), "Expected a date as YYYY-MM-DD.", "expiration is %q", describe(t.Get("expiration")))
		}
	}
	for _, k := range []struct {
		key   string
		legal []string
		one   bool
	}{
		{"action", aerleonActions, true}, {"restrict-address-family", []string{"inet", "inet6"}, true},
		{"platform", aerleonGenerators, false}, {"platform-exclude", aerleonGenerators, false},
	} {
		for _, w := range lists[k.key] {
			if !slices.Contains(k.legal, w.text) {
				r.errorf(t.Get(k.key), diag.Legal(w.text, k.legal), "%s is %q", k.key, w.text)
			}
		}
		if k.one && len(lists[k.key]) > 1 {
			r.errorf(t.Get(k.key), "A term has one.", "%s is %q", k.key, describe(t.Get(k.key)))
		}
	}
	if !t.Has("action") && !t.Has("verbatim") {
		r.errorf(t, "", `a term has no "action"`)
	}
}

var aerleonActions = []string{"accept", "deny", "next", "reject", "reject-with-tcp-rst"}

// aerleonGenerators are the platforms that a term may be for or not for. A word that
// is none of them would let the term vanish.
var aerleonGenerators = []string{
	"arista", "arista_tp", "aruba", "brocade", "cisco", "ciscoasa", "cisconx", "ciscoxr", "cloudarmor", "demo", "fortigate", "gce", "gce_vpc_tf", "gcp_hf", "ipset", "iptables",
	"juniper", "juniperevo", "junipermsmpc", "k8s", "msmpc", "nftables", "nokiasrl", "nokiasros", "nsxt", "nsxv", "nvueapi", "openconfig", "packetfilter", "paloalto",
	"paloaltofw", "pcap", "proxmox", "sonic", "speedway", "srx", "srxlo", "stateful", "windows", "windows_advfirewall", "windows_ipsec",
}

func (r *reader) aerleonInclude(n *yamltree.Node) {
	if r.doc.includes == nil {
		r.doc.includes = map[string][]aerleonTerm{}
	}
	r.doc.includes[path.Base(r.doc.File.Name)] = r.aerleonTerms(n)
}

func (r *reader) aerleonDefinitions(n *yamltree.Node) {
	r.keys(n, "the definitions", "networks", "services")
	d := &r.doc.defs
	if d.networks == nil {
		d.networks, d.services = map[string]*networkDef{}, map[string]*serviceDef{}
	}
	for _, p := range pairsOf(n.Get("networks")) {
		def := &networkDef{span: p.Key.Span}
		values, before := p.Value, r.errors
		if p.Value.Kind == yamltree.Map {
			r.keys(p.Value, "a network", "values", "comment")
			values = p.Value.Get("values")
		}
		for _, v := range r.mappings(values, "values") {
			r.aerleonNetwork(def, v)
		}
		if r.errors > before || n.Get("networks").Damaged { // what could not be read, or which of two definitions counts is not known
			def.fqdns = append(def.fqdns, word{p.Key.Text, p.Key.Span})
		}
		if old := d.networks[p.Key.Text]; old != nil {
			r.errorf(p.Key, "Remove one.", "the network %q is defined twice, first on line %d", p.Key.Text, old.span.Position().Line)
			def.fqdns = append(def.fqdns, word{p.Key.Text, p.Key.Span})
		}
		d.networks[p.Key.Text] = def
	}
	for _, p := range pairsOf(n.Get("services")) {
		def := &serviceDef{span: p.Key.Span}
		before := r.errors
		for _, v := range r.mappings(p.Value, "a service") {
			r.aerleonService(def, v)
		}
		if old := d.services[p.Key.Text]; old != nil {
			r.errorf(p.Key, "Remove one.", "the service %q is defined twice, first on line %d", p.Key.Text, old.span.Position().Line)
		}
		def.broken = r.errors > before
		if !n.Get("services").Damaged {
			d.services[p.Key.Text] = def
		}
	}
}

func (r *reader) aerleonNetwork(def *networkDef, v *yamltree.Node) {
	if !r.keys(v, "a network's value", "address", "name", "fqdn", "comment", "ip") {
		return
	}
	switch {
	case v.Has("address"):
		r.address(&def.addrs, v.Get("address"), "address")
	case v.Has("ip"):
		r.address(&def.addrs, v.Get("ip"), "ip")
	case v.Has("name"):
		def.names = append(def.names, r.words(v.Get("name"), "name")...)
	case v.Has("fqdn"):
		def.fqdns = append(def.fqdns, r.words(v.Get("fqdn"), "fqdn")...)
	default:
		r.errorf(v, "", "a network's value has no address and no name")
	}
}

func (r *reader) aerleonService(def *serviceDef, v *yamltree.Node) {
	if !r.keys(v, "a service's value", "port", "protocol", "name", "comment") {
		return
	}
	if v.Has("name") {
		def.names = append(def.names, r.words(v.Get("name"), "name")...)
		return
	}
	protocol, ok := r.text(v.Get("protocol"), "protocol")
	if !v.Has("protocol") || !v.Has("port") {
		r.errorf(v, "", `a service needs "protocol" and "port"`)
		return
	}
	before := r.errors
	ports := r.ports(v.Get("port"), "port", "-", nil)
	if ok && r.errors == before {
		def.ports = append(def.ports, servicePort{strings.ToLower(protocol), ports})
	}
}
