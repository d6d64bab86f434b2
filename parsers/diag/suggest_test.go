package diag

import "testing"

func TestLegal(t *testing.T) {
	for _, c := range []struct {
		word  string
		legal []string
		want  string
	}{
		{"x", nil, "There is none."},
		{"deny", []string{"error", "deny-all"}, `Expected one of "deny-all", "error".`},
		{"eror", []string{"warning", "error"}, `Did you mean "error"? Expected one of "error", "warning".`},
	} {
		if got := Legal(c.word, c.legal); got != c.want {
			t.Errorf("Legal(%q, %q) = %q, want %q", c.word, c.legal, got, c.want)
		}
	}
}
