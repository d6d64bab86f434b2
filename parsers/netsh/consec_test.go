package netsh

import (
	"strings"
	"testing"
)

// consec is a connection security rule as `consec show rule` prints it, changed.
func consec(replace ...string) string {
	rows := [][2]string{{"Rule Name", "auth"}, {"", ""}, {"Enabled", "Yes"}, {"Profiles", "Domain,Private,Public"}, {"Type", "Static"}, {"Mode", "Transport"},
		{"Endpoint1", "Any"}, {"Endpoint2", "Any"}, {"Port1", "Any"}, {"Port2", "Any"}, {"Protocol", "TCP"}, {"Action", "RequireInRequestOut"},
		{"Auth1", "ComputerKerb"}, {"MainModeSecMethods", "DHGroup2-AES128-SHA1"}, {"Rule source", "Local Setting"}}
	var out strings.Builder
	out.WriteString("\r\n")
	for _, row := range rows {
		switch {
		case row[0] == "":
			out.WriteString(strings.Repeat("-", 70) + "\r\n")
		default:
			out.WriteString((row[0] + ":" + strings.Repeat(" ", 38))[:38] + row[1] + "\r\n")
		}
	}
	return strings.NewReplacer(replace...).Replace(out.String()) + "Ok.\r\n\r\n"
}

// TestConnectionSecurity: what must be authenticated passes only if IPsec does so.
func TestConnectionSecurity(t *testing.T) {
	en := english()
	dump := en.dump(parseSpecs([]string{"in allow tcp localport=445,63001", "in block tcp localport=22", someOut}), true)
	warning := []string{"warning 58:1 1 connection security rule passed over: switched off, or without a requirement that IPsec authenticates connections; what such a rule exempts from another is not worked out"}
	all := map[string]string{smb: "conditional", smb + " established": "allowed", local: "allowed", client: "allowed", strings.Replace(smb, "445", "22", 1): "blocked", strings.Replace(smb, "445", "23", 1): "blocked"}
	none := map[string]string{smb: "allowed", client: "allowed"}
	peer := strings.Replace(smb, "10.0.0.5", "10.0.0.6", 1)
	edit := func(replace ...string) string { return dump + consec(replace...) }
	checkDoubts(t, []doubtTest{
		{"inbound", edit(), nil, all},
		{"both", edit("RequestOut", "RequireOut"), nil, map[string]string{smb: "conditional", client: "conditional"}},
		{"clear outbound", edit("RequestOut", "ClearOut"), nil, all},
		{"asked for", edit("RequireIn", "RequestIn"), warning, none},
		{"exempt", edit("RequireInRequestOut", "NoAuthentication"), warning, none},
		{"switched off", edit("Yes", "No"), warning, none},
		{"an exemption hides no requirement", strings.TrimSuffix(edit(), "Ok.\r\n\r\n") + consec("RequireInRequestOut", "NoAuthentication", "auth", "x"), []string{strings.Replace(warning[0], "58", "74", 1)}, all},
		{"an unknown action", edit("RequireInRequestOut", "RequireFoo"), []string{`error 58:1 the action "RequireFoo" of a connection security rule is not known`}, map[string]string{smb: "conditional", client: "conditional"}},
		{"no action", edit("Action:", "Acton:"), []string{`error 58:1 the action "" of a connection security rule is not known`}, map[string]string{smb: "conditional"}},
		{"endpoints", edit("Endpoint1:                            Any", "Endpoint1:                            10.0.0.5"), nil, map[string]string{smb: "conditional", peer: "allowed"}},
		{"endpoints, the other way round", edit("Endpoint2:                            Any", "Endpoint2:                            10.0.0.5"), nil, map[string]string{smb: "conditional", peer: "allowed"}},
		{"endpoints that can't be read", edit("Endpoint1:                            Any", "Endpoint1:                            10.0.0"), []string{`error 64:39 the address "10.0.0" can't be read`}, all},
		{"endpoints in two lines", edit("Endpoint1:                            Any", "Endpoint1:                            10.0.0.9,\r\n"+pad+"10.0.0.5"), nil, all},
		{"ports", edit("Port1:                                Any", "Port1:                                445"), nil, map[string]string{smb: "conditional", sum: "allowed"}},
		{"another protocol", edit("TCP", "UDP"), nil, none},
		{"another profile", edit("Domain,Private,Public", "Public"), nil, map[string]string{smb: "allowed", smb + " public": "conditional"}},
		{"a profile that is off", edit() + en.settings([3]string{"off BlockInbound,AllowOutbound", usual[1], usual[2]}), nil, map[string]string{smb: "conditional", client: "allowed"}},
		{"alone", consec(), nil, map[string]string{smb: "conditional", client: "conditional"}},
		{"cut off", strings.TrimSuffix(edit("RequireInRequestOut", "NoAuthentication"), "Ok.\r\n\r\n"), []string{`error 58:1 the listing is cut off: no "Ok." ends it`, warning[0]}, map[string]string{smb: "conditional"}},
	})
}

// TestConnectionSecurityInRegistry: the same, as the registry writes it.
func TestConnectionSecurityInRegistry(t *testing.T) {
	rules := regFile(`"a"="v2.31|Action=Allow|Active=TRUE|Dir=In|Protocol=6|LPort=445|"`)
	file := func(fields string) string {
		return rules + localKey + "ConSecRules]\r\n\"c\"=\"v2.31|Name=x|Auth1Set={E5A5D32A-4BCE-4e4d-B07F-4AB1BA7E5FE3}|" + fields + "\"\r\n"
	}
	in, both, none := map[string]string{smb: "conditional", client: "allowed"}, map[string]string{smb: "conditional", client: "conditional"}, map[string]string{smb: "allowed", client: "allowed"}
	warning := []string{"warning 7:6 1 connection security rule passed over: switched off, or without a requirement that IPsec authenticates connections; what such a rule exempts from another is not worked out"}
	checkDoubts(t, []doubtTest{
		{"inbound", file("Action=SecureServer|Active=TRUE|"), nil, in},
		{"both", file("Action=Secure|Active=TRUE|"), nil, both},
		{"asked for", file("Action=Boundary|Active=TRUE|"), warning, none},
		{"exempt", file("Action=DoNotSecure|Active=TRUE|"), warning, none},
		{"switched off", file("Action=Secure|Active=FALSE|"), warning, none},
		{"endpoints", file("Action=SecureServer|Active=TRUE|EP1_4=10.9.0.0/255.255.0.0|EP2_4=10.1.1.1|Protocol=6|EP2Port=445|"), nil, none},
		{"endpoints that fit", file("Action=SecureServer|Active=TRUE|EP1_4=10.0.0.0/255.255.0.0|EP2_4=10.1.1.1|Protocol=6|EP2Port=445|"), nil, in},
		{"another profile", file("Action=SecureServer|Active=TRUE|Profile=Public|"), nil, none},
		{"an unknown action", file("Action=Foo|Active=TRUE|"), []string{`error 7:6 the action "Foo" of a connection security rule is not known`}, both},
		{"a bad address", file("Action=SecureServer|Active=TRUE|EP1_4=x|"), []string{"error 7:6 the value of EP1_4=x is not known"}, in},
		{"cut off", file("Action=SecureServer|EP1_4=10.9.0.0"), []string{"error 7:6 the rule string is cut off"}, in},
		{"no rule string", rules + localKey + "ConSecRules]\r\n\"c\"=\"v2.31 |Action=Secure|\"\r\n", []string{"error 7:1 a value among the firewall's rules can't be read"}, both},
	})
}
