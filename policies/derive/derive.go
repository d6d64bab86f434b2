// Package derive asks the policy sumlint.flows which flows a combination of server
// system, target type, version and options needs. The port table itself is data in rego/.
package derive

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"

	"github.com/sumlint/sumlint/policies/facts"
	"github.com/sumlint/sumlint/policies/judge/compile"
)

// Deriver answers for combinations and remembers its answers. It is safe for
// concurrent use.
type Deriver struct {
	query rego.PreparedEvalQuery
	mu    sync.Mutex
	known map[string]answer
}

type answer struct {
	templates []facts.Template
	problem   *Problem
}

// Kinds of Problem.
const (
	UnknownVersion = "unknown-version" // no edition of the table is known for it
	NoRow          = "no-row"          // the edition has no row for the pair
)

// Problem is why a combination has no flows.
type Problem struct {
	Kind    string `json:"kind"`
	Message string `json:"message"`
	// Known names the editions that would do: all of them for an unknown version, those
	// with such a row for a missing row; it may then be empty.
	Known []string `json:"known"`
}

// Error is the message with what is known.
func (p *Problem) Error() string {
	if len(p.Known) == 0 {
		return p.Message
	}
	known := strings.Join(p.Known, "; ")
	if p.Kind == NoRow {
		return fmt.Sprintf("%s It stands in: %s.", p.Message, known)
	}
	return fmt.Sprintf("%s Known are: %s.", p.Message, known)
}

// New compiles the policy.
func New(ctx context.Context) (*Deriver, error) {
	terms, err := compile.NewTerms()
	if err != nil {
		return nil, err
	}
	files, err := compile.BuiltIn(false, "sumlint/flows/")
	if err != nil {
		return nil, err
	}
	modules := map[string]*ast.Module{}
	for _, file := range files {
		if modules[file.Name], err = terms.Parse(file); err != nil {
			return nil, err
		}
	}
	compiler, err := terms.Compile(modules)
	if err != nil {
		return nil, err
	}
	store, err := compile.Store()
	if err != nil {
		return nil, err
	}
	query, err := rego.New(
		rego.Compiler(compiler),
		rego.Store(store),
		rego.StrictBuiltinErrors(true),
		rego.Query("templates = data.sumlint.flows.templates; problems = [p | p = data.sumlint.flows.problem]"),
	).PrepareForEval(ctx)
	if err != nil {
		return nil, err
	}
	return &Deriver{query: query, known: map[string]answer{}}, nil
}

// Templates returns the flows of a combination, sorted by direction, row, protocol and
// port. The error is a *Problem where the table has none for it. The caller must not
// change the result.
func (d *Deriver) Templates(ctx context.Context, c facts.Combination) ([]facts.Template, error) {
	key, err := json.Marshal(c)
	if err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	found, ok := d.known[string(key)]
	if !ok {
		if found, err = d.ask(ctx, c); err != nil {
			return nil, err
		}
		d.known[string(key)] = found
	}
	if found.problem != nil {
		return nil, found.problem
	}
	return found.templates, nil
}

func (d *Deriver) ask(ctx context.Context, c facts.Combination) (answer, error) {
	if c.Phases == nil {
		c.Phases = []string{}
	}
	results, err := d.query.Eval(ctx, rego.EvalInput(c))
	if err != nil {
		return answer{}, err
	}
	if len(results) != 1 {
		return answer{}, fmt.Errorf("sumlint.flows has %d results for one combination", len(results))
	}
	text, err := json.Marshal(results[0].Bindings)
	if err != nil {
		return answer{}, err
	}
	var got struct {
		Templates []facts.Template `json:"templates"`
		Problems  []*Problem       `json:"problems"`
	}
	if err := json.Unmarshal(text, &got); err != nil {
		return answer{}, err
	}
	slices.SortFunc(got.Templates, compare)
	a := answer{templates: got.Templates}
	if len(got.Problems) > 0 {
		a.problem = got.Problems[0]
	}
	return a, nil
}

// compare orders templates as people read them: to the target, back, local, browser;
// by port and protocol in each.
func compare(a, b facts.Template) int {
	order := []string{"to-target", "from-target", "local", "browser"}
	return cmp.Or(
		slices.Index(order, a.Direction)-slices.Index(order, b.Direction),
		first(a.Port)-first(b.Port),
		strings.Compare(a.Protocol, b.Protocol),
		strings.Compare(a.Port, b.Port),
		strings.Compare(a.Row, b.Row),
	)
}

// first is the first port of "N" or "a-b".
func first(ports string) int {
	text, _, _ := strings.Cut(ports, "-")
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0
	}
	return n
}
