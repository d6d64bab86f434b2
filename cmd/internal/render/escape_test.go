package render

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/sumlint/sumlint/parsers/diag"
	"github.com/sumlint/sumlint/parsers/source"
	"github.com/sumlint/sumlint/policies/report"
)

// escapes are texts and what Escape makes of them.
var escapes = []struct{ name, in, want string }{
	{"plain", `-A FORWARD -j DROP`, `-A FORWARD -j DROP`},
	{"empty", "", ""},
	{"letters of every kind", "Überwachung 規則 правило é ｆｕｌｌ", "Überwachung 規則 правило é ｆｕｌｌ"},
	{"ideographic space", "許可　する", "許可　する"},
	{"emoji", "🔥wall", "🔥wall"},
	{"tab", "a\tb", "a b"},
	{"line ends", "a\nb\r\nc", `a\nb\r\nc`},
	{"terminal escape", "\x1b[2J\x1b]0;title\a", `\x1b[2J\x1b]0;title\a`},
	{"C1 control", "\u009b31m", `\u009b31m`},
	{"NUL and DEL", "\x00\x7f", `\x00\x7f`},
	{"backspace", "ok\b\bno", `ok\b\bno`},
	{"right-to-left override", "a\u202eb", `a\u202eb`},
	{"isolates", "\u2066x\u2069", `\u2066x\u2069`},
	{"zero width", "a\u200bb\ufeff", `a\u200bb\ufeff`},
	{"line separator", "a\u2028b", `a\u2028b`},
	{"tag characters", "a\U000e0041", `a\U000e0041`},
	{"invalid UTF-8", "a\xffb\xc3", `a\xffb\xc3`},
	{"a real replacement character", "a\ufffdb", "a\ufffdb"},
	{"private use", "\ue000", `\ue000`},
}

func TestEscape(t *testing.T) {
	for _, c := range escapes {
		if got := Escape(c.in); got != c.want {
			t.Errorf("%s: Escape(%q) = %q, want %q", c.name, c.in, got, c.want)
		}
	}
	if got, want := EscapeLines("a\x1b\r\nb\n"), "a\\x1b\nb\n"; got != want {
		t.Errorf("EscapeLines = %q, want %q", got, want)
	}
}

// unsafeLine returns the first line with which a terminal would do more than show it.
func unsafeLine(s string) string {
	for line := range strings.SplitSeq(s, "\n") {
		if firstUnsafe(line) != len(line) || !utf8.ValidString(line) {
			return line
		}
	}
	return ""
}

func FuzzEscape(f *testing.F) {
	for _, c := range escapes {
		f.Add(c.in)
	}
	f.Fuzz(func(t *testing.T, s string) {
		once := Escape(s)
		if unsafeLine(once) != "" || strings.Contains(once, "\n") {
			t.Errorf("Escape(%q) = %q is not safe", s, once)
		}
		if Escape(once) != once {
			t.Errorf("Escape(%q) = %q changes when it is escaped again", s, once)
		}
	})
}

// hostileReport holds one text in each place that an input can fill.
func hostileReport(s string) *report.Report {
	at := source.Location{File: s, Line: 3, Column: 2}
	decider := report.Decider{File: s, Line: 3, Text: s, Chain: s, Note: s}
	decider.Calls = []report.Decider{{File: s, Line: 1, Text: s, Chain: s}}
	return &report.Report{
		Flows: []report.Flow{{
			ID: "1", Topology: s, Server: s, Target: s, TargetType: s, Direction: "to-target", Phases: []string{s}, Need: s, Row: s,
			Service: s, Protocol: s, Port: s, SourcePort: s, Source: []string{s}, Destination: []string{s}, Verdict: report.Blocked,
			Hops: []report.Hop{{
				Firewall: s, Hook: "input", Leg: "request", Verdict: report.Blocked, Redirected: s,
				Missing:   []report.Missing{{Source: []string{s}, Destination: []string{s}, Protocol: s, Port: s, SourcePort: s}},
				DecidedBy: []report.Decider{decider},
				DependsOn: []report.DependsOn{{Kind: s, Text: s, Location: &at, Supply: s}},
				Near:      []report.Near{{File: s, Line: 9, Text: s, Field: s, Reason: s}},
			}},
		}},
		Findings: []report.Finding{
			{Rule: s, Severity: diag.Error, Message: s, Advice: s, Effect: s, Flows: []string{"1"}, Servers: []string{s},
				Targets: []string{s}, Firewall: s, Location: at, Related: []report.Related{{Message: s, Location: at}}},
			{Rule: s, Severity: diag.Note, Message: s, Location: at, Waived: true, WaivedBy: s},
		},
		Decisions:   []report.Decision{{Target: s, Message: s}},
		Assumptions: []report.Assumption{{ID: s, Firewall: s, Message: s}},
		Diagnostics: []report.Diagnostic{{Severity: diag.Error, Message: s, Location: at, Snippet: s, Width: 4}},
	}
}

func TestHostileInputStaysHarmless(t *testing.T) {
	for _, c := range escapes {
		r := hostileReport(c.in)
		for _, style := range []Style{{}, {Verbose: true}, {Width: 50}} {
			var b bytes.Buffer
			if err := Text(&b, r, style); err != nil {
				t.Fatal(err)
			}
			if line := unsafeLine(b.String()); line != "" {
				t.Errorf("%s: unsafe line in the text report: %q", c.name, line)
			}
		}
		for _, format := range []string{"text", "csv", "json", "markdown"} {
			var b bytes.Buffer
			if err := Request(&b, r, format, Style{}); err != nil {
				t.Fatal(err)
			}
			if line := unsafeLine(strings.ReplaceAll(b.String(), "\r\n", "\n")); line != "" {
				t.Errorf("%s: unsafe line in the change request as %s: %q", c.name, format, line)
			}
		}
	}
}

// Only `code`, code blocks, lists and paragraphs of a page are markup.
func TestMarkdownPage(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"a <b> `c<d>` e", "a &#60;b&#62; `c<d>` e"},
		{"odd ` one", "odd &#96; one"},
		{"`a` and ` b", "`a` and &#96; b"},
		{"empty `` span", "empty &#96;&#96; span"},
		{"    code first\n\n    goes on\n\nText", "```\ncode first\n\ngoes on\n```\n\nText"},
		{"text\n    goes on", "text\ngoes on"},
		{"```rego\n<x>\n```\ntext", "```\n<x>\n```\n\ntext"},
		{"x\n\n    ````\n    [y](z)", "x\n\n`````\n````\n[y](z)\n`````"},
		{"- item\n- other *", "- item\n- other &#42;"},
		{"# no heading", "&#35;&#8203; no heading"},
	} {
		if got := markdownPage(c.in); got != c.want {
			t.Errorf("markdownPage(%q) =\n%q, want\n%q", c.in, got, c.want)
		}
	}
}
