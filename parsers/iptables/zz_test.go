package iptables

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sumlint/sumlint/parsers/packet"
	"github.com/sumlint/sumlint/parsers/source"
)

func TestZZ(t *testing.T) {
	for _, folder := range []string{"iptables", "iptables-generated"} {
		for name, rules := range corpusFiles(t, folder) {
			if rules == 0 || name == "restore_acceptance_probe.txt" {
				continue
			}
			data, _ := os.ReadFile(filepath.Join(corpus, folder, name))
			doc, _ := Parse(source.NewFile(name, data))
			fam := doc.Sections[0].Family
			fw, _ := Compile(Input{Name: "x", Docs: []*Doc{doc}})
			fw.Assumptions = nil
			var printed, stderr bytes.Buffer
			if err := Print(&printed, fw, fam); err != nil {
				t.Logf("%s: %v", name, err)
			}
			tool := "iptables"
			if fam == packet.IPv6 {
				tool = "ip6tables"
			}
			run := exec.Command("unshare", "-n", "sh", "-c", "for s in blk; do ipset create $s hash:net; done;"+tool+"-nft-restore && "+tool+"-nft-save")
			run.Stdin, run.Stderr = &printed, &stderr
			saved, err := run.Output()
			if err != nil {
				t.Errorf("%s: %s", name, stderr.String())
				continue
			}
			d2, _ := Parse(source.NewFile("saved", saved))
			fw2, _ := Compile(Input{Name: "x", Docs: []*Doc{d2}})
			fw2.Assumptions = nil
			if diff := cmp.Diff(shape(fw), shape(fw2)); diff != "" {
				t.Errorf("%s: %s", name, diff)
			}
		}
	}
}
