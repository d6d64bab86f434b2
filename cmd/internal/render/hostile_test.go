package render

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"os/exec"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/net/html"

	"github.com/sumlint/sumlint/policies/report"
)

// hostile are texts that a stranger may put into a comment, a name or a file name.
var hostile = map[string]string{
	"terminal":     "\x1b[2J\x1b]0;title\x07\x1b]8;;http://evil\x1b\\x\u009b31m\r\x08\x7f",
	"command":      "\n::error file=a::pwned\r\n::stop-commands::x\n##[error]x\n::add-mask::a",
	"html":         `"'><script>alert(1)</script><img src=x onerror=alert(1)><!-- --></style></title>{{.}}`,
	"css and js":   `";alert(1)//</script><style>@import "//evil"</style>javascript:alert(1)`,
	"markdown":     "`|*_[a](http://evil) ![i](//evil) <b> \\ ~~ ||\n# h\n- x\n```\n</details>@octocat #1 GH-1 www.evil.com http://evil a@evil.com",
	"mermaid":      "\"]; click n0 \"javascript:alert(1)\"\nend\n%%{init: {}}%%\nn0 --> n1;`x`",
	"formula":      "=cmd|' /C calc'!A0\n+1\n-1\n@SUM(A1)",
	"direction":    "\u202eevil\u2066\u200f\u061c",
	"invisible":    "a\u200b\ufeff\u2060\U000e0041\u00ad\u034f",
	"separators":   "a\u2028b\u2029c\u0085d\ve\ff",
	"broken":       "\xff\xfe\xc3(\xed\xa0\x80\xf4\x90\x80\x80",
	"noncharacter": "\ufffe\uffff\U0010ffff\x00\ufffd",
	"xml":          "]]><![CDATA[<!DOCTYPE a [<!ENTITY b SYSTEM \"file:///etc/passwd\">]>&b;",
	"sarif":        "[a](1) {0} {{ }} [b](https://evil)",
	"path":         "../../etc/passwd",
	"combining":    strings.Repeat("e\u0301\u0301\u0301\u0301", 40),
	"long":         strings.Repeat("verylong", 1024),
}

// poison puts the text around every text, and where kinds is set around those that
// are one of a few words of the program's own besides: verdicts, severities,
// directions, hooks.
func poison(text string, kinds bool) *report.Report {
	r := dataCentre()
	r.Diagnostics = append(r.Diagnostics, unreadReport().Diagnostics...)
	poisonValue(reflect.ValueOf(r).Elem(), text, kinds)
	return r
}

func poisonValue(v reflect.Value, text string, kinds bool) {
	switch v.Kind() {
	case reflect.String:
		if kinds || v.Type() == reflect.TypeFor[string]() {
			v.SetString(text + v.String() + text)
		}
	case reflect.Pointer:
		if !v.IsNil() {
			poisonValue(v.Elem(), text, kinds)
		}
	case reflect.Slice:
		for i := range v.Len() {
			poisonValue(v.Index(i), text, kinds)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if name := v.Type().Field(i).Name; !kinds && (name == "Direction" || name == "Hook" || name == "Leg") {
				continue
			}
			poisonValue(v.Field(i), text, kinds)
		}
	}
}

// harmless are what must hold for a format beside what holds for all.
var harmless = map[string]func(t *testing.T, out []byte){
	"sarif": harmlessSARIF, "junit": harmlessJUnit, "github": harmlessGitHub, "markdown": harmlessMarkdown, "html": harmlessHTML,
}

func TestHostile(t *testing.T) {
	for name, text := range hostile {
		for _, kinds := range []bool{false, true} {
			r := poison(text, kinds)
			for _, f := range Formats() {
				if kinds && f.Name == "text" {
					continue // it writes these words as they are: no input reaches them
				}
				out := write(t, r, f.Write)
				t.Run(name+"/"+f.Name, func(t *testing.T) {
					noControls(t, string(out))
					if check := harmless[f.Name]; check != nil {
						check(t, out)
					}
				})
			}
		}
	}
}

// noControls fails for anything that moves a cursor, turns text around or hides it.
func noControls(t *testing.T, s string) {
	t.Helper()
	if !utf8.ValidString(s) {
		t.Error("it is no UTF-8")
	}
	for i, r := range s {
		if r != '\n' && !safe(r) {
			t.Fatalf("it holds %U near %q", r, s[max(0, i-40):i])
		}
	}
}

func harmlessSARIF(t *testing.T, out []byte) {
	var value any
	if err := json.Unmarshal(out, &value); err != nil {
		t.Fatal(err)
	}
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case string:
			noControls(t, v)
		case []any:
			for _, e := range v {
				walk(e)
			}
		case map[string]any:
			for _, e := range v {
				walk(e)
			}
		}
	}
	walk(value)
	for _, m := range regexp.MustCompile(`"text": ".*\]\(([^)]*)\)`).FindAllSubmatch(out, -1) {
		if !regexp.MustCompile(`^\d+$`).Match(m[1]) {
			t.Errorf("a message links to %q", m[1])
		}
	}
}

func harmlessJUnit(t *testing.T, out []byte) {
	var root junitRoot
	if err := xml.Unmarshal(out, &root); err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(out, []byte("<!")) {
		t.Error("it holds a declaration or a CDATA section")
	}
}

