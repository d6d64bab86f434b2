package yamltree

import (
	"bytes"
	"regexp"
	"strings"

	"github.com/sumlint/sumlint/parsers/diag"
)

var (
	// fence is a line of Markdown around code, with the code's language after an
	// opening one.
	fence = regexp.MustCompile("^(?:`{3,}|~{3,})[ \t]*([\\w.+-]*)[ \t\r\n]*$")
	// prompt is a line on which somebody typed a command: "user@host:~$ cat x.yaml",
	// "$ cat x.yaml", "router#show run", "PS C:\> type x.yaml".
	prompt = regexp.MustCompile(`^(?:[\w.-]+@[\w.-]+(?::[^\s$#%>]*)?[$#%>]|\[[^\]\s]+ [^\]\s]+\][$#]|[\w.-]+(?:\([\w-]+\))?[#>]|[$%](?:\s|$)|PS [A-Za-z]:\\[^>]*>|[A-Za-z]:\\[^>]*>)`)
)

// around returns which lines are not the YAML's but stand around it in a paste:
// fences and prompts. Both begin a line where no YAML of mappings or lists can.
func (r *reader) around() map[int]bool {
	out := map[int]bool{}
	var fences []int
	open := true // what the fences so far allow
	for n, at := range r.lines {
		line := r.file.Data[at:]
		if n+1 < len(r.lines) {
			line = r.file.Data[at:r.lines[n+1]]
		}
		if n == 0 {
			line = bytes.TrimPrefix(line, []byte("\ufeff"))
		}
		if len(line) == 0 || len(line) > maxShown || line[0] == ' ' || line[0] == '#' {
			continue
		}
		if m := fence.FindSubmatch(line); m != nil {
			open = open && (len(m[1]) == 0 || len(fences)%2 == 0)
			fences = append(fences, n)
		} else if isPrompt(line) {
			out[n] = true
		}
	}
	if open && len(fences)%2 == 0 { // else a part of the paste may be missing
		for _, n := range fences {
			out[n] = true
		}
	}
	return out
}

// isPrompt tells of a prompt that is no key of a mapping.
func isPrompt(line []byte) bool {
	text := strings.TrimRight(string(line), " \t\r\n")
	return prompt.MatchString(text) && !strings.Contains(text, ": ") && !strings.HasSuffix(text, ":")
}

// passedOver warns of the lines around the YAML.
func (r *reader) passedOver(around map[int]bool) {
	if len(around) == 0 {
		return
	}
	first := len(r.lines)
	for n := range around {
		first = min(first, n)
	}
	lines := "lines"
	if len(around) == 1 {
		lines = "line"
	}
	r.diags.Warnf(diag.Export, r.lineSpan(r.lines[first]), "", "text around the YAML is passed over (prompts, fences): %d %s", len(around), lines)
}
