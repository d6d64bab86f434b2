package nft

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sumlint/sumlint/parsers/source"
)

// outline writes the base chains that a ruleset holds beside iptables.
func outline(d *Doc) string {
	var b strings.Builder
	for _, c := range d.Base {
		fmt.Fprintf(&b, "%s %s %s: %s %s %d\n", c.Family, c.Table, c.Name, c.Families, c.Hook, c.Priority)
	}
	return b.String()
}

var tests = []struct{ name, text, want string }{
	{"own and made by iptables", `# Warning: table ip filter is managed by iptables-nft, do not touch!
table ip filter {
	chain FORWARD { # handle 2
		type filter hook forward priority filter; policy drop;
		counter packets 0 bytes 0 accept
	}
}
table ip mine { # handle 1
	set s {
		type ipv4_addr
		elements = { 10.0.0.1, 10.0.0.2,
			     10.0.0.3 }
	}
	chain input { # handle 2
		type filter hook input priority mangle + 10; policy accept;
		ip saddr @s drop # handle 3
	}
	chain forward {
		type filter hook forward priority -5; policy drop;
	}
	chain empty {
		type filter hook output priority 0; policy accept;
	}
	chain called {
		drop
	}
}
table ip6 nat {
	chain POSTROUTING {
		type nat hook postrouting priority srcnat; policy accept;
		masquerade
	}
	chain postrouting {
		type nat hook postrouting priority srcnat; policy accept;
		masquerade
	}
}
table bridge x {
	chain f {
		type filter hook forward priority 0; policy drop;
	}
}
table netdev n {
	chain in {
		type filter hook ingress device "eth0" priority -500; policy accept;
		drop
	}
}
`, `ip mine input: IPv4 input -140
ip mine forward: IPv4 forward -5
ip6 nat postrouting: IPv6 postrouting 100
netdev n in: IPv4 and IPv6 prerouting -500
`},
	{"json", `{"nftables": [{"metainfo": {"version": "1.0.6"}},
{"chain": {"family": "inet", "table": "firewalld", "name": "filter_INPUT", "handle": 1, "type": "filter", "hook": "input", "prio": 10, "policy": "drop"}},
{"chain": {"family": "inet", "table": "firewalld", "name": "filter_OUTPUT", "type": "filter", "hook": "output", "prio": 10, "policy": "accept"}},
{"rule": {"family": "inet", "table": "firewalld", "chain": "filter_OUTPUT", "handle": 3, "expr": []}},
{"chain": {"family": "ip", "table": "filter", "name": "INPUT", "type": "filter", "hook": "input", "prio": 0, "policy": "drop"}}]}`,
		"inet firewalld filter_INPUT: IPv4 and IPv6 input 10\ninet firewalld filter_OUTPUT: IPv4 and IPv6 output 10\n"},
}

func TestParse(t *testing.T) {
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if !Recognise([]byte(test.text)) {
				t.Error("not recognised")
			}
			doc, diags := Parse(source.NewFile("x", []byte(test.text)))
			for _, d := range diags {
				t.Error(d.Error())
			}
			if diff := cmp.Diff(test.want, outline(doc)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestErrors(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{"table ip x {\n\tchain y {\n", "the ruleset ends inside a block"},
		{"table ipx x {\n}\n", `table family "ipx" is not known`},
		{`{"nftables": [`, "the JSON cannot be read"},
	} {
		_, diags := Parse(source.NewFile("x", []byte(test.text)))
		if len(diags) != 1 || !strings.Contains(diags[0].Error(), test.want) {
			t.Errorf("%q: %v", test.text, diags)
		}
	}
}

func TestCorpus(t *testing.T) {
	folder := "../../../../shared/corpus/iptables-generated"
	if _, err := os.Stat(folder); err != nil {
		t.Skip("the corpus is not here")
	}
	chains := map[string]int{"firewalld_1.3_nftables_backend.nft": 8, "firewalld_1.3_nftables_backend.nft.json": 8, "firewalld_iptables_backend_seen_by_nft.nft": 0}
	for name, want := range chains {
		data, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		doc, diags := Parse(source.NewFile(name, data))
		if !Recognise(data) || len(diags) > 0 || len(doc.Base) != want {
			t.Errorf("%s: %v\n%s", name, diags, outline(doc))
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, test := range tests {
		f.Add(test.text)
	}
	f.Fuzz(func(_ *testing.T, text string) {
		Recognise([]byte(text))
		Parse(source.NewFile("x", []byte(text)))
	})
}
