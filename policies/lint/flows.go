package lint

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/sumlint/sumlint/parsers/diag"
	"github.com/sumlint/sumlint/parsers/packet"
	"github.com/sumlint/sumlint/parsers/topology"
	"github.com/sumlint/sumlint/policies/derive"
	"github.com/sumlint/sumlint/policies/facts"
	"github.com/sumlint/sumlint/policies/report"
)

// build makes a plan's flows from the templates that SUM's table yields.
func (p *plan) build(ctx context.Context, d *derive.Deriver, diags *diag.List) error {
	for _, s := range p.topology.Servers {
		if err := p.serverFlows(ctx, d, s, diags); err != nil {
			return err
		}
	}
	for _, n := range p.topology.Targets {
		if err := p.targetFlows(ctx, d, n, diags); err != nil {
			return err
		}
		if len(p.flows) > maxFlows {
			diags.Errorf(diag.Topology, n.Span, "Name the servers that update each target (servers = […]), or split the plan.",
				"the plan needs more than %d flows, the limit; those of the targets from here on are not looked at", maxFlows)
			break
		}
	}
	return nil
}

// maxFlows bounds the flows of one topology.
const maxFlows = 500_000

// combination is what the deriving policy is asked about.
func combination(s *topology.Server, target, mode string) facts.Combination {
	rpc := fmt.Sprintf("%d-%d", s.Sum.RPCPorts.First, s.Sum.RPCPorts.Last)
	return facts.Combination{Version: s.Sum.Version, ServerOS: s.OS, TargetType: target, Mode: mode, Phases: s.Sum.Phases,
		Port: s.Sum.Port, SSLPort: s.Sum.SSLPort, FTPPort: s.Sum.FTPPort, NetBIOS: s.Sum.NetBIOS, RPCPorts: rpc, OpenFirewall: s.Sum.OpenFirewall}
}

// serverFlows adds the flows that a server needs by itself: its loopback, its browsers.
func (p *plan) serverFlows(ctx context.Context, d *derive.Deriver, s *topology.Server, diags *diag.List) error {
	templates, err := d.Templates(ctx, combination(s, "", "remote"))
	var problem *derive.Problem
	if errors.As(err, &problem) {
		span := s.Sum.VersionSpan
		if span.IsZero() {
			span = s.Span
		}
		diags.Errorf(diag.Topology, span, "Known are "+strings.Join(problem.Known, "; ")+".", "%s", strings.TrimSuffix(problem.Message, "."))
		return nil
	}
	if err != nil {
		return err
	}
	for i := range templates {
		t := &templates[i]
		f := &flow{template: t, server: s}
		switch t.Direction {
		case "local":
			f.strands = p.local(t, &s.Addresses, s.Ephemeral)
		case "browser":
			f.strands = p.browser(t, s)
		}
		p.add(f)
	}
	return nil
}

// targetFlows adds the flows between a target and the servers that update it.
func (p *plan) targetFlows(ctx context.Context, d *derive.Deriver, n *topology.Target, diags *diag.List) error {
	if n.Mode == "web" {
		p.decisions = append(p.decisions, report.Decision{Target: n.Name, Message: "updated by its own web page: SUM needs no port"})
		return nil
	}
	if n.Mode == "remote" {
		p.unpaired(n, diags)
	}
	named := len(n.Servers) > 0
	var missed []pair
	served := false
	for _, s := range p.topology.Servers {
		if named && !slices.ContainsFunc(n.Servers, func(t topology.Text) bool { return t.Value == s.Name }) {
			continue
		}
		templates, err := d.Templates(ctx, combination(s, n.Type, n.Mode))
		var problem *derive.Problem
		switch {
		case errors.As(err, &problem) && problem.Kind == derive.UnknownVersion:
			served = true // said already, with the server
			continue
		case problem != nil:
			missed = append(missed, pair{s, n, "no-row"})
			continue
		case err != nil:
			return err
		case n.Mode != "local" && !commonFamily(s, n):
			missed = append(missed, pair{s, n, "no-common-family"})
			continue
		}
		served = true
		p.pairFlows(templates, s, n)
		if n.Mode == "local" {
			p.decisions = append(p.decisions, report.Decision{Target: n.Name, Message: "SUM runs on the node itself: only its own loopback is needed"})
			break
		}
	}
	if named || !served {
		p.pairs = append(p.pairs, missed...)
	}
	return nil
}

// unpaired warns of a target's addresses of a family that no server has: they are in
// no flow. Where the same nodes have the other family too, that is as it should be.
func (p *plan) unpaired(n *topology.Target, diags *diag.List) {
	for _, f := range families {
		other := packet.IPv4 + packet.IPv6 - f
		if n.Addresses.Family(f).IsEmpty() || n.Addresses.Family(other).IsEmpty() {
			continue
		}
		if !slices.ContainsFunc(p.topology.Servers, func(s *topology.Server) bool { return !s.Addresses.Family(f).IsEmpty() }) {
			diags.Warnf(diag.Topology, n.Span, "Give the server such an address, or leave them out if they belong to the same nodes.",
				"no server has an %s address: %s of target %q are in no flow", f, fewAddrs(n.Addresses.Family(f), f), n.Name)
		}
	}
}

func (p *plan) pairFlows(templates []facts.Template, s *topology.Server, n *topology.Target) {
	for i := range templates {
		t := &templates[i]
		f := &flow{template: t, server: s, target: n}
		switch t.Direction {
		case "to-target":
			f.strands = p.toTarget(t, s, n)
		case "from-target":
			f.strands = p.fromTarget(t, s, n)
		case "local":
			f.strands = p.local(t, &n.Addresses, n.Ephemeral)
		}
		p.add(f)
	}
}
