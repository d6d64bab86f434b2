package acl

import (
	"strings"
	"testing"
)

// TestASALines proves that "line" is the position at which an ASA inserts an entry when
// its turn comes, and no key to sort by.
func TestASALines(t *testing.T) {
	asa := func(entries ...string) string {
		text := "acls: [{name: A, acl_type: extended, aces: ["
		for _, e := range entries {
			line, what, _ := strings.Cut(e, " ")
			number := ""
			if line != "-" {
				number = "line: " + line + ", "
			}
			switch {
			case what == "remark":
				text += "{" + number + "remark: deny all}, "
			default:
				text += "{" + number + "grant: " + what + ", protocol: tcp, " + anyone + "}, "
			}
		}
		return text + "]}]"
	}
	judge(t, "a in=A;b", []entryCase{
		{"none has a line", asa("- deny", "- permit"), "", "drop"},
		{"the second goes before the first", asa("- deny", "1 permit"), "", "pass"},
		{"the second stays behind", asa("- deny", "2 permit"), "", "drop"},
		{"the first has a line, the second goes to the end", asa("1 deny", "- permit"), "", "drop"},
		{"the first has a high line, the second goes to the end", asa("100 deny", "- permit"), "", "drop"},
		{"gaps", asa("10 deny", "20 permit"), "", "drop"},
		{"backwards", asa("2 deny", "1 permit"), "", "pass"},
		{"three, and a remark", asa("- deny", "1 remark", "1 permit"), "", "pass"},
		{"a remark takes a line", asa("1 remark", "- deny", "2 permit"), "", "pass"},
		{"a remark takes a line, and the entry goes behind", asa("- remark", "- deny", "3 permit"), "", "drop"},
		{"past the end, and backwards", asa("20 permit", "10 deny"), "line 10 is past the end of the list, which has 1 lines", "maybe"},
		{"one line twice", asa("1 permit", "1 deny"), "the number 1 is in this ACL twice", "maybe"},
		{"an unreadable line", asa("- permit", "1O deny"), `line is "1O"`, "maybe"},
		{"a line after an unreadable one", asa("- permit", "1O remark", "2 deny"), `line is "1O"`, "maybe"},
		{"no line after an unreadable one", asa("- permit", "1O remark", "- deny"), `line is "1O"`, "pass"},
	})
}

// TestLostPlaces proves that an entry whose number can't be read is feared at each place
// of the list, for the packets that it matches.
func TestLostPlaces(t *testing.T) {
	ios := func(entries ...string) string {
		text := "config: [{afi: ipv4, acls: [{name: A, acl_type: extended, aces: ["
		for _, e := range entries {
			text += "{" + e + ", " + anyone + "}, "
		}
		return text + "]}]}]"
	}
	const permit, deny = "grant: permit, protocol: tcp", "grant: deny, protocol: tcp"
	vyos := func(number string) string {
		return "- afi: ipv4\n  rule_sets: [{name: A, rules: [{number: 2, action: accept}, {number: " + number + ", action: drop}]}]\n"
	}
	judge(t, "a in=A;b", []entryCase{
		{"ios: a later one", ios("sequence: 10, "+permit, "sequence: 1O, "+deny), `sequence is "1O"`, "maybe"},
		{"ios: of another protocol", ios("sequence: 10, "+permit, "sequence: 1O, grant: deny, protocol: udp"), `sequence is "1O"`, "pass"},
		{"ios: one without a number after it", ios("sequence: 1O, grant: deny, protocol: udp", deny, "sequence: 15, "+permit), `sequence is "1O"`, "maybe"},
		{"ios: one with a number after it", ios("sequence: 1O, grant: deny, protocol: udp", "sequence: 15, "+permit, "sequence: 20, "+deny), `sequence is "1O"`, "pass"},
		{"ios: under a misspelt key", ios("sequence: 10, "+permit, "sequnce: 5, "+deny), `Did you mean "sequence"?`, "maybe"},
		{"eos: in raw text", "eos_acls: {config: [{afi: ipv4, acls: [{name: A, aces: [{sequence: 10, " + permit + ", " + anyone + "}, {line: 5 deny ip any any}]}]}]}", "raw text", "maybe"},
		{"ios: a template", ios("sequence: 10, "+permit, "sequence: '{{ n }}', "+deny), "was not rendered", "maybe"},
		{"vyos: a later one", vyos("1O"), `number is "1O"`, "maybe"},
	})
	remark := strings.Replace(ios("sequence: 1O, "+deny, deny, "sequence: 15, "+permit), "sequence: 1O, "+deny+", "+anyone, "sequence: 1O, remarks: [x]", 1)
	judge(t, "a in=A;b", []entryCase{{"ios: after a remark", remark, `sequence is "1O"`, "maybe"}})
}

// TestManyInserts bounds what the lines of a hostile list cost.
func TestManyInserts(t *testing.T) {
	if testing.Short() {
		t.Skip("long")
	}
	text := "acls: [{name: A, acl_type: extended, aces: [" + strings.Repeat("{line: 1, remark: x}, ", 20_000) + "{line: 1, grant: permit, protocol: tcp, " + anyone + "}]}]"
	judge(t, "a in=A;b", []entryCase{{"many", text, "which is the limit", "maybe"}})
}
