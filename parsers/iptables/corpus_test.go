package iptables

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/sumlint/sumlint/parsers/diag"
	"github.com/sumlint/sumlint/parsers/source"
)

// corpus is where real exports lie beside the checkout.
const corpus = "../../../shared/corpus"

// corpusFiles returns the exports of a folder with the number of rules that its index names.
func corpusFiles(t *testing.T, folder string) map[string]int {
	index, err := os.ReadFile(filepath.Join(corpus, folder, "INDEX.tsv"))
	if err != nil {
		t.Skip("the corpus is not here")
	}
	column := 2
	if folder == "iptables" {
		column = 3
	}
	files := map[string]int{}
	for _, line := range strings.Split(strings.TrimSpace(string(index)), "\n")[1:] {
		fields := strings.Split(line, "\t")
		n := fields[column]
		if folder == "iptables-generated" {
			n = fields[3]
		}
		rules, err := strconv.Atoi(n)
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		files[fields[0]] = rules
	}
	return files
}

func TestCorpus(t *testing.T) {
	for _, folder := range []string{"iptables", "iptables-generated"} {
		for name, rules := range corpusFiles(t, folder) {
			if rules == 0 {
				continue
			}
			t.Run(name, func(t *testing.T) {
				data, err := os.ReadFile(filepath.Join(corpus, folder, name))
				if err != nil {
					t.Fatal(err)
				}
				if !Recognise(data) {
					t.Error("not recognised")
				}
				doc, diags := Parse(source.NewFile(name, data))
				if doc.RuleCount != rules {
					t.Errorf("%d rules, want %d", doc.RuleCount, rules)
				}
				for _, d := range diags.Sorted() {
					if d.Severity == diag.Error && name != "restore_acceptance_probe.txt" {
						t.Error(d.Error())
					} else {
						t.Log(d.Severity, d.Error())
					}
				}
			})
		}
	}
}
