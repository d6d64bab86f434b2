package acl

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sumlint/sumlint/parsers/model"
	"github.com/sumlint/sumlint/parsers/source"
)

const corpus = "../../../shared/corpus/acl"

// TestCorpus reads real files. Each is read without an error, or refused for the
// reason that stands here.
func TestCorpus(t *testing.T) {
	naming, err := os.ReadFile(filepath.Join(corpus, "aerleon_naming.yaml"))
	if err != nil {
		t.Skip("the corpus is not here")
	}
	want := map[string]struct {
		schema string
		rules  int
		refuse string
	}{
		"aerleon_include_untrusted.yaml":              {schemaAerleon, 3, ""},
		"aerleon_naming.yaml":                         {schemaDefs, 0, ""},
		"aerleon_sample_cisco_lab_yaml.yaml":          {schemaAerleon, 6, ""},
		"aerleon_sample_k8s_yaml.yaml":                {schemaAerleon, 10, `the target "k8s" is no router or firewall`},
		"aerleon_sample_paloalto_yaml.yaml":           {schemaAerleon, 7, ""},
		"aerleon_sample_srx_yaml.yaml":                {schemaAerleon, 3, ""},
		"aerleon_sample_test.yaml":                    {schemaAerleon, 1, `the target "speedway" is no router or firewall`},
		"ansible_arista_eos_acls_merged.yaml":         {schemaEOS, 8, `the ACL "test1" is defined differently`},
		"ansible_arista_eos_acls_vars.yaml":           {schemaEOS, 9, ""},
		"ansible_cisco_asa_acls_merged.yaml":          {schemaASA, 7, ""},
		"ansible_cisco_asa_acls_vars.yaml":            {schemaASA, 7, ""},
		"ansible_cisco_ios_acls_merged.yaml":          {schemaIOS, 10, `the ACL "test_acl" is defined differently`},
		"ansible_cisco_ios_acls_vars.yaml":            {schemaIOS, 47, `the ACL "R1_TRAFFIC" is defined differently`},
		"ansible_junos_acls_merged.yaml":              {schemaJunos, 7, ""},
		"ansible_junos_security_policies_merged.yaml": {schemaJunosZones, 6, ""},
		"ansible_vyos_firewall_rules_merged.yaml":     {schemaVyOS, 5, ""},
		"k8s_networkpolicy_aerleon_ref.yaml":          {"", 0, "NetworkPolicyList is a policy for pods"},
	}
	files, _ := filepath.Glob(filepath.Join(corpus, "*.yaml"))
	for _, path := range files {
		name := filepath.Base(path)
		t.Run(name, func(t *testing.T) {
			w, ok := want[name]
			if !ok {
				t.Fatal("a new file: say here what is expected of it")
			}
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if !Recognise(data) {
				t.Error("not recognised")
			}
			texts := []string{string(data)}
			if strings.HasPrefix(name, "aerleon_sample") {
				texts = append(texts, string(naming))
			}
			doc, _ := Parse(source.NewFile(name, data))
			if got := strings.Join(doc.Schemas, " "); got != w.schema || doc.RuleCount != w.rules {
				t.Errorf("schemas %q with %d rules", got, doc.RuleCount)
			}
			fw, diags := compile(t, nil, texts...)
			if w.refuse == "" {
				noErrors(t, diags)
			} else if !strings.Contains(diagText(diags), w.refuse) {
				t.Errorf("no error %q in %v", w.refuse, diags)
			}
			checkModel(t, fw)
		})
	}
}

// TestCorpusVerdicts judges packets by the Aerleon sample for a lab.
func TestCorpusVerdicts(t *testing.T) {
	policy, err := os.ReadFile(filepath.Join(corpus, "aerleon_sample_cisco_lab_yaml.yaml"))
	naming, err2 := os.ReadFile(filepath.Join(corpus, "aerleon_naming.yaml"))
	if err != nil || err2 != nil {
		t.Skip("the corpus is not here")
	}
	fw, diags := compile(t, bound("lab in=allowtointernet", "core"), string(policy), string(naming))
	noErrors(t, diags)
	packets(t, fw, `
lab>core udp 10.1.1.1:68 255.255.255.255:67 -> pass
lab>core udp 10.1.1.1:4000 8.8.8.8:53 -> pass
lab>core tcp 10.1.1.1:22 192.168.1.1:4000 SA -> pass
lab>core tcp 10.1.1.1:22 192.168.1.1:4000 S -> drop
lab>core tcp 10.1.1.1:4000 200.1.1.1:80 S -> drop
lab>core tcp 10.1.1.1:4000 1.2.3.4:80 S -> pass
core>lab tcp 1.2.3.4:80 10.1.1.1:4000 S -> pass
`)
}

// checkModel proves what the engine relies on: boxes that are not empty, addresses
// with one family, ports and types with protocols that have them, and places.
func checkModel(t *testing.T, fw *model.Firewall) {
	t.Helper()
	for _, ch := range fw.Chains {
		for _, r := range ch.Rules {
			w := &r.Where
			one := w.Family&(w.Family-1) == 0
			switch {
			case w.IsEmpty():
				t.Errorf("%s: an empty rule: %+v", ch.Name, r)
			case (w.Src != nil || w.Dst != nil) && !one:
				t.Errorf("%s: addresses of two families: %+v", ch.Name, r)
			case (w.SrcPort != nil || w.DstPort != nil) && !within(w.Protocol, ported()):
				t.Errorf("%s: ports without a protocol: %+v", ch.Name, r)
			case r.Action.Kind == model.Undecided && (r.Action.Unknown == nil || r.Action.Unknown.Key == ""):
				t.Errorf("%s: an unknown without a name: %+v", ch.Name, r)
			}
		}
	}
}

// TestRecogniseOthers proves that other formats are not taken for YAML.
func TestRecogniseOthers(t *testing.T) {
	for _, folder := range []string{"iptables", "iptables-generated", "netsh"} {
		files, _ := filepath.Glob(filepath.Join(corpus, "..", folder, "*"))
		for _, path := range files {
			data, err := os.ReadFile(path)
			if err == nil && Recognise(data) {
				t.Errorf("%s looks like YAML", path)
			}
		}
	}
}
