package netsh

import (
	"testing"

	"github.com/sumlint/sumlint/parsers/model"
	"github.com/sumlint/sumlint/parsers/packet"
)

// checkDoc reads, compiles and checks what must hold of any input.
func checkDoc(t *testing.T, raw []byte) {
	Recognise(raw)
	doc, diags := Parse("fuzz", raw, "")
	if len(doc.Rules) == 0 && doc.Profiles == [3]Settings{} && !diags.HasErrors() && !doc.rulesKey && doc.form != formRegistry && doc.form != formScript {
		t.Errorf("nothing was read, and nothing is said: %v", diags)
	}
	for i := range doc.Rules {
		if span := doc.Rules[i].Span; span.End < span.Start || int(span.End) > len(doc.File.Data) {
			t.Fatalf("rule %d stands at %d to %d of %d", i, span.Start, span.End, len(doc.File.Data))
		}
	}
	for _, d := range diags {
		if l := d.Location(); l.Line < 1 || int(d.Span.End) > len(doc.File.Data) {
			t.Errorf("a diagnostic without a place: %v", d)
		}
	}
	fw, _ := Compile(Input{Docs: []*Doc{doc}})
	for _, hook := range []model.Hook{model.Input, model.Output} {
		for _, rule := range fw.Hooks[hook][0].Rules {
			b := rule.Where
			if (b.Src != nil || b.Dst != nil) && b.Family == packet.AnyFamily {
				t.Errorf("addresses of no one family: %v", b)
			}
			if rule.Action.Kind == model.Undecided && rule.Action.Unknown == nil {
				t.Errorf("undecided for no reason: %v", b)
			}
		}
	}
}

func FuzzText(f *testing.F) {
	en := english()
	f.Add([]byte(en.dump(parseSpecs([]string{"in allow tcp localport=445 program=System", "in allow ICMPv4 icmp=8_Any", "out block Any remoteip=LocalSubnet,fd00::/8"}), true) + en.settings(usual)))
	for _, d := range dialects() {
		f.Add([]byte(d.dump(parseSpecs([]string{"in allow udp localport=137-139,RPC off"}), false)))
	}
	f.Add([]byte(blockText("TCP", "TPC")))
	f.Add([]byte("netsh advfirewall firewall add rule name=\"x y\" dir=in action=allow protocol=tcp ^\r\n localport=445 & netsh advfirewall set allprofiles state off"))
	f.Add([]byte("netsh advfirewall firewall set rule group=x new enable=yes\nnetsh advfirewall firewall delete rule name=all"))
	f.Fuzz(checkDoc)
}

func FuzzRuleString(f *testing.F) {
	for _, s := range []string{
		"Action=Allow|Active=TRUE|Dir=In|Protocol=6|LPort=445|App=System|Name=@FirewallAPI.dll,-28511|",
		"Action=Allow|Active=TRUE|Dir=In|Protocol=6|Profile=Domain|LPort2_10=63001-63002|RA4=10.0.0.0/255.0.0.0|RA6=LocalSubnet|Svc=*|",
		"Action=ByPass|Active=TRUE|Dir=Out|Protocol=1|ICMP4=8:*|AuthByPassOut=TRUE|RUAuth=O:LSD|TTK=Proximity|Foo=|",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		checkDoc(t, []byte("v2.31|"+s))
		checkDoc(t, []byte("[HKEY_LOCAL_MACHINE\\SOFTWARE\\Policies\\Microsoft\\WindowsFirewall\\FirewallRules]\n\"x\"=\"v2.31|"+s+"\"\n"))
	})
}

func FuzzHive(f *testing.F) {
	f.Add(make([]byte, 5000), uint32(0x20))
	f.Fuzz(func(t *testing.T, raw []byte, root uint32) {
		base := make([]byte, 4096)
		copy(base, "regf")
		base[0x24], base[0x25] = byte(root), byte(root>>8)
		checkDoc(t, append(base, raw...))
	})
}
