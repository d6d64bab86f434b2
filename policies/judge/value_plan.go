package judge

import (
	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/sumlint/sumlint/policies/facts"
)

func (c *converter) server(v *facts.Server) *ast.Term {
	return ast.ObjectTerm(
		c.text("topology", v.Topology),
		c.text("name", v.Name),
		c.text("os", v.OS),
		c.text("version", v.Version),
		c.number("port", v.Port),
		c.number("ssl_port", v.SSLPort),
		c.number("ftp_port", v.FTPPort),
		c.truth("open_firewall", v.OpenFirewall),
		c.texts("phases", v.Phases),
		c.place("location", v.Location),
		c.place("port_location", v.PortAt),
	)
}

func (c *converter) target(v *facts.Target) *ast.Term {
	return ast.ObjectTerm(
		c.text("topology", v.Topology),
		c.text("name", v.Name),
		c.text("type", v.Type),
		c.text("mode", v.Mode),
		c.place("location", v.Location),
	)
}

func (c *converter) zone(v *facts.Zone) *ast.Term {
	return ast.ObjectTerm(
		c.text("topology", v.Topology),
		c.text("name", v.Name),
		c.texts("networks", v.Networks),
		c.place("location", v.Location),
	)
}

func (c *converter) hosts(v *facts.HostClass) *ast.Term {
	return ast.ObjectTerm(
		c.text("topology", v.Topology),
		c.text("type", v.Type),
		c.truth("known", v.Known),
		c.text("words", v.Words),
		c.number("count", v.Count),
		c.text("first", v.First),
		c.members("servers", v.Servers),
		c.members("targets", v.Targets),
		c.numbers("waivers", v.Waivers),
		c.text("digest", v.Digest),
		c.place("location", v.Location),
	)
}

func (c *converter) filter(v *facts.Filter) *ast.Term {
	return ast.ObjectTerm(
		c.text("topology", v.Topology),
		c.text("name", v.Name),
		c.text("host", v.Host),
		c.truth("used", v.Used),
		c.place("location", v.Location),
	)
}

func (c *converter) pairs(v *facts.PairClass) *ast.Term {
	return ast.ObjectTerm(
		c.text("topology", v.Topology),
		c.text("server", v.Server),
		c.text("server_os", v.ServerOS),
		c.text("target_type", v.TargetType),
		c.text("reason", v.Reason),
		c.text("version", v.Version),
		c.text("words", v.Words),
		c.members("targets", v.Targets),
		c.numbers("waivers", v.Waivers),
		c.text("digest", v.Digest),
		c.place("location", v.Location),
	)
}

func (c *converter) exposure(v *facts.Exposure) *ast.Term {
	return ast.ObjectTerm(
		c.text("topology", v.Topology),
		c.text("server", v.Server),
		c.number("port", v.Port),
		c.texts("zones", v.Zones),
		c.texts("sources", v.Sources),
		c.truth("sure", v.Sure),
		c.place("location", v.Location),
	)
}

func (c *converter) waiver(v *facts.Waiver) *ast.Term {
	return ast.ObjectTerm(
		c.text("topology", v.Topology),
		c.text("rule", v.Rule),
		c.text("server", v.Server),
		c.text("target", v.Target),
		c.text("firewall", v.Firewall),
		c.text("direction", v.Direction),
		c.number("port", v.Port),
		c.text("reason", v.Reason),
		c.text("until", v.Until),
		c.place("location", v.Location),
	)
}

func (c *converter) setting(v *facts.Setting) *ast.Term {
	return ast.ObjectTerm(
		c.text("topology", v.Topology),
		c.text("rule", v.Rule),
		c.text("severity", v.Severity),
	)
}

// planValue is the input of the packages sumlint.needs.
func planValue(p *facts.Plan) ast.Value {
	c := newConverter(nil)
	return ast.NewObject(
		c.text("schema", p.Schema),
		c.text("topology", p.Topology),
		list(c, "zones", p.Zones, func(v *facts.PlanZone) *ast.Term {
			return ast.ObjectTerm(c.text("name", v.Name), c.texts("networks", v.Networks))
		}),
		list(c, "servers", p.Servers, c.planServer),
		list(c, "targets", p.Targets, func(v *facts.PlanTarget) *ast.Term {
			return ast.ObjectTerm(
				c.text("name", v.Name),
				c.text("type", v.Type),
				c.text("mode", v.Mode),
				c.texts("addresses", v.Addresses),
				c.texts("servers", v.Servers),
			)
		}),
		list(c, "firewalls", p.Firewalls, func(v *facts.PlanFirewall) *ast.Term {
			return ast.ObjectTerm(c.text("name", v.Name), c.text("host", v.Host), c.texts("zones", v.Zones))
		}),
	)
}

func (c *converter) planServer(v *facts.PlanServer) *ast.Term {
	return ast.ObjectTerm(
		c.text("name", v.Name),
		c.text("os", v.OS),
		c.texts("addresses", v.Addresses),
		c.texts("browsers", v.Browsers),
		c.text("version", v.Version),
		c.number("port", v.Port),
		c.number("ssl_port", v.SSLPort),
		c.number("ftp_port", v.FTPPort),
		c.truth("open_firewall", v.OpenFirewall),
		c.texts("phases", v.Phases),
	)
}
