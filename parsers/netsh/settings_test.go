package netsh

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// shielded are settings under which no inbound connection passes in the domain profile.
var shielded = [3]string{"on BlockInboundAlways,AllowOutbound", usual[1], usual[2]}

// TestDamagedSettings: whatever happens to a line of the block that blocks all inbound
// connections, they never surely pass; and where they may, an error says so.
func TestDamagedSettings(t *testing.T) {
	dump := english().dump(parseSpecs([]string{"in allow tcp localport=445", someOut}), true)
	lines := strings.SplitAfter(english().settings(shielded), "\r\n")
	for _, at := range []int{1, 2, 3, 4, 5} {
		line := strings.TrimSuffix(lines[at], "\r\n")
		for what, damaged := range map[string][]string{
			"lost": {}, "twice": {line, line}, "small letters": {strings.ToLower(line)}, "one blank": {strings.Join(strings.Fields(line), " ")}, "no-break blanks": {strings.ReplaceAll(line, " ", "\u00a0")},
			"a tab": {strings.ReplaceAll(line, "  ", "\t")}, "cut": {line[:len(line)/2]}, "cut at its end": {line[:len(line)-2]}, "garbled": {line[:1] + "X" + line[2:]}, "wrapped": {line[:min(38, len(line))], line[min(38, len(line)):]},
			"a colon": {strings.Replace(line, "  ", ": ", 1)}, "#": {"# " + line}, ">": {">" + line}, "|": {"| " + line}, "-": {"-" + line}, "a number": {"4: " + line}, "a blank of no width": {"\u200b" + line}, "another behind": {line + "\u200b"},
			"a blank behind the comma": {strings.ReplaceAll(line, ",", ", ")}, "quoted": {`"` + line + `"`},
		} {
			text := dump + strings.Join(slices.Concat(lines[:at], []string{strings.Join(damaged, "\r\n") + "\r\n"}, lines[at+1:]), "")
			doc, diags := Parse("fw.txt", []byte(text), "")
			fw, _ := Compile(Input{Docs: []*Doc{doc}})
			switch got := evalFirewall(fw, parseConn(smb)).String(); {
			case got == "allowed":
				t.Errorf("%q, %s: allowed: %v", line, what, says(diags))
			case got == "conditional" && !diags.HasErrors():
				t.Errorf("%q, %s: undecided without an error", line, what)
			}
		}
	}
}

// TestDamagedSettingsSay: the errors of damaged blocks.
func TestDamagedSettingsSay(t *testing.T) {
	en := english()
	dump, settings := en.dump(parseSpecs([]string{"in allow tcp localport=445", someOut}), true), en.settings(shielded)
	edit := func(old, new string) string { return dump + strings.Replace(settings, old, new, 1) }
	row := "Firewall Policy                       BlockInboundAlways,AllowOutbound"
	blocked, undecided := map[string]string{smb: "blocked", smb + " private": "allowed"}, map[string]string{smb: "conditional"}
	checkDoubts(t, []doubtTest{
		{"as it should be", dump + settings, nil, blocked},
		{"one blank", edit(row, "Firewall Policy BlockInboundAlways,AllowOutbound"), nil, blocked},
		{"no line of dashes", edit("Domain Profile Settings: \r\n"+strings.Repeat("-", 70)+"\r\n", "Domain Profile Settings:\r\n"), nil, blocked},
		{"no heading", edit("Domain Profile Settings:", ""), []string{`error 42:1 the row "State                                 ON" stands in no profile's settings`, `error 43:1 the row "` + row + `" stands in no profile's settings`, "warning 44:1 text around the rules is passed over (prompts, fences, other output): 3 lines"}, undecided},
		{"no second heading", edit("Private Profile Settings:", ""), []string{`error 51:1 the row "State                                 ON" is there twice`, `error 52:1 the row "Firewall Policy                       BlockInbound,AllowOutbound" is there twice`}, map[string]string{smb: "conditional", smb + " private": "conditional", smb + " public": "allowed"}},
		{"no policy", edit(row+"\r\n", ""), []string{`error 40:1 the settings of the domain profile have no row "Firewall Policy"`}, undecided},
		{"no state", edit("State                                 ON\r\n", ""), []string{`error 40:1 the settings of the domain profile have no row "State"`}, map[string]string{smb: "conditional"}},
		{"a garbled label", edit("Firewall Policy", "FirewXll Policy"), []string{`error 43:1 the row "FirewXll Policy                       BlockInboundAlways,AllowOutbound" of a profile's settings is not known`, `error 40:1 the settings of the domain profile have no row "Firewall Policy"`}, undecided},
		{"a misspelt word", edit("BlockInboundAlways", "BlockInboundAlway"), []string{`error 43:1 the firewall policy "BlockInboundAlway,AllowOutbound" is not known`}, map[string]string{smb: "conditional", client: "allowed"}},
		{"a translated policy", dump + strings.NewReplacer("BlockInboundAlways,AllowOutbound", "BloquearEntradaSiempre,PermitirSalida", "Firewall Policy", "Directiva de firewall").Replace(settings), []string{`error 43:1 the firewall policy "BloquearEntradaSiempre,PermitirSalida" is not known`}, map[string]string{smb: "conditional", client: "conditional"}},
		{"a translated policy under an unknown label", dump + strings.NewReplacer("BlockInboundAlways,AllowOutbound", "BloccoSempre,ConsentiUscita", "Firewall Policy", "Criterio", "Domain Profile Settings", "Impostazioni profilo dominio", "Private Profile Settings", "Impostazioni profilo privato", "Public Profile Settings", "Impostazioni profilo public").Replace(settings), []string{`error 43:1 the firewall policy "BloccoSempre,ConsentiUscita" is not known`}, undecided},
		{"two listings that differ", dump + settings + en.settings(usual), []string{"error 72:1 the file shows the settings of the domain profile twice, and they differ"}, undecided},
		{"rows of newer versions", edit("LocalFirewallRules ", "Categories:\r\nFirewallRuleCategory                  Windows Firewall\r\nLocalFirewallRules "), nil, blocked},
		{"two listings that agree", dump + settings + settings, nil, blocked},
		{"other text about a state", dump + "State of the art: a firewall policy\r\nSTATE              : 4  RUNNING\r\n" + settings, []string{"warning 39:1 text around the rules is passed over (prompts, fences, other output): 2 lines"}, blocked},
	})
}

