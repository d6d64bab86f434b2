package netsh

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sumlint/sumlint/parsers/packet"
)

// corpus is where real exports lie that are not part of the repository.
const corpus = "../../../shared/corpus/netsh"

func readCorpus(t testing.TB, name string) []byte {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(corpus, name))
	if os.IsNotExist(err) {
		t.Skip("no corpus of real exports here")
	}
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// TestCorpus reads every real export, or refuses it as it should.
func TestCorpus(t *testing.T) {
	type result struct {
		Rules, Count int
		Language     string
		Encoding     string
		Says         string // the first diagnostic, up to its colon
	}
	want := map[string]result{
		"aerleon_script_WindowsAdvFirewallTest.testIcmpTypes.txt":    {3, 3, "", "utf-8", ""},
		"aerleon_script_WindowsAdvFirewallTest.testMiscProtocol.txt": {2, 2, "", "utf-8", ""},
		"aerleon_script_WindowsAdvFirewallTest.testTcp.txt":          {1, 1, "", "utf-8", ""},
		"en_dump_not_implemented.txt":                                {0, 0, "", "utf-8", "error: this is the notice of `netsh advfirewall dump`, and no usable export"},
		"en_legacy_show_config.txt":                                  {0, 0, "", "utf-8", "error: this is the output of the deprecated `netsh firewall show`, and no usable export"},
		"en_legacy_show_state.txt":                                   {0, 0, "", "utf-8", "error: this is the output of the deprecated `netsh firewall show`, and no usable export"},
		"en_show_allprofiles.txt":                                    {0, 0, "", "utf-8", ""},
		"en_show_allprofiles_state_neurorishika.txt":                 {0, 0, "", "utf-8", ""},
		"en_verbose_3rules_assembled.txt":                            {3, 3, "en", "utf-8", ""},
		"geoffwilliams_fwpolicy_full.extracted_rules.txt":            {447, 447, "", "utf-8", ""},
		"geoffwilliams_fwpolicy_full.wfw":                            {452, 452, "", "regf", ""}, // five are of version 2.0, which the list beside it leaves out
		"jdamborsky_export-firewallrules.csv":                        {0, 366, "", "utf-8", "error: this is a table of PowerShell's Get-NetFirewallRule or of a tool on top of it, and no usable export"},
		"loc_de_verbose_fixture.txt":                                 {1, 1, "de", "utf-8", "warning: the labels of a netsh dump in German are not verified on a real dump"},
		"loc_es.cp850.txt":                                           {3, 3, "es", "850", ""},
		"loc_es.txt":                                                 {3, 3, "es", "utf-8", ""},
		"loc_fr_fixture.txt":                                         {6, 6, "fr", "utf-8", "warning: the labels of a netsh dump in French are not verified on a real dump"},
		"loc_ja.cp932.txt":                                           {1, 1, "ja", "932", ""},
		"loc_ja.txt":                                                 {1, 1, "ja", "utf-8", ""},
		"loc_ptBR_verbose.txt":                                       {1, 1, "pt", "utf-8", ""},
		"scorchefix_gpo_domainprofile_utf16le.reg":                   {0, 0, "", "utf-16le", ""},
		"vishalnij_psgetnetfirewallrule_utf16le.txt":                 {0, 522, "", "utf-16le", "error: this is PowerShell's Get-NetFirewallRule as a list, and no usable export"},
		"z2gk_first40_utf16le_bom_reencoded.txt":                     {40, 40, "en", "utf-16le", "error: the listing is cut off"},
		"z2gk_winfw_en_all.txt":                                      {592, 592, "en", "utf-8", ""},
	}
	got := map[string]result{}
	for name := range want {
		raw := readCorpus(t, name)
		doc, diags := Parse(name, raw, "")
		r := result{Rules: len(doc.Rules), Count: doc.RuleCount, Language: doc.Language, Encoding: doc.Encoding}
		if len(diags) > 0 {
			head, _, _ := strings.Cut(diags[0].Summary, ":")
			r.Says = string(diags[0].Severity) + ": " + head
		}
		got[name] = r
		if !Recognise(raw) {
			t.Errorf("%s is not recognised", name)
		}
		Compile(Input{Docs: []*Doc{doc}})
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestCorpusVerdicts judges real exports.
func TestCorpusVerdicts(t *testing.T) {
	for _, tt := range []struct {
		file string
		want map[string]string
	}{
		// A laptop: file sharing is off, and programs are hidden; nothing blocks outbound.
		{"z2gk_winfw_en_all.txt", map[string]string{smb: "conditional", client: "allowed", "in udp 10.0.0.5:137 10.1.1.1:137 system": "conditional"}},
		// The registry names programs, packages and devices: file sharing is off, and that is
		// sure; 135 is open in the domain profile, for remote assistance.
		{"geoffwilliams_fwpolicy_full.wfw", map[string]string{smb: "blocked", smb + " public": "blocked", mapper: "allowed", mapper + " private": "blocked", wmi: "blocked", sum: "blocked", client: "allowed"}},
		{"en_show_allprofiles.txt", map[string]string{smb: "allowed", smb + " public": "allowed", client: "allowed"}},
	} {
		doc, _ := Parse(tt.file, readCorpus(t, tt.file), "")
		fw, _ := Compile(Input{Docs: []*Doc{doc}})
		for line, want := range tt.want {
			if got := evalFirewall(fw, parseConn(line)).String(); got != want {
				t.Errorf("%s: %s: got %s, want %s", tt.file, line, got, want)
			}
		}
	}
}

// TestCorpusRoles finds the predefined rules in real exports.
func TestCorpusRoles(t *testing.T) {
	for _, file := range []string{"z2gk_winfw_en_all.txt", "geoffwilliams_fwpolicy_full.wfw"} {
		doc, _ := Parse(file, readCorpus(t, file), "")
		got := map[string]int{}
		for i := range doc.Rules {
			if role := doc.Rules[i].Role(); role != "" {
				got[role]++
			}
		}
		want := map[string]int{}
		for _, role := range Roles() {
			want[role] = 2 // one for the domain profile, one for the others
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", file, diff)
		}
	}
}

func TestCorpusSettings(t *testing.T) {
	doc, _ := Parse("x.reg", readCorpus(t, "scorchefix_gpo_domainprofile_utf16le.reg"), "")
	if s := doc.Policy[0]; !doc.GroupPolicy || s.State != StateOn || s.Inbound != DefaultBlock {
		t.Errorf("group policy %v, domain profile %+v", doc.GroupPolicy, s)
	}
}

// TestCorpusPlaces: the place of a rule is that of its first line in the file.
func TestCorpusPlaces(t *testing.T) {
	raw := readCorpus(t, "z2gk_winfw_en_all.txt")
	doc, _ := Parse("x.txt", raw, "")
	lines := strings.Split(string(raw), "\r\n")
	for i := range doc.Rules {
		r := &doc.Rules[i]
		at := r.Span.Position()
		if line := lines[at.Line-1]; line != "Rule Name:                            "+r.Name || r.Span.Text() != line {
			t.Fatalf("rule %d stands at line %d, which is %q", i, at.Line, line)
		}
	}
	if r := &doc.Rules[591]; r.Protocol != packet.OneProtocol(packet.TCP) {
		t.Error(r.Protocol)
	}
}

func BenchmarkDump(b *testing.B) {
	raw := readCorpus(b, "z2gk_winfw_en_all.txt")
	b.SetBytes(int64(len(raw)))
	for b.Loop() {
		doc, _ := Parse("x.txt", raw, "")
		Compile(Input{Docs: []*Doc{doc}})
	}
}

func BenchmarkHive(b *testing.B) {
	raw := readCorpus(b, "geoffwilliams_fwpolicy_full.wfw")
	b.SetBytes(int64(len(raw)))
	for b.Loop() {
		doc, _ := Parse("x.wfw", raw, "")
		Compile(Input{Docs: []*Doc{doc}})
	}
}
