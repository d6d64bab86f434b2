package facts

// PlanSchema names the form of the plan.
const PlanSchema = "sumlint/plan/v1"

// Plan is one topology as the packages sumlint.needs see it, which declare flows of
// the team's own over it. Addresses are CIDRs, single addresses, or "first-last".
type Plan struct {
	Schema    string         `json:"schema"`
	Topology  string         `json:"topology"` // its path
	Zones     []PlanZone     `json:"zones"`
	Servers   []PlanServer   `json:"servers"`
	Targets   []PlanTarget   `json:"targets"`
	Firewalls []PlanFirewall `json:"firewalls"`
}

// PlanZone is a zone of the plan.
type PlanZone struct {
	Name     string   `json:"name"`
	Networks []string `json:"networks"`
}

// PlanServer is a server of the plan with SUM's settings for it.
type PlanServer struct {
	Name         string   `json:"name"`
	OS           string   `json:"os"`
	Addresses    []string `json:"addresses"`
	Browsers     []string `json:"browsers"`
	Version      string   `json:"version"`
	Port         int      `json:"port"`
	SSLPort      int      `json:"ssl_port"`
	FTPPort      int      `json:"ftp_port"` // 0 is off
	OpenFirewall bool     `json:"open_firewall"`
	Phases       []string `json:"phases"`
}

// PlanTarget is a target block of the plan.
type PlanTarget struct {
	Name      string   `json:"name"`
	Type      string   `json:"type"`
	Mode      string   `json:"mode"`
	Addresses []string `json:"addresses"`
	Servers   []string `json:"servers"` // empty: each server that can
}

// PlanFirewall is a firewall of the plan.
type PlanFirewall struct {
	Name  string   `json:"name"`
	Host  string   `json:"host"`
	Zones []string `json:"zones"`
}

// NeedFlow is a flow that a package sumlint.needs declares.
type NeedFlow struct {
	Policy     string   `json:"policy"` // the package's id, such as "admin-only"
	From       Endpoint `json:"from"`
	To         Endpoint `json:"to"`
	Protocol   string   `json:"protocol"`    // tcp, udp
	Port       string   `json:"port"`        // "22" or "49152-65535"
	SourcePort string   `json:"source_port"` // "" is any client port of the source
	Must       string   `json:"must"`        // allow, never
	Need       string   `json:"need"`        // required, optional, derived
	Answer     bool     `json:"answer"`
	Why        string   `json:"why"` // goes where the table's row stands on SUM's own flows
	Location   Location `json:"location"`
}

// Endpoint is one side of a NeedFlow; exactly one field is set.
type Endpoint struct {
	Server   string   `json:"server,omitempty"`
	Target   string   `json:"target,omitempty"`
	Zone     string   `json:"zone,omitempty"`
	Networks []string `json:"networks,omitempty"` // CIDRs and addresses
}