// TestStores: group policy's settings win one by one, whatever the order in the file; that
// all inbound connections are blocked is one of its own, where "on" wins.
func TestStores(t *testing.T) {
	rules := regFile(`"a"="v2.31|Action=Allow|Active=TRUE|Dir=In|Protocol=6|LPort=445|"`)
	values := func(key, state, inbound string, more ...string) string {
		return key + "DomainProfile]\r\n\"EnableFirewall\"=dword:0000000" + state + "\r\n\"DefaultInboundAction\"=dword:0000000" + inbound + "\r\n" + strings.Join(more, "\r\n") + "\r\n"
	}
	up, down := `"DoNotAllowExceptions"=dword:00000001`, `"DoNotAllowExceptions"=dword:00000000`
	for _, tt := range []struct {
		name  string
		files []string
		smb   string
		sum   string
	}{
		{"the host's own", []string{rules + values(localKey, "1", "1")}, "allowed", "blocked"},
		{"policy on, then local off", []string{values(policyKey, "1", "1") + rules + values(localKey, "0", "0")}, "allowed", "blocked"},
		{"local off, then policy on", []string{rules + values(localKey, "0", "0") + values(policyKey, "1", "1")}, "allowed", "blocked"},
		{"policy lets in what local does not", []string{values(policyKey, "1", "0") + rules + values(localKey, "1", "1")}, "allowed", "allowed"},
		{"local shields up, policy silent", []string{rules + values(localKey, "1", "1", up), values(policyKey, "1", "1")}, "blocked", "blocked"},
		{"local shields up, in one file", []string{values(policyKey, "1", "1") + rules + values(localKey, "1", "1", up)}, "blocked", "blocked"},
		{"local shields up, policy down: on wins", []string{rules + values(localKey, "1", "1", up), values(policyKey, "1", "1", down)}, "blocked", "blocked"},
		{"policy shields up", []string{values(policyKey, "1", "1", up), rules + values(localKey, "1", "1", down)}, "blocked", "blocked"},
		{"shields up before the default", []string{rules + strings.Replace(values(localKey, "1", "0"), "DomainProfile]\r\n", "DomainProfile]\r\n"+up+"\r\n", 1)}, "blocked", "blocked"},
	} {
		var in Input
		for _, text := range tt.files {
			doc, diags := Parse("fw.reg", []byte(text), "")
			if len(diags) > 0 {
				t.Errorf("%s: %v", tt.name, diags)
			}
			in.Docs = append(in.Docs, doc)
		}
		fw, diags := Compile(in)
		if len(diags) > 0 {
			t.Errorf("%s: %v", tt.name, diags)
		}
		for line, want := range map[string]string{smb: tt.smb, sum: tt.sum} {
			if got := evalFirewall(fw, parseConn(line)).String(); got != want {
				t.Errorf("%s: %s: got %s, want %s", tt.name, line, got, want)
			}
		}
		if got := slices.Contains(assumptionIDs(fw), "no-group-policy"); got != !strings.Contains(strings.Join(tt.files, ""), "Policies") {
			t.Errorf("%s: that there is no group policy is assumed: %v", tt.name, got)
		}
	}
}

