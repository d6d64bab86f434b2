// Package report holds the result of a run as data: what `check --format json`
// prints. Every other format is a pure function of it.
package report

import (
	"github.com/sumlint/sumlint/parsers/diag"
	"github.com/sumlint/sumlint/parsers/source"
)

// Schema names the form of the JSON report.
const Schema = "sumlint/report/v1"

// Report is the result of `sumlint check`. All lists are sorted; none is nil in JSON.
type Report struct {
	Schema string `json:"schema"`
	// Today is the day on which waivers were judged, "2006-01-02".
	Today       string       `json:"today,omitempty"`
	Summary     Summary      `json:"summary"`
	Topologies  []Topology   `json:"topologies"`
	Flows       []Flow       `json:"flows"`
	Findings    []Finding    `json:"findings"`
	Decisions   []Decision   `json:"decisions"`
	Waivers     []Waiver     `json:"waivers"`
	Assumptions []Assumption `json:"assumptions"`
	Diagnostics []Diagnostic `json:"diagnostics"`
	Rules       []Rule       `json:"rules"`
}

// Summary counts.
type Summary struct {
	Flows       int `json:"flows"`
	Allowed     int `json:"allowed"`
	Blocked     int `json:"blocked"`
	Partial     int `json:"partial"`
	Conditional int `json:"conditional"`
	// Forbidden counts the flows that a policy wants to be blocked; the verdicts above leave them out.
	Forbidden int `json:"forbidden,omitempty"`
	Errors    int `json:"errors"` // findings that are not waived
	Warnings  int `json:"warnings"`
	Notes     int `json:"notes"`
	Waived    int `json:"waived"`
	// Exports and RuleLines count the export files that were read and their rules.
	Exports   int `json:"exports"`
	RuleLines int `json:"rule_lines"`
}

// Topology is the plan as reports draw it.
type Topology struct {
	Path      string     `json:"path"`
	Zones     []Zone     `json:"zones"`
	Servers   []Node     `json:"servers"`
	Targets   []Node     `json:"targets"`
	Firewalls []Firewall `json:"firewalls"`
}

// Zone is a zone of the plan.
type Zone struct {
	Name     string   `json:"name"`
	Networks []string `json:"networks"`
}

// Node is a server or a target of the plan.
type Node struct {
	Name      string          `json:"name"`
	Type      string          `json:"type"` // a server's system or a target's type
	Zones     []string        `json:"zones"`
	Addresses []string        `json:"addresses"`
	Mode      string          `json:"mode,omitempty"`
	Location  source.Location `json:"location"`
}

// Firewall is a firewall or router of the plan.
type Firewall struct {
	Name     string          `json:"name"`
	Host     string          `json:"host,omitempty"`
	Router   bool            `json:"router,omitempty"`
	Zones    []string        `json:"zones"`
	Exports  []string        `json:"exports"`
	Location source.Location `json:"location"`
}

// Verdict is what becomes of a flow.
type Verdict string

// The verdicts; see each.
const (
	Allowed     Verdict = "allowed"     // every packet that the flow needs surely passes
	Blocked     Verdict = "blocked"     // none can pass
	Partial     Verdict = "partial"     // some surely can't pass
	Conditional Verdict = "conditional" // all may pass, but it depends
)

// Never marks flows that a policy wants to be blocked.
const Never = "never"

// Flow is one flow that the plan needs.
type Flow struct {
	ID string `json:"id"`
	// Topology is the path of the topology that needs the flow; names of servers
	// and targets are unique only inside one.
	Topology    string   `json:"topology,omitempty"`
	Server      string   `json:"server"`
	Target      string   `json:"target,omitempty"`
	TargetType  string   `json:"target_type,omitempty"`
	Direction   string   `json:"direction"` // to-target, from-target, local, browser; or custom
	Phases      []string `json:"phases"`
	Need        string   `json:"need"` // required, optional, derived
	Row         string   `json:"row"`  // the row of the port table, in words
	Service     string   `json:"service,omitempty"`
	Protocol    string   `json:"protocol"`
	Port        string   `json:"port"` // "N" or "a-b"
	SourcePort  string   `json:"source_port,omitempty"`
	Source      []string `json:"source"`
	Destination []string `json:"destination"`
	// Policy names the team's package that declared the flow; Must is Never where it
	// wants the flow to be blocked.
	Policy  string  `json:"policy,omitempty"`
	Must    string  `json:"must,omitempty"`
	Verdict Verdict `json:"verdict,omitempty"`
	Hops    []Hop   `json:"hops,omitempty"`
}

// Hop is one leg of a flow's connections through one firewall.
type Hop struct {
	Path      int         `json:"path"` // counts the parallel ways from 1
	Firewall  string      `json:"firewall"`
	Hook      string      `json:"hook"` // input, forward, output
	Leg       string      `json:"leg"`  // request, reply, follow-up
	Verdict   Verdict     `json:"verdict"`
	Missing   []Missing   `json:"missing"`
	DecidedBy []Decider   `json:"decided_by"`
	DependsOn []DependsOn `json:"depends_on"`
	// Near are rules that would let the flow pass but for one field.
	Near []Near `json:"near,omitempty"`
	// Redirected says where NAT sends the flow instead, where it does.
	Redirected string `json:"redirected,omitempty"`
}

