package topology

import (
	"fmt"
	"path"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"github.com/sumlint/sumlint/parsers/model"
	"github.com/sumlint/sumlint/parsers/packet"
	"github.com/sumlint/sumlint/parsers/source"
)

func (r *reader) decodeFirewall(b *block) {
	f := &Firewall{Name: b.name, Profile: packet.AnyProfile, Span: b.span}
	f.Host, _ = b.text("host")
	format, _ := b.word("format", "iptables", "ipset", "netsh", "acl")
	f.Exports = b.exports(format)
	if profile, ok := b.word("profile", "domain", "private", "public"); ok {
		f.Profile = map[string]packet.Profiles{"domain": packet.Domain, "private": packet.Private, "public": packet.Public}[profile]
	}
	f.Interfaces = b.interfaces(firewallInterfaceSchema)
	if b.defineHop() {
		r.topology.Firewalls = append(r.topology.Firewalls, f)
	}
}

func (r *reader) decodeRouter(b *block) {
	w := &Router{Name: b.name, Interfaces: b.interfaces(routerInterfaceSchema), Span: b.span}
	if len(w.Interfaces) == 0 {
		b.errorf(b.span, `Write interface "NAME" { zone = "…" } for each zone that it connects.`, "%s has no interface", b)
	}
	if b.defineHop() {
		r.topology.Routers = append(r.topology.Routers, w)
	}
}

// defineHop is define for firewalls and routers, which paths name alike.
func (b *block) defineHop() bool {
	own, other, kind := b.names.firewalls, b.names.routers, "router"
	if b.kind == "router" {
		own, other, kind = other, own, "firewall"
	}
	if first, twice := other[b.name]; twice {
		b.errorf(b.span, fmt.Sprintf("A path could not tell it from the %s at %s.", kind, b.place(first)), "There is a %s %q already", kind, b.name)
		return false
	}
	return b.define(own)
}

// exports reads the list of export files. Files that can't be read are errors and
// left out.
func (b *block) exports(format string) []ExportFile {
	b.require("exports", `["exports/core.v4"]`)
	texts, _ := b.texts("exports")
	if b.empty("exports") {
		b.errorf(b.at("exports"), "A device that filters nothing is a router.", "%s has no export", b)
	}
	seen := map[string]source.Span{}
	var out []ExportFile
	for _, t := range texts {
		file := path.Join(b.folder, t.Value)
		if path.IsAbs(t.Value) || t.Value == "" {
			file = t.Value
		}
		if first, twice := seen[file]; twice {
			b.errorf(t.Span, "The first is at "+b.place(first)+".", "%s lists %q twice", b, t.Value)
			continue
		}
		seen[file] = t.Span
		err := b.checkExport(file)
		if err != nil {
			b.errorf(t.Span, exportAdvice(t.Value), "The export %v", err)
		}
		out = append(out, ExportFile{Path: file, Format: format, Missing: err != nil, Span: t.Span})
	}
	return out
}

// checkExport tells why a file can't be read; each file is looked at once.
func (b *block) checkExport(file string) error {
	if file == "" {
		return fmt.Errorf("has an empty path")
	}
	err, known := b.checked[file]
	if !known {
		err = b.tree.Check(file)
		b.checked[file] = err
	}
	return err
}

func exportAdvice(written string) string {
	if strings.Contains(written, `\`) {
		return "Paths are relative to the topology's folder and written with '/'."
	}
	return "Paths are relative to the topology's folder."
}

// interfaces reads the interface blocks of a firewall or router.
func (b *block) interfaces(s *hcl.BodySchema) []Interface {
	seen := map[string]source.Span{}
	var out []Interface
	for _, hb := range b.inner {
		c := b.content(hb.Body, s, hb.Type)
		in := &block{reader: b.reader, kind: hb.Type, name: hb.Labels[0], span: b.header(hb), attrs: c.Attributes, ctx: b.ctx}
		if in.name == "" {
			b.errorf(in.span, "", "The name of this interface is empty")
		}
		if first, twice := seen[in.name]; twice {
			b.errorf(in.span, "The first is at "+b.place(first)+".", "%s has two interfaces %q", b, in.name)
			continue
		}
		seen[in.name] = in.span
		one := Interface{Interface: model.Interface{Name: in.name, In: in.bindings("acl_in"), Out: in.bindings("acl_out")}, Span: in.span}
		one.Zone, _ = in.text("zone")
		one.Interface.Zone = one.Zone.Value
		texts, _ := in.texts("addresses")
		for _, t := range texts {
			if !strings.Contains(t.Value, "/") {
				b.errorf(t.Span, "Write it with the length of its network's prefix, such as \"10.10.0.1/24\".", "%q has no prefix length", t.Value)
				continue
			}
			p, err := parsePrefix(t.Value)
			if err != nil {
				b.badAddress(t, err)
				continue
			}
			one.Addresses = append(one.Addresses, p)
		}
		out = append(out, one)
	}
	return out
}

// bindings reads the names of ACLs.
func (b *block) bindings(name string) []model.Binding {
	var out []model.Binding
	for _, t := range b.textOrTexts(name) {
		if t.Value == "" {
			b.errorf(t.Span, "Leave it out where no ACL is bound.", "%s is empty", name)
			continue
		}
		out = append(out, model.Binding{ACL: t.Value, Span: t.Span})
	}
	return out
}
