// Package tree reads files below one folder, the root, and nothing outside it: as they
// are, or as they were in a git revision.
//
// A repository may hold any file, also one that a stranger wrote. So each path is
// resolved inside the root by the operating system (os.Root): "..", absolute paths
// and symbolic links that would leave it are refused. Only regular files are read;
// folders, devices, FIFOs and sockets are refused without waiting for them.
package tree

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// MaxFileSize is the largest file that is read, in bytes (256 MiB).
const MaxFileSize = 256 << 20

// MaxEntries is the largest number of entries of a folder that are looked at, and
// of files and folders that Glob visits.
const MaxEntries = 100_000

// The endings of topology files.
const (
	Ending     = ".sum.hcl"
	EndingJSON = ".sum.hcl.json"
)

// Tree is a folder with everything below it. It may be used by several goroutines.
type Tree struct {
	files  files
	real   string // the root's path without symbolic links, for Rel
	record *Record
}

// files are what a tree holds, by paths with '/' relative to its root. Links that lead
// out of it are not followed.
type files interface {
	fs.FS
	Stat(name string) (fs.FileInfo, error)
	// same tells whether the regular file holds exactly these bytes.
	same(name string, data []byte) bool
	Close() error
}

// folder is a tree's files in the file system.
type folder struct{ *os.Root }

// Open opens a file without waiting, should it be a FIFO.
func (f folder) Open(name string) (fs.File, error) {
	return f.OpenFile(filepath.FromSlash(name), os.O_RDONLY|noWait, 0)
}

func (f folder) same(name string, data []byte) bool {
	info, err := f.Stat(name)
	if err != nil || !info.Mode().IsRegular() || info.Size() != int64(len(data)) {
		return false
	}
	file, err := f.Open(name)
	if err != nil {
		return false
	}
	defer file.Close()
	mine, err := readAll(name, file, info.Size(), int64(len(data)))
	return err == nil && bytes.Equal(mine, data)
}

// Find returns the root that belongs to start (a file or folder): the top of the
// enclosing git work tree, which is the nearest folder with an entry ".git", or
// the folder of start itself where there is none. Symbolic links are resolved.
func Find(start string) (root string) {
	folder, err := resolve(start)
	if err != nil {
		return start
	}
	if info, err := os.Stat(folder); err == nil && !info.IsDir() {
		folder = filepath.Dir(folder)
	}
	for at := folder; ; at = filepath.Dir(at) {
		if _, err := os.Lstat(filepath.Join(at, ".git")); err == nil {
			return at
		}
		if at == filepath.Dir(at) {
			return folder
		}
	}
}

// resolve makes a path absolute and free of symbolic links.
func resolve(p string) (string, error) {
	absolute, err := filepath.Abs(p)
	if err != nil {
		return "", err
	}
	return filepath.EvalSymlinks(absolute)
}

// Open opens the tree below root. Close it when it is no longer needed.
func Open(root string) (*Tree, error) {
	real, err := resolve(root)
	if err != nil {
		return nil, fmt.Errorf("the root %q: %w", root, bare(err))
	}
	r, err := os.OpenRoot(real)
	if err != nil {
		return nil, fmt.Errorf("the root %q: %w", root, bare(err))
	}
	return &Tree{files: folder{r}, real: real}, nil
}

// Close releases the root; the tree can't be read any more.
func (t *Tree) Close() error { return t.files.Close() }

// Root returns the path of the root, absolute and without symbolic links.
func (t *Tree) Root() string { return t.real }

// Rel returns the path of a file or folder, given as a path of the operating
// system, relative to the root and with '/'. It is an error if the path is not
// below the root or does not exist.
func (t *Tree) Rel(p string) (string, error) {
	real, err := resolve(p)
	if err != nil {
		return "", fmt.Errorf("%q: %w", p, bare(err))
	}
	rel, err := filepath.Rel(t.real, real)
	if err != nil || !filepath.IsLocal(rel) {
		return "", fmt.Errorf("%q is outside the root %q: nothing outside it is read", p, t.real)
	}
	return filepath.ToSlash(rel), nil
}