// Missing is a part of a flow that surely can't pass.
type Missing struct {
	Source      []string `json:"source"`
	Destination []string `json:"destination"`
	Protocol    string   `json:"protocol"`
	SourcePort  string   `json:"source_port,omitempty"` // where only some client ports can't pass
	Port        string   `json:"port"`
	// More counts the addresses and parts that are left out of a very long list.
	More int `json:"more,omitempty"`
}

// Decider is the rule or default that decides.
type Decider struct {
	File  string `json:"file"`
	Line  int    `json:"line"`
	Text  string `json:"text"`
	Chain string `json:"chain,omitempty"` // "filter/FORWARD"
	// Calls are the jumps that led to it, outermost first.
	Calls []Decider `json:"calls,omitempty"`
	// Note says what the text does not show, such as "implicit deny".
	Note string `json:"note,omitempty"`
}

// DependsOn is a condition that an export can't decide.
type DependsOn struct {
	Kind     string           `json:"kind"`
	Text     string           `json:"text"`
	Location *source.Location `json:"location,omitempty"`
	// Supply says what would decide it, if it can be supplied.
	Supply string `json:"supply,omitempty"`
}

// Near is a rule that fails to let a flow pass in one field only.
type Near struct {
	File   string `json:"file"`
	Line   int    `json:"line"`
	Text   string `json:"text"`
	Field  string `json:"field"`  // "source", "destination port" …
	Reason string `json:"reason"` // "allows 10.10.0.0/25; the flow comes from 10.10.0.200"
}

// Finding is one thing that is wrong, with all the flows that it hits.
type Finding struct {
	Rule     string        `json:"rule"`
	Severity diag.Severity `json:"severity"`
	Message  string        `json:"message"`
	// Advice says what to do; Effect what SUM's users will see.
	Advice   string          `json:"advice,omitempty"`
	Effect   string          `json:"effect,omitempty"`
	Flows    []string        `json:"flows"`
	Servers  []string        `json:"servers"`
	Targets  []string        `json:"targets"`
	Firewall string          `json:"firewall"`
	Location source.Location `json:"location"`
	// Related are further places: the topology's block.
	Related     []Related `json:"related,omitempty"`
	Fingerprint string    `json:"fingerprint"`
	Waived      bool      `json:"waived"`
	// WaivedBy is the waiver's reason, "baseline" for one in the baseline file.
	WaivedBy string `json:"waived_by,omitempty"`
	// Class is the facts' class and Hop the place in its hops that the finding is about; -1 for none.
	Class string `json:"class,omitempty"`
	Hop   int    `json:"hop"`
}

// Related is a further place that belongs to a finding.
type Related struct {
	Message  string          `json:"message"`
	Location source.Location `json:"location"`
}

// Decision is something that the plan decides away: a target in mode local or web, a
// rule that is switched off.
type Decision struct {
	// Target is the target, or the rule.
	Target  string `json:"target"`
	Message string `json:"message"`
}

// Waiver is a waiver of the plan, used or not.
type Waiver struct {
	Rule     string          `json:"rule"`
	Scope    string          `json:"scope"` // "target rack-a, port 80"
	Reason   string          `json:"reason"`
	Until    string          `json:"until,omitempty"`
	Used     bool            `json:"used"`
	Expired  bool            `json:"expired"`
	Location source.Location `json:"location"`
}

// Assumption is something that was taken for granted.
type Assumption struct {
	ID       string `json:"id"`
	Firewall string `json:"firewall,omitempty"`
	Message  string `json:"message"`
}

// Diagnostic is something that is wrong with an input.
type Diagnostic struct {
	Severity diag.Severity   `json:"severity"`
	Origin   diag.Origin     `json:"origin"`
	Message  string          `json:"message"`
	Location source.Location `json:"location"`
	// Snippet is the line that Location names; Width how many of its code points are meant.
	Snippet string `json:"snippet,omitempty"`
	Width   int    `json:"width,omitempty"`
}

// Rule is a rule that was judged, from its METADATA.
type Rule struct {
	ID          string        `json:"id"`
	Title       string        `json:"title"`
	Description string        `json:"description"`
	Severity    diag.Severity `json:"severity"`
	Related     []string      `json:"related,omitempty"`
}

// Count makes the summary of the flows and findings; exports and rule lines stay.
func (r *Report) Count() {
	s := Summary{Flows: len(r.Flows), Exports: r.Summary.Exports, RuleLines: r.Summary.RuleLines}
	for i := range r.Flows {
		switch f := &r.Flows[i]; {
		case f.Must == Never:
			s.Forbidden++
		case f.Verdict == Allowed:
			s.Allowed++
		case f.Verdict == Blocked:
			s.Blocked++
		case f.Verdict == Partial:
			s.Partial++
		case f.Verdict == Conditional:
			s.Conditional++
		}
	}
	for i := range r.Findings {
		switch f := &r.Findings[i]; {
		case f.Waived:
			s.Waived++
		case f.Severity == diag.Error:
			s.Errors++
		case f.Severity == diag.Warning:
			s.Warnings++
		default:
			s.Notes++
		}
	}
	r.Summary = s
}
