package topology

import "github.com/hashicorp/hcl/v2"

// The schemas; nothing changes them. Required attributes are checked when they are
// read, so that the message can show an example.
var (
	rootSchema = &hcl.BodySchema{Blocks: []hcl.BlockHeaderSchema{
		{Type: "sum"},
		{Type: "zone", LabelNames: []string{"name"}},
		{Type: "server", LabelNames: []string{"name"}},
		{Type: "target", LabelNames: []string{"type", "name"}},
		{Type: "firewall", LabelNames: []string{"name"}},
		{Type: "router", LabelNames: []string{"name"}},
		{Type: "path"},
		{Type: "waive", LabelNames: []string{"rule"}},
		{Type: "assume", LabelNames: []string{"kind"}},
		{Type: "policy", LabelNames: []string{"rule"}},
		{Type: "locals"},
	}}

	sumSchema    = schema(sumAttributes...)
	zoneSchema   = schema("networks")
	serverSchema = schema(append([]string{"os", "addresses", "browsers", "nat_address", "nat_addresses", "ephemeral_ports"}, sumAttributes...)...)
	targetSchema = schema("addresses", "nat_address", "nat_addresses", "servers", "mode", "ephemeral_ports", "for_each", "name")

	firewallSchema          = with(schema("exports", "format", "host", "profile", "for_each", "name"), "interface", "name")
	firewallInterfaceSchema = schema("zone", "addresses", "acl_in", "acl_out")
	routerSchema            = with(schema(), "interface", "name")
	routerInterfaceSchema   = schema("zone", "addresses")

	pathSchema   = schema("from", "to", "via")
	waiveSchema  = schema("server", "target", "firewall", "direction", "port", "reason", "until", "for_each")
	assumeSchema = schema("firewall", "holds", "reason", "text")
	policySchema = schema("severity")
)

var sumAttributes = []string{"version", "port", "ssl_port", "ftp_port", "open_firewall", "phases", "netbios", "rpc_ports"}

// schemaOf returns the schema of a block at the top level.
func schemaOf(kind string) *hcl.BodySchema {
	switch kind {
	case "sum":
		return sumSchema
	case "zone":
		return zoneSchema
	case "server":
		return serverSchema
	case "target":
		return targetSchema
	case "firewall":
		return firewallSchema
	case "router":
		return routerSchema
	case "path":
		return pathSchema
	case "waive":
		return waiveSchema
	case "assume":
		return assumeSchema
	}
	return policySchema
}

// targetTypes are the types of targets that some edition of the port table knows.
func targetTypes() []string {
	return []string{"windows", "linux", "vmware", "oa", "superdome-x", "superdome-flex", "ilo", "vc", "fc-switch", "sas-switch",
		"hp-ux", "moonshot", "superdome-2"}
}