// local checks a path relative to the root and cleans it.
func local(rel string) (string, error) {
	if rel == "" {
		rel = "."
	}
	if strings.HasPrefix(rel, "/") || filepath.IsAbs(rel) || filepath.VolumeName(rel) != "" {
		return "", fmt.Errorf("%q is an absolute path: only paths relative to the root are read", rel)
	}
	if strings.ContainsRune(rel, 0) {
		return "", fmt.Errorf("%q holds a NUL, which no path can", rel)
	}
	if !filepath.IsLocal(filepath.FromSlash(rel)) {
		return "", fmt.Errorf("%q leads out of the root: nothing outside it is read", rel)
	}
	return path.Clean(rel), nil
}

// wordedError is an error in words of its own that still is its cause.
type wordedError struct {
	text  string
	cause error
}

func (e *wordedError) Error() string { return e.text }
func (e *wordedError) Unwrap() error { return e.cause }

// explain words an error of the operating system about rel.
func explain(rel string, err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return &wordedError{fmt.Sprintf("%q does not exist", rel), fs.ErrNotExist}
	case errors.Is(err, fs.ErrPermission):
		return &wordedError{fmt.Sprintf("%q may not be read by this user", rel), fs.ErrPermission}
	case strings.Contains(err.Error(), "escapes"):
		// os has no exported error for it.
		return fmt.Errorf("%q leads out of the root by a symbolic link (an absolute link counts as such): nothing outside the root is read", rel)
	}
	return fmt.Errorf("%q: %w", rel, bare(err))
}

// bare returns the cause of a path error, without the operation and the path.
func bare(err error) error {
	if pathError, ok := errors.AsType[*fs.PathError](err); ok {
		return pathError.Err
	}
	return err
}

// kind says in words what a file that is not regular is.
func kind(mode fs.FileMode) string {
	switch {
	case mode.IsDir():
		return "a folder"
	case mode&fs.ModeNamedPipe != 0:
		return "a named pipe"
	case mode&fs.ModeSocket != 0:
		return "a socket"
	case mode&fs.ModeDevice != 0:
		return "a device"
	}
	return "no regular file"
}

// accept tells why a file is not read, from what Stat says of it.
func accept(rel string, info fs.FileInfo, limit int64) error {
	if !info.Mode().IsRegular() {
		return fmt.Errorf("%q is %s: only regular files are read", rel, kind(info.Mode()))
	}
	if info.Size() > limit {
		return tooLarge(rel, limit)
	}
	return nil
}

func tooLarge(rel string, limit int64) error {
	return fmt.Errorf("%q is larger than %d bytes, the limit here", rel, limit)
}

// Check tells why Read would refuse a file, without reading it; nil if it would not.
func (t *Tree) Check(rel string) error {
	err := t.check(rel)
	t.note(func(o *Tree) bool { return alike(err, o.check(rel)) })
	return err
}

func (t *Tree) check(rel string) error {
	name, err := local(rel)
	if err != nil {
		return err
	}
	info, err := t.files.Stat(name)
	if err != nil {
		return explain(rel, err)
	}
	return accept(rel, info, MaxFileSize)
}

// Read returns the content of a regular file of up to MaxFileSize bytes; rel is
// relative to the root, with '/'. Its errors name rel, say why and can be shown as
// they are.
func (t *Tree) Read(rel string) ([]byte, error) { return t.ReadUpTo(rel, MaxFileSize) }

// ReadUpTo is Read with a limit in bytes of the caller's.
func (t *Tree) ReadUpTo(rel string, limit int64) ([]byte, error) {
	data, err := t.readUpTo(rel, limit)
	t.note(func(o *Tree) bool {
		if err == nil {
			return o.Same(rel, data)
		}
		_, otherwise := o.readUpTo(rel, limit)
		return alike(err, otherwise)
	})
	return data, err
}