// TestExportsDiffer: two listings of a host's settings that differ are an error, and
// nothing tells which is right; a script changes what it finds.
func TestExportsDiffer(t *testing.T) {
	en := english()
	dump := mustParse(t, en.dump(parseSpecs([]string{"in allow tcp localport=445", someOut}), true)+en.settings(usual))
	other := mustParse(t, en.settings(shielded))
	script := mustParse(t, "netsh advfirewall set domainprofile firewallpolicy blockinboundalways,allowoutbound\n")
	for _, tt := range []struct {
		with *Doc
		says []string
		want string
	}{
		{other, []string{"error 5:1 whether the domain profile blocks all inbound connections differs between exports"}, "conditional"},
		{script, nil, "blocked"},
		{dump, nil, "allowed"},
	} {
		fw, diags := Compile(Input{Docs: []*Doc{dump, tt.with}})
		if diff := cmp.Diff(tt.says, says(diags)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if got := evalFirewall(fw, parseConn(smb)).String(); got != tt.want {
			t.Errorf("got %s, want %s", got, tt.want)
		}
	}
}

// TestStaleListings: two listings of all rules of a host that differ leave open what no
// block rule decides.
func TestStaleListings(t *testing.T) {
	en := english()
	rules := func(specs ...string) string { return en.dump(parseSpecs(specs), true) }
	old := rules("in allow tcp localport=445 name=a", someOut)
	off := rules("in allow tcp localport=445 name=a off", someOut)
	less := rules("in allow tcp localport=22 name=b", "in allow tcp localport=23 name=c", someOut)
	ask := "C:\\>netsh advfirewall firewall show rule name=all verbose\r\n"
	monitor := "C:\\>netsh advfirewall monitor show firewall rule name=all verbose\r\n"
	differ := "two listings of the host's rules differ: this rule stands in one of them only"
	values := func(active string) string {
		return regFile(`"a"="v2.31|Action=Allow|Active=` + active + `|Dir=In|Protocol=6|LPort=445|"`)
	}
	for _, tt := range []struct {
		name  string
		files []string
		says  []string
		want  string
	}{
		{"the same", []string{old, old}, nil, "allowed"},
		{"one with programs, one without", []string{old, en.dump(parseSpecs([]string{"in allow tcp localport=445 name=a", someOut}), false)}, nil, "allowed"},
		{"switched off since", []string{old, off}, []string{"error 2:1 " + differ}, "conditional"},
		{"taken out since", []string{old, less}, []string{"error 2:1 " + differ}, "conditional"},
		{"in one file", []string{old + off}, []string{"error 40:1 " + differ}, "conditional"},
		{"in one file, with the commands", []string{ask + old + ask + off}, []string{"error 42:1 " + differ}, "conditional"},
		{"by name", []string{rules("in allow tcp localport=445 name=a") + rules("in allow tcp localport=22 name=b")}, nil, "allowed"},
		{"by direction", []string{rules("in allow tcp localport=445 name=a", "in allow tcp localport=22 name=b"), rules(someOut, "out allow tcp name=c")}, nil, "allowed"},
		{"the policy in effect beside the host's own", []string{ask + less, monitor + old}, nil, "allowed"},
		{"changed by a script", []string{old + "netsh advfirewall firewall set rule name=a new enable=no\r\n"}, nil, "blocked"},
		{"registry", []string{values("TRUE"), values("FALSE")}, []string{"error 4:6 " + differ}, "conditional"},
	} {
		var in Input
		for _, text := range tt.files {
			in.Docs = append(in.Docs, mustParse(t, text))
		}
		fw, diags := Compile(in)
		if diff := cmp.Diff(tt.says, says(diags)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
		if got := evalFirewall(fw, parseConn(smb)).String(); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.name, got, tt.want)
		}
	}
}

// TestDefaultsAreTold: each default action is told at the value that sets it.
func TestDefaultsAreTold(t *testing.T) {
	doc := mustParse(t, regFile()+localKey+"DomainProfile]\r\n\"DefaultInboundAction\"=dword:00000001\r\n\"DefaultOutboundAction\"=dword:00000001\r\n")
	if s := doc.Profiles[0]; s.InboundSpan.Location().Line != 7 || s.OutboundSpan.Location().Line != 8 {
		t.Errorf("inbound at %v, outbound at %v", s.InboundSpan.Location(), s.OutboundSpan.Location())
	}
}
