package derive

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/sumlint/sumlint/policies/judge/compile"
)

// Table is the port table as it stands in rego/sumlint/ports/data.yaml, for people to read.
type Table struct {
	// Editions are the tables by SUM version, newest first.
	Editions []Edition `json:"editions" yaml:"editions"`
	// Notes are what the page says outside its table.
	Notes []Note `json:"notes" yaml:"notes"`
	// Ports explains each port that a cell or note names.
	Ports map[string]Port `json:"ports" yaml:"ports"`
	// Effects says what SUM's users see, by direction, where the port does not say it.
	Effects map[string]string `json:"effects" yaml:"effects"`
	// WaysOut says what remains when a port must stay closed, by target type.
	WaysOut map[string]string `json:"ways_out" yaml:"ways_out"`
}

// Edition is the table of a range of SUM versions.
type Edition struct {
	ID   string `json:"id" yaml:"id"`
	Name string `json:"name" yaml:"name"` // "SUM 8.0 and later"
	// First and Last bound the versions, inclusive: major, minor, patch.
	First    []int    `json:"first" yaml:"first"`
	Last     []int    `json:"last" yaml:"last"`
	Source   string   `json:"source" yaml:"source"` // where it was published
	Remarks  []string `json:"remarks,omitempty" yaml:"remarks"`
	Programs Programs `json:"programs" yaml:"programs"`
	Rows     []Row    `json:"rows" yaml:"rows"`
}

// Programs names SUM's own programs on Windows; "" is unknown.
type Programs struct {
	Service string `json:"service" yaml:"service"`
	Binary  string `json:"binary" yaml:"binary"`
}

// Row is a row of the table.
type Row struct {
	Name       string   `json:"name" yaml:"name"`       // as the page prints it: "iLO, VC, FC switch, SAS switch"
	Servers    []string `json:"servers" yaml:"servers"` // systems that run SUM: windows, linux
	Targets    []string `json:"targets" yaml:"targets"` // target types
	Inventory  Cells    `json:"inventory" yaml:"inventory"`
	Deployment Cells    `json:"deployment" yaml:"deployment"`
}

// Cells are the two cells of a row for one phase. A port in parentheses is optional.
type Cells struct {
	ToTarget   []string `json:"to_target" yaml:"to-target"`
	FromTarget []string `json:"from_target" yaml:"from-target"`
}

// Note is a flow that the page's notes call for.
type Note struct {
	Name      string   `json:"name" yaml:"name"`
	Port      string   `json:"port" yaml:"port"`
	Direction string   `json:"direction" yaml:"direction"`
	Need      string   `json:"need" yaml:"need"`
	Servers   []string `json:"servers,omitempty" yaml:"servers"` // none: every system
	Targets   []string `json:"targets,omitempty" yaml:"targets"` // none: every type
	Sender    *Program `json:"sender,omitempty" yaml:"sender"`
	Text      string   `json:"text" yaml:"text"` // as the page prints it
}

// Port explains a port of the table.
type Port struct {
	Protocol string `json:"protocol" yaml:"protocol"`
	// Option is the SUM option whose value takes the port's place; "" where it is fixed.
	Option   string   `json:"option,omitempty" yaml:"option"`
	Source   string   `json:"source,omitempty" yaml:"source"` // the client's port, where it is fixed
	Answer   *bool    `json:"answer,omitempty" yaml:"answer"` // false: none is waited for
	Service  string   `json:"service" yaml:"service"`
	Entry    bool     `json:"entry,omitempty" yaml:"entry"`
	Opened   bool     `json:"opened,omitempty" yaml:"opened"`
	NetBIOS  bool     `json:"netbios,omitempty" yaml:"netbios"`
	Listener *Program `json:"listener,omitempty" yaml:"listener"`
	Sender   *Program `json:"sender,omitempty" yaml:"sender"`
	// WindowsRules are the predefined rules of Windows that open it.
	WindowsRules []string `json:"windows_rules,omitempty" yaml:"windows_rules"`
	Effect       string   `json:"effect" yaml:"effect"`
}

// Program is a program and service on Windows.
type Program struct {
	Program string `json:"program" yaml:"program"`
	Service string `json:"service" yaml:"service"`
}

// LoadTable reads the port table.
func LoadTable() (*Table, error) {
	var t Table
	if err := compile.Table(&t); err != nil {
		return nil, err
	}
	return &t, nil
}

// Find returns the edition with this ID, or the one that counts for this version of
// SUM, as sumlint.flows chooses it. "" is the newest.
func (t *Table) Find(version string) (*Edition, error) {
	for i := range t.Editions {
		if e := &t.Editions[i]; version == "" || e.ID == version {
			return e, nil
		}
	}
	known := "Known are: " + strings.Join(t.Names(), "; ") + "."
	numbers, ok := versionNumbers(version)
	if !ok {
		return nil, fmt.Errorf("%q is no version number: write one such as 8.9.0, digits and dots only. %s", version, known)
	}
	for i := range t.Editions {
		if e := &t.Editions[i]; slices.Compare(e.First, numbers) <= 0 && slices.Compare(numbers, e.Last) <= 0 {
			return e, nil
		}
	}
	return nil, fmt.Errorf("no port table is known for SUM %s. %s", version, known)
}

// versionNumbers reads major, minor and patch of a version of one to four numbers.
func versionNumbers(version string) ([]int, bool) {
	numbers := make([]int, 3)
	parts := strings.Split(version, ".")
	for i, part := range parts {
		n, err := strconv.ParseUint(part, 10, 16)
		if err != nil || len(part) > 4 || len(parts) > 4 {
			return nil, false
		}
		if i < len(numbers) {
			numbers[i] = int(n)
		}
	}
	return numbers, true
}

// Names are the names of the editions, newest first: the versions that are known.
func (t *Table) Names() []string {
	names := make([]string, len(t.Editions))
	for i, e := range t.Editions {
		names[i] = e.Name
	}
	return names
}

// TargetTypes are the target types of all editions, sorted.
func (t *Table) TargetTypes() []string {
	var types []string
	for _, e := range t.Editions {
		for _, r := range e.Rows {
			types = append(types, r.Targets...)
		}
	}
	slices.Sort(types)
	return slices.Compact(types)
}

// Cell is a cell as the page prints it: "22, (80), 443", or "None".
func Cell(ports []string) string {
	if len(ports) == 0 {
		return "None"
	}
	return strings.Join(ports, ", ")
}
