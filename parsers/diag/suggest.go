package diag

import (
	"fmt"
	"slices"
	"strings"

	"github.com/agext/levenshtein"
)

// Suggest returns the legal word that was perhaps meant by word, or "" where
// none is near (fewer than three edits, and fewer than the word has letters).
func Suggest(word string, legal []string) string {
	best, bestDistance := "", 3
	for _, l := range slices.Sorted(slices.Values(legal)) {
		if d := levenshtein.Distance(strings.ToLower(word), strings.ToLower(l), nil); d < bestDistance && d < len(word) {
			best, bestDistance = l, d
		}
	}
	return best
}

// Legal is the detail for a word that is not legal: what was perhaps meant and
// the legal words, sorted and quoted.
func Legal(word string, legal []string) string {
	if len(legal) == 0 {
		return "There is none."
	}
	quoted := make([]string, len(legal))
	for i, l := range slices.Sorted(slices.Values(legal)) {
		quoted[i] = fmt.Sprintf("%q", l)
	}
	text := "Expected one of " + strings.Join(quoted, ", ") + "."
	if s := Suggest(word, legal); s != "" {
		text = fmt.Sprintf("Did you mean %q? ", s) + text
	}
	return text
}
