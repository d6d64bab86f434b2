package netsh

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/unicode"

	"github.com/sumlint/sumlint/parsers/netsh/hive"
)

// listHive turns a registry hive into a listing in the form of `reg query`, so that
// places in it have lines. The error says what of it is damaged.
func listHive(raw []byte) ([]byte, error) {
	var out bytes.Buffer
	key := "\x00"
	err := hive.Walk(raw, func(v hive.Value) {
		if v.Key != key {
			key = v.Key
			fmt.Fprintf(&out, "HKEY_LOCAL_MACHINE\\%s\n", oneLine(key))
		}
		if n, ok := v.Number(); ok {
			fmt.Fprintf(&out, "    %s    REG_DWORD    0x%x\n", oneLine(v.Name), n)
		} else if v.Type == hive.String || v.Type == hive.ExpandString {
			fmt.Fprintf(&out, "    %s    REG_SZ    %s\n", oneLine(v.Name), oneLine(v.Text()))
		} else if v.Name != "" { // among the rules there is no other
			fmt.Fprintf(&out, "    %s    REG_NONE\n", oneLine(v.Name))
		}
	})
	if err != nil {
		carve(&out, raw)
	}
	return out.Bytes(), err
}

// oneLine keeps a name or string on its line.
func oneLine(s string) string {
	if strings.ContainsAny(s, "\r\n\x00") || !utf8.ValidString(s) {
		s = strings.ToValidUTF8(strings.NewReplacer("\r", " ", "\n", " ", "\x00", " ").Replace(s), "\uFFFD")
	}
	return s
}

// carve adds the rule strings that stand anywhere in a damaged hive and not in the
// listing yet.
func carve(out *bytes.Buffer, raw []byte) {
	listed := map[string]bool{}
	for line := range strings.Lines(out.String()) {
		if at := ruleStringAt(line); at >= 0 {
			listed[strings.TrimSuffix(line[at:], "\n")] = true
		}
	}
	header := false
	for at := 0; ; {
		n := bytes.Index(raw[at:], []byte("v\x002\x00.\x00"))
		if n < 0 {
			return
		}
		at += n
		end := at
		for end+1 < len(raw) && end-at < maxLine && (raw[end] != 0 || raw[end+1] != 0) {
			end += 2
		}
		text, err := unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM).NewDecoder().Bytes(raw[at:end])
		line := oneLine(string(text))
		if err == nil && ruleStringAt(line) == 0 && !listed[line] {
			listed[line] = true
			if !header {
				header = true
				out.WriteString("HKEY_LOCAL_MACHINE\\FirewallRules\n")
			}
			fmt.Fprintf(out, "    carved    REG_SZ    %s\n", line)
		}
		at = max(end, at+2)
	}
}