func harmlessGitHub(t *testing.T, out []byte) {
	for line := range strings.Lines(string(out)) {
		c, ok := readCommand(strings.TrimSuffix(line, "\n"))
		switch {
		case !ok && !strings.HasPrefix(strings.TrimSpace(line), "::"):
		case ok && (c.Name == "error" || c.Name == "warning" || c.Name == "notice"):
			for key := range c.Properties {
				if !strings.Contains(" file line col title ", " "+key+" ") {
					t.Errorf("property %q in %q", key, line)
				}
			}
		default:
			t.Errorf("command %q", line)
		}
	}
}

// The lines that a diagram may consist of.
var mermaidLine = regexp.MustCompile(`^(flowchart LR|end|subgraph z\d+\["[^"]*"\]|z\d+\["[^"]*"\]|class z\d+ zone|n\d+(\[|\(\[|\{\{)"[^"]*"(\]|\]\)|\}\}):::(server|target|firewall|bad)|z\d+ --- n\d+|n\d+ --- z\d+|n\d+ (--x|-->|-\.->)\|"[^"]*"\| n\d+|classDef \w+ [\w:#,]+|linkStyle \d+ [\w:#,-]+|%% the diagram is cut.*)$`)

// markdownTags are the elements of which a report consists.
var markdownTags = map[string]bool{"h2": true, "p": true, "strong": true, "em": true, "code": true, "pre": true, "br": true, "table": true, "thead": true,
	"tbody": true, "tr": true, "th": true, "td": true, "ul": true, "li": true, "details": true, "summary": true, "html": true, "head": true, "body": true}

func harmlessMarkdown(t *testing.T, out []byte) {
	if len(out) >= markdownCommentSize {
		t.Errorf("%d bytes are too many for a comment", len(out))
	}
	text := string(out)
	if before, rest, ok := strings.Cut(text, "```mermaid\n"); ok {
		diagram, after, _ := strings.Cut(rest, "```")
		for line := range strings.Lines(diagram) {
			if line = strings.TrimSpace(line); !mermaidLine.MatchString(line) {
				t.Errorf("line of the diagram: %q", line)
			}
		}
		text = before + after
	}
	cmark, err := exec.LookPath("cmark-gfm")
	if err != nil {
		t.Log("cmark-gfm is not installed: only the source is checked")
		if m := regexp.MustCompile(`@\w|#\d|://|</?(script|img|a|style)\b|www\.`).FindString(text); m != "" {
			t.Errorf("it holds %q", m)
		}
		return
	}
	cmd := exec.Command(cmark, "--unsafe", "-e", "table", "-e", "autolink", "-e", "strikethrough", "-e", "tasklist")
	cmd.Stdin = strings.NewReader(text)
	page, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	root, err := html.Parse(bytes.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	mention := regexp.MustCompile(`(^|\W)@\w|(^|\W)#\d|\b(?i:gh)-\d`)
	for n := range root.Descendants() {
		switch {
		case n.Type == html.ElementNode && !markdownTags[n.Data]:
			t.Errorf("element %s", n.Data)
		case n.Type == html.TextNode && mention.MatchString(n.Data):
			t.Errorf("text %q mentions somebody or something", mention.FindString(n.Data))
		case n.Type == html.CommentNode && n.Data != " sumlint report ":
			t.Errorf("comment %q", n.Data)
		}
	}
}

// htmlTags are the elements of which a report consists, besides the frame.
var htmlTags = " html head meta title link style body a header div p b span h1 h2 h3 ul ol li small svg rect path circle g text nav form label input fieldset legend button output main section article code dl dt dd details summary table caption thead tbody tr th td pre mark footer script "

func harmlessHTML(t *testing.T, out []byte) {
	root, err := html.Parse(bytes.NewReader(out))
	if err != nil {
		t.Fatal(err)
	}
	count, ids := map[string]int{}, map[string]bool{}
	for n := range root.Descendants() {
		if n.Type == html.CommentNode {
			t.Errorf("comment %q", n.Data)
		}
		if n.Type != html.ElementNode {
			continue
		}
		count[n.Data]++
		if !strings.Contains(htmlTags, " "+n.Data+" ") {
			t.Errorf("element %s", n.Data)
		}
		for _, a := range n.Attr {
			switch {
			case strings.HasPrefix(a.Key, "on") || a.Key == "style" || a.Key == "src" || a.Key == "action" || a.Key == "srcset":
				t.Errorf("attribute %s=%q", a.Key, a.Val)
			case a.Key == "href" && !strings.HasPrefix(a.Val, "#") && a.Val != "data:,":
				t.Errorf("a link to %q", a.Val)
			case a.Key == "id" && ids[a.Val]:
				t.Errorf("id %q stands twice", a.Val)
			case a.Key == "id":
				ids[a.Val] = true
			}
		}
	}
	for _, one := range []string{"script", "style", "link", "title", "h1", "main"} {
		if n := count[one]; n != 1 && !(one == "title" && n > 1) { // SVG has titles of its own
			t.Errorf("%d elements %s", n, one)
		}
	}
}
