package render

import (
	"slices"
	"strings"
	"testing"
)

func TestCells(t *testing.T) {
	for _, c := range []struct {
		text string
		want int
	}{
		{"", 0}, {"abc", 3}, {"規則", 4}, {"e\u0301", 1}, {"ｆ", 2}, {"é", 1}, {"→", 1}, {"🔥", 2},
		{"\x1b[1;31merror\x1b[0m", 5},
	} {
		if got := cells(c.text); got != c.want {
			t.Errorf("cells(%q) = %d, want %d", c.text, got, c.want)
		}
	}
}

func TestClip(t *testing.T) {
	for _, c := range []struct {
		text  string
		limit int
		want  string
	}{
		{"abcdef", 6, "abcdef"}, {"abcdef", 5, "abcd…"}, {"規則規則", 8, "規則規則"}, {"規則規則", 7, "規則規…"},
		{"規則規則", 6, "規則…"},
	} {
		if got := clip(c.text, c.limit); got != c.want {
			t.Errorf("clip(%q, %d) = %q, want %q", c.text, c.limit, got, c.want)
		}
	}
}

// TestSnippet marks n code points from a column, and shows the mark under the line.
func TestSnippet(t *testing.T) {
	for _, c := range []struct {
		name, line string
		column, n  int
		want, mark string
	}{
		{"plain", "-A INPUT -j DRPO", 13, 4, "-A INPUT -j DRPO", "            ^^^^"},
		{"tab before", "\t-j DRPO", 5, 4, "        -j DRPO", "           ^^^^"},
		{"tab inside", "a\tb", 1, 3, "a       b", "^^^^^^^^^"},
		{"wide before", "規則 x", 4, 1, "規則 x", "     ^"},
		{"wide inside", "a 規則", 3, 2, "a 規則", "  ^^^^"},
		{"combining", "e\u0301x", 3, 1, "e\u0301x", " ^"},
		{"escaped before", "\x1b[mX", 4, 1, `\x1b[mX`, "      ^"},
		{"bad UTF-8", "\xffX", 2, 1, `\xffX`, "    ^"},
		{"behind the line", "ab", 3, 1, "ab", "  "},
	} {
		text, before, marked := snippet(c.line, c.column, c.n)
		mark := strings.Repeat(" ", before) + strings.Repeat("^", marked)
		if text != c.want || mark != c.mark {
			t.Errorf("%s: got\n%s\n%s\nwant\n%s\n%s", c.name, text, mark, c.want, c.mark)
		}
	}
}

func TestWindow(t *testing.T) {
	line := strings.Repeat("a", 100) + "BAD" + strings.Repeat("z", 100)
	for _, limit := range []int{20, 40, 80, 150} {
		text, before, marked := window(line, 100, 3, limit)
		if n := cells(text); n > limit {
			t.Errorf("limit %d: %d cells", limit, n)
		}
		if got := string([]rune(text)[before : before+marked]); got != "BAD" {
			t.Errorf("limit %d: the mark is under %q of %q", limit, got, text)
		}
	}
	if text, before, marked := window("short", 1, 100, 20); text != "short" || before != 1 || marked != 4 {
		t.Errorf("a short line: %q %d %d", text, before, marked)
	}
	wide := strings.Repeat("規", 60) + "X" + strings.Repeat("則", 60)
	text, before, marked := window(wide, 120, 1, 40)
	if cells(text) > 40 || marked != 1 || !strings.HasPrefix(cut(text, before), "X") {
		t.Errorf("a wide line: %q, %d before", text, before)
	}
}

// cut returns what stands behind so many cells.
func cut(s string, n int) string {
	for i, r := range s {
		if n <= 0 {
			return s[i:]
		}
		n -= runeCells(r)
	}
	return ""
}

func TestWrap(t *testing.T) {
	for _, c := range []struct {
		text        string
		first, rest int
		want        []string
	}{
		{"one two three", 0, 0, []string{"one two three"}},
		{"one two three", 13, 13, []string{"one two three"}},
		{"one two three", 7, 5, []string{"one two", "three"}},
		{"one two three", 3, 9, []string{"one", "two three"}},
		{"verylongword a", 5, 5, []string{"verylongword", "a"}},
		{"規則 規則 a", 9, 4, []string{"規則 規則", "a"}},
	} {
		if got := wrap(c.text, c.first, c.rest); !slices.Equal(got, c.want) {
			t.Errorf("wrap(%q, %d, %d) = %q, want %q", c.text, c.first, c.rest, got, c.want)
		}
	}
}
