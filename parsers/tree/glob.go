package tree

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// maxPattern is the longest pattern, in bytes.
const maxPattern = 1000

// Glob returns the files below a folder whose path relative to that folder matches
// the pattern: the syntax of path.Match in each part between slashes, and "**" for
// any number of folders, also none. The paths are relative to the folder, with '/',
// sorted. Symbolic links are listed where the pattern's last part meets them, and
// are not followed to other folders.
func (t *Tree) Glob(folder, pattern string) ([]string, error) {
	found, err := t.glob(folder, pattern)
	t.note(func(o *Tree) bool {
		others, otherwise := o.glob(folder, pattern)
		return slices.Equal(found, others) && alike(err, otherwise)
	})
	return found, err
}

func (t *Tree) glob(folder, pattern string) ([]string, error) {
	if _, err := local(folder); err != nil {
		return nil, err
	}
	if len(pattern) > maxPattern {
		return nil, fmt.Errorf("a pattern of %d bytes: the limit is %d", len(pattern), maxPattern)
	}
	parts := strings.Split(path.Clean(pattern), "/")
	for _, p := range parts {
		if _, err := path.Match(p, ""); err != nil || p == ".." || p == "" {
			return nil, fmt.Errorf("%q is no pattern for files below a folder: expected such as \"*.v4\" or \"**/*.yaml\"", pattern)
		}
	}
	visited := 0
	var found []string
	err := fs.WalkDir(t.files, path.Clean(folder), func(p string, e fs.DirEntry, err error) error {
		if err != nil {
			return explain(p, err)
		}
		if visited++; visited > MaxEntries {
			return fmt.Errorf("%q holds more than %d entries, the limit for a pattern", folder, MaxEntries)
		}
		rel := strings.TrimPrefix(p, path.Clean(folder)+"/")
		if path.Clean(folder) == "." {
			rel = p
		}
		if e.IsDir() {
			if p != path.Clean(folder) && !deeper(parts, strings.Split(rel, "/")) {
				return fs.SkipDir
			}
			return nil
		}
		if matches(parts, strings.Split(rel, "/")) {
			found = append(found, rel)
		}
		return nil
	})
	slices.Sort(found)
	return found, err
}

// states returns the places in the pattern that can be reached after the names;
// "**" is a place that each name may stay at. That keeps the work linear in both.
func states(pattern, names []string) map[int]bool {
	at := map[int]bool{}
	var enter func(i int)
	enter = func(i int) {
		at[i] = true
		if i < len(pattern) && pattern[i] == "**" {
			enter(i + 1)
		}
	}
	enter(0)
	for _, name := range names {
		before := at
		at = map[int]bool{}
		for i := range before {
			if i == len(pattern) {
				continue
			}
			if pattern[i] == "**" {
				enter(i)
			} else if ok, _ := path.Match(pattern[i], name); ok {
				enter(i + 1)
			}
		}
	}
	return at
}

// matches tells whether the names, as a whole, match the pattern.
func matches(pattern, names []string) bool { return states(pattern, names)[len(pattern)] }

// deeper tells whether something below the folder of those names can match.
func deeper(pattern, names []string) bool {
	for i := range states(pattern, names) {
		if i < len(pattern) {
			return true
		}
	}
	return false
}
