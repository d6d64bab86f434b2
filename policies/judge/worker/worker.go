// Package worker runs a team's own policies in a child process. OPA bounds neither
// memory nor, at every step, time; a process can be stopped.
package worker

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime/debug"
	"runtime/metrics"
	"time"

	"github.com/sumlint/sumlint/parsers/diag"
	"github.com/sumlint/sumlint/policies/facts"
	"github.com/sumlint/sumlint/policies/judge"
	"github.com/sumlint/sumlint/policies/report"
)

// Limits on the child process.
const (
	MaxMemory = 1 << 30 // bytes
	MaxTime   = judge.DefaultTimeout
	maxOutput = 256 << 20 // bytes
)

// outOfMemory is the child's exit code when it has reached MaxMemory.
const outOfMemory = 86

// Client asks child processes. It answers like judge.Judge.
type Client struct {
	// Command starts the child: the program and its arguments, which lead to Serve.
	Command []string
	// Time bounds each child; 0 is MaxTime.
	Time time.Duration
}

// request is what the child reads, reply what it writes.
type request struct {
	Plan  *facts.Plan  `json:"plan,omitempty"`
	Facts *facts.Facts `json:"facts,omitempty"`
}

type reply struct {
	Flows       []facts.NeedFlow    `json:"flows,omitempty"`
	Findings    []report.Finding    `json:"findings,omitempty"`
	Diagnostics []report.Diagnostic `json:"diagnostics,omitempty"`
}

// Judge returns the findings of all rules.
func (c *Client) Judge(ctx context.Context, f *facts.Facts) ([]report.Finding, error) {
	r, err := c.ask(ctx, request{Facts: f})
	return r.Findings, err
}

// Needs returns the flows that the team's packages declare.
func (c *Client) Needs(ctx context.Context, p *facts.Plan) ([]facts.NeedFlow, error) {
	r, err := c.ask(ctx, request{Plan: p})
	return r.Flows, err
}

func (c *Client) ask(ctx context.Context, q request) (reply, error) {
	limit := c.Time
	if limit == 0 {
		limit = MaxTime
	}
	text, err := json.Marshal(q)
	if err != nil {
		return reply{}, err
	}
	limited, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	child := exec.CommandContext(limited, c.Command[0], c.Command[1:]...)
	child.Env = []string{fmt.Sprintf("GOMEMLIMIT=%d", MaxMemory*9/10), "GOTRACEBACK=none"}
	child.Stdin = bytes.NewReader(text)
	var out, complaint bounded
	child.Stdout, child.Stderr = &out, &complaint
	child.WaitDelay = time.Second
	err = child.Run()
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return reply{}, ctx.Err()
	case limited.Err() != nil:
		return reply{}, stopped("took longer than "+limit.String(), "A rule may loop over every pair of classes, or never end.")
	case errors.As(err, &exit) && exit.ExitCode() == outOfMemory:
		return reply{}, stopped(fmt.Sprintf("need more than %d MiB of memory", MaxMemory>>20), "A rule may build every combination of large sets.")
	case out.full:
		return reply{}, stopped(fmt.Sprintf("print more than %d MiB", maxOutput>>20), "A rule yields far too many findings.")
	case err != nil:
		return reply{}, stopped("ended early: "+err.Error(), complaint.String())
	}
	var r reply
	if err := json.Unmarshal(out.Bytes(), &r); err != nil {
		return reply{}, stopped("gave no readable answer: "+err.Error(), complaint.String())
	}
	return r, problems(r.Diagnostics)
}

func stopped(what, detail string) error {
	return diag.Diagnostic{Severity: diag.Error, Origin: diag.Policy, Summary: "the policies " + what + "; they were stopped", Detail: detail}
}

// problems makes errors of the diagnostics that the child sent.
func problems(list []report.Diagnostic) error {
	var errs []error
	for _, d := range list {
		errs = append(errs, diag.Diagnostic{Severity: d.Severity, Origin: d.Origin, Summary: d.Message, Place: d.Location})
	}
	return errors.Join(errs...)
}

// bounded is a buffer that takes no more than maxOutput.
type bounded struct {
	bytes.Buffer
	full bool
}

func (b *bounded) Write(p []byte) (int, error) {
	if b.Len()+len(p) > maxOutput {
		b.full = true
		return 0, errors.New("too much output")
	}
	return b.Buffer.Write(p)
}

// Serve is the child: it reads one request and writes its reply. It ends the process
// when it needs more memory than MaxMemory.
func Serve(ctx context.Context, in io.Reader, out io.Writer, policyDirs []string) error {
	debug.SetMemoryLimit(MaxMemory * 9 / 10)
	go watch()
	var q request
	if err := json.NewDecoder(in).Decode(&q); err != nil {
		return err
	}
	j, diags := judge.Load(ctx, judge.Options{PolicyDirs: policyDirs, Timeout: MaxTime})
	var r reply
	var err error
	switch {
	case j == nil:
		r.Diagnostics = report.FromDiagnostics(diags)
	case q.Plan != nil:
		r.Flows, err = j.Needs(ctx, q.Plan)
	case q.Facts != nil:
		r.Findings, err = j.Judge(ctx, q.Facts)
	}
	if err != nil {
		r.Diagnostics = report.FromDiagnostics(judge.Diagnostics(err))
	}
	return json.NewEncoder(out).Encode(r)
}

// watch ends the process when it holds more memory than it may.
func watch() {
	sample := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	for range time.Tick(20 * time.Millisecond) {
		metrics.Read(sample)
		if sample[0].Value.Uint64()-sample[1].Value.Uint64() > MaxMemory {
			os.Exit(outOfMemory)
		}
	}
}
