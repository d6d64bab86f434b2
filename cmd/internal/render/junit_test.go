package render

import (
	"encoding/xml"
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sumlint/sumlint/policies/report"
)

// junitOf decodes what JUnit writes.
func junitOf(t *testing.T, r *report.Report) junitRoot {
	t.Helper()
	var root junitRoot
	if err := xml.Unmarshal(write(t, r, JUnit), &root); err != nil {
		t.Fatal(err)
	}
	return root
}

func TestJUnitNamesAndCounts(t *testing.T) {
	reports := samples()
	reports["large"] = largeReport(30)
	reports["hostile"] = poison("<a&b>\"'\x00\n]]>", false)
	twice := dataCentre()
	twice.Flows = append(twice.Flows, twice.Flows[0]) // the same port, asked for by another row
	twice.Flows[len(twice.Flows)-1].ID = "another"
	reports["twice"] = twice
	for name, r := range reports {
		t.Run(name, func(t *testing.T) {
			root := junitOf(t, r)
			var tests, failures, errors, skipped int
			suites := map[string]bool{}
			for _, s := range root.Suites {
				if suites[s.Name] {
					t.Errorf("suite %q stands twice", s.Name)
				}
				suites[s.Name] = true
				names := map[string]bool{}
				for _, c := range s.Cases {
					if names[c.Name] || c.Name == "" || c.Class == "" {
						t.Errorf("suite %q: case %q of class %q is not unique", s.Name, c.Name, c.Class)
					}
					names[c.Name] = true
				}
				if s.Tests != len(s.Cases) {
					t.Errorf("suite %q counts %d of %d cases", s.Name, s.Tests, len(s.Cases))
				}
				tests, failures, errors, skipped = tests+s.Tests, failures+s.Failures, errors+s.Errors, skipped+s.Skipped
			}
			if root.Tests != tests || root.Failures != failures || root.Errors != errors || root.Skipped != skipped {
				t.Errorf("the root's counts %+v are not the sums", root)
			}
		})
	}
}

func TestJUnitOutcomes(t *testing.T) {
	outcome := map[string]string{}
	for _, s := range junitOf(t, dataCentre()).Suites {
		for _, c := range s.Cases {
			state := "pass"
			switch {
			case c.Failure != nil:
				state = "failure: " + c.Failure.Type
			case c.Error != nil:
				state = "error"
			case c.Skipped != nil:
				state = "skipped: " + c.Skipped.Message
			}
			outcome[s.Name+"/"+c.Name] = state
		}
	}
	for name, want := range map[string]string{
		"target rack-a/to-target tcp 22, sum01 → rack-a":             "pass",
		"target rack-a/from-target tcp 63001, rack-a → sum01":        "failure: missing-allowance",
		"target rack-a/to-target tcp 80, sum01 → rack-a":             "skipped: waived: the redirect port stays closed",
		"target esx-cluster/to-target tcp 5989, sum01 → esx-cluster": "failure: reply-blocked",
		"target files/to-target tcp 135, sumwin → files":             "skipped: warning: sumwin-host allows tcp 135 only to one program",
		"server sum01/local tcp 63002, sum01 → itself":               "pass",
		"rules/expired-waiver":                                       "skipped: warning: the waiver of conditional-allowance ended on 2026-10-01",
		"rules/no-route":                                             "pass",
		"inputs/exports/core.v4":                                     "pass",
	} {
		if got := outcome[name]; got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	for _, s := range junitOf(t, unreadReport()).Suites {
		if s.Name == "inputs" && s.Errors != 3 {
			t.Errorf("%d errors in the inputs, want 3", s.Errors)
		}
	}
}

// Cases of one name are told apart by the flow's id, and failing that by a number.
func TestJUnitEqualNames(t *testing.T) {
	r := &report.Report{}
	for _, id := range []string{"x", "y", "y"} {
		f := flowFor("a", "b", "ilo", "to-target", "tcp", "22", "")
		f.ID = id
		r.Flows = append(r.Flows, f)
	}
	var got []string
	for _, c := range junitOf(t, r).Suites[0].Cases {
		got = append(got, c.Name)
	}
	const name = "to-target tcp 22, a → b "
	if diff := cmp.Diff([]string{name + "[x]", name + "[y]", name + "[y] (2)"}, got); diff != "" {
		t.Errorf("names (-want +got):\n%s", diff)
	}
}

// libxml2 reads what encoding/xml wrote.
func TestJUnitByAnotherParser(t *testing.T) {
	lint, err := exec.LookPath("xmllint")
	if err != nil {
		t.Skip("xmllint (libxml2-utils) is not installed")
	}
	for name, r := range map[string]*report.Report{"datacentre": dataCentre(), "hostile": poison("\x1b]]>\ufffe\xff<&", false)} {
		cmd := exec.Command(lint, "--noout", "--nonet", "-")
		cmd.Stdin = strings.NewReader(string(write(t, r, JUnit)))
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
	}
}
