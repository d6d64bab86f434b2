package judge

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"strings"
)

//go:embed scaffold
var scaffolds embed.FS

// idPattern is what an id of a rule or need looks like in reports.
var idPattern = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)

// File is a file to write, relative to a policy folder.
type File struct {
	Name string
	Text string
}

// Scaffold returns the files of a working example to start a policy from, with its
// tests: kind is "rule" or "needs", id the id as reports have it.
func Scaffold(kind, id string) ([]File, error) {
	if !idPattern.MatchString(id) {
		return nil, fmt.Errorf("%q can't be an id: use lower-case words of letters and digits, joined by -", id)
	}
	if kind != "rule" && kind != "needs" {
		return nil, fmt.Errorf("unknown kind of policy %q: it is \"rule\" or \"needs\"", kind)
	}
	name := strings.ReplaceAll(id, "-", "_")
	var files []File
	for _, suffix := range []string{"", "_test"} {
		text, err := fs.ReadFile(scaffolds, path.Join("scaffold", kind+suffix+".rego.txt"))
		if err != nil {
			return nil, err
		}
		files = append(files, File{Name: name + suffix + ".rego", Text: strings.ReplaceAll(string(text), "PACKAGE", name)})
	}
	return files, nil
}