func (t *Tree) readUpTo(rel string, limit int64) ([]byte, error) {
	name, err := local(rel)
	if err != nil {
		return nil, err
	}
	// Stat first: to open a device can have effects.
	info, err := t.files.Stat(name)
	if err != nil {
		return nil, explain(rel, err)
	}
	if err := accept(rel, info, limit); err != nil {
		return nil, err
	}
	f, err := t.files.Open(name)
	if err != nil {
		return nil, explain(rel, err)
	}
	defer f.Close()
	if info, err = f.Stat(); err != nil {
		return nil, explain(rel, err)
	}
	if err := accept(rel, info, limit); err != nil {
		return nil, err
	}
	return readAll(rel, f, info.Size(), limit)
}

// Same tells whether a file is one that Read would read, and holds exactly these bytes.
func (t *Tree) Same(rel string, data []byte) bool {
	name, err := local(rel)
	return err == nil && t.files.same(name, data)
}

// readAll reads to the end; size is what the file system says, which need not be true.
func readAll(rel string, f io.Reader, size, limit int64) ([]byte, error) {
	limited := io.LimitReader(f, limit+1)
	data := make([]byte, 0, size+1)
	for {
		n, err := limited.Read(data[len(data):cap(data)])
		data = data[:len(data)+n]
		switch {
		case int64(len(data)) > limit:
			return nil, tooLarge(rel, limit)
		case err == io.EOF:
			return data, nil
		case err != nil:
			return nil, explain(rel, err)
		}
		data = slices.Grow(data, 1)
	}
}

// IsFolder tells whether a path relative to the root is a folder.
func (t *Tree) IsFolder(rel string) (bool, error) {
	yes, err := t.isFolder(rel)
	t.note(func(o *Tree) bool {
		other, otherwise := o.isFolder(rel)
		return yes == other && alike(err, otherwise)
	})
	return yes, err
}

func (t *Tree) isFolder(rel string) (bool, error) {
	name, err := local(rel)
	if err != nil {
		return false, err
	}
	info, err := t.files.Stat(name)
	if err != nil {
		return false, explain(rel, err)
	}
	return info.IsDir(), nil
}

// IsTopology tells whether a file's name is that of a topology: *.sum.hcl or
// *.sum.hcl.json. Hidden files (which editors leave behind) are none.
func IsTopology(name string) bool {
	base := path.Base(name)
	return !strings.HasPrefix(base, ".") && (strings.HasSuffix(base, Ending) || strings.HasSuffix(base, EndingJSON))
}

// List returns the topology files in a folder (not below it): paths relative to
// the root, with '/', sorted.
func (t *Tree) List(folder string) ([]string, error) {
	found, err := t.list(folder)
	t.note(func(o *Tree) bool {
		others, otherwise := o.list(folder)
		return slices.Equal(found, others) && alike(err, otherwise)
	})
	return found, err
}

func (t *Tree) list(folder string) ([]string, error) {
	name, err := local(folder)
	if err != nil {
		return nil, err
	}
	f, err := t.files.Open(name)
	if err != nil {
		return nil, explain(folder, err)
	}
	defer f.Close()
	entries := []fs.DirEntry{}
	if d, ok := f.(fs.ReadDirFile); ok {
		entries, err = d.ReadDir(MaxEntries + 1)
	}
	if err != nil && err != io.EOF {
		return nil, explain(folder, err)
	}
	if len(entries) > MaxEntries {
		return nil, fmt.Errorf("%q holds more than %d entries, the limit for one folder", folder, MaxEntries)
	}
	var found []string
	for _, e := range entries {
		if IsTopology(e.Name()) {
			found = append(found, path.Join(folder, e.Name()))
		}
	}
	slices.Sort(found)
	return found, nil
}
