package netsh

import (
	"slices"
	"strings"

	"github.com/sumlint/sumlint/parsers/packet"
)

// system is the kernel's name as rules have it: a word without a folder.
const system = "system"

// setProgram takes the path of a program. A name that Windows' own programs have
// stands for them in their folder only; any other program is known by its file name.
// A short file name ("SUM_SE~1.EXE") or a variable may be that of any program. It is
// not ok where the path names a folder.
func (r *Rule) setProgram(path string) bool {
	path = strings.Trim(trimBlanks(path), `"`)
	r.Program, r.Path = "", ""
	if path == "" || isAny(path) || path == "*" {
		return true
	}
	r.Path = canonicalPath(path)
	name := r.Path[strings.LastIndexByte(r.Path, '\\')+1:]
	switch {
	case strings.ContainsAny(name, "%~"):
	case ownedByWindows(r.Path, name) == surelyNot:
		r.Program = r.Path
	default:
		r.Program = name
	}
	return name != ""
}

// canonicalPath writes a path in lower case, with back slashes, and with the folders
// that Windows' variables stand for on nearly each host.
func canonicalPath(path string) string {
	path = strings.ReplaceAll(lower(path), "/", `\`)
	for _, v := range [...][2]string{{"%systemroot%", `c:\windows`}, {"%windir%", `c:\windows`}, {"%systemdrive%", "c:"}, {"%programfiles%", `c:\program files`},
		{"%programfiles(x86)%", `c:\program files (x86)`}, {"%programdata%", `c:\programdata`}} {
		if rest, ok := strings.CutPrefix(path, v[0]); ok {
			return v[1] + rest
		}
	}
	return path
}

// belonging tells whether a path is that of a program of Windows.
type belonging uint8

const (
	otherProgram belonging = iota // no program of Windows has that name
	surely
	perhaps
	surelyNot
)

// ownedByWindows tells whether the path, as canonicalPath writes it, is that of the
// program of Windows with that file name.
func ownedByWindows(path, name string) belonging {
	home := ""
	switch name {
	case system:
		if path == system {
			return surely
		}
		return surelyNot
	case "svchost.exe":
		home = `\system32\svchost.exe`
	case "unsecapp.exe":
		home = `\system32\wbem\unsecapp.exe`
	default:
		return otherProgram
	}
	switch {
	case path == `c:\windows`+home:
		return surely
	case path == name, strings.HasSuffix(path, home), unclearPath(path): // another folder of Windows, a short name …
		return perhaps
	}
	return surelyNot
}

// unclearPath tells the paths that may be written in several ways.
func unclearPath(path string) bool {
	return strings.ContainsAny(path, "%~") || strings.Contains(path, "..") || strings.HasPrefix(path, `\`)
}

// programUnclear tells that the rule may be for the program that is asked about or not.
func (r *Rule) programUnclear() bool {
	return r.Path != "" && (r.Program == "" || ownedByWindows(r.Path, r.Program) == perhaps)
}

// samePath compares two programs; it is unclear where one is written in a way that
// may be the other's.
func samePath(a, b *Rule) (same, unclear bool) {
	if a.Path == b.Path {
		return true, false
	}
	name := func(path string) string { return path[strings.LastIndexByte(path, '\\')+1:] }
	return false, unclearPath(a.Path+b.Path) && (name(a.Path) == name(b.Path) || strings.Contains(name(a.Path)+name(b.Path), "~"))
}

// hostsServices tells that the rule is for a service and names no program: whoever it
// is for, it is not the kernel, nor the program of WMI's callbacks.
func (r *Rule) hostsServices() bool {
	return r.Program == "" && (r.Service != "" || slices.ContainsFunc(r.Narrowing, func(n Narrowing) bool { return n.Kind == "service" }))
}

// serviceHosts are the programs that a service may run in.
func serviceHosts() *packet.Names {
	return packet.OneName(system).Union(packet.OneName("unsecapp.exe")).Complement()
}
