package tree

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// OpenRevision opens the tree below root, in a git work tree, as it was in a revision:
// whatever git takes for a commit. The work tree and the index are left alone, and a
// file's content is fetched only when it is read. Close it when it is no longer needed.
func OpenRevision(ctx context.Context, root, rev string) (*Tree, error) {
	real, err := resolve(root)
	if err != nil {
		return nil, fmt.Errorf("the root %q: %w", root, bare(err))
	}
	c := &commit{ctx: ctx, root: real, nodes: map[string]*node{".": {name: ".", mode: fs.ModeDir | 0o755}}}
	hash, err := c.hash(rev)
	if err != nil || rev == "" {
		return nil, c.noRevision(rev, err)
	}
	listing, err := c.git("ls-tree", "-r", "-z", hash)
	if err != nil {
		return nil, c.noRevision(rev, err)
	}
	for line := range strings.SplitSeq(strings.TrimSuffix(string(listing), "\x00"), "\x00") {
		if err := c.add(line); err != nil {
			return nil, c.noRevision(rev, err)
		}
	}
	for _, n := range c.nodes {
		slices.SortFunc(n.children, func(a, b *node) int { return strings.Compare(a.name, b.name) })
	}
	return &Tree{files: c, real: real}, nil
}

// IsRevision tells whether git takes the text for a commit of the work tree that holds
// root; false where there is no git.
func IsRevision(ctx context.Context, root, rev string) bool {
	c := &commit{ctx: ctx, root: root}
	_, err := c.hash(rev)
	return err == nil
}

// hash finds the hash of the commit that git takes a text for.
func (c *commit) hash(rev string) (string, error) {
	hash, err := c.git("rev-parse", "--verify", "--quiet", "--end-of-options", rev+"^{commit}")
	return strings.TrimSpace(string(hash)), err
}

// noRevision says why a revision can't be read.
func (c *commit) noRevision(rev string, err error) error {
	if _, outside := c.git("rev-parse", "--git-dir"); outside != nil {
		return fmt.Errorf("git cannot read the revision %q: %w", rev, outside)
	}
	if _, failed := errors.AsType[*exec.ExitError](err); err == nil || failed {
		return fmt.Errorf("git knows no commit %q here (in a shallow clone it has to be fetched first)", rev)
	}
	return fmt.Errorf("git cannot read the revision %q: %w", rev, err)
}

// commit is a tree's files in a git commit.
type commit struct {
	ctx   context.Context
	root  string
	nodes map[string]*node // by path; "." is the root

	// One git process hands out the contents.
	mu  sync.Mutex
	run *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

// node is a file, folder or symbolic link.
type node struct {
	name     string // its last part
	mode     fs.FileMode
	size     int64 // known once it is read
	hash     string
	children []*node
}

// command makes a git command in the root. What hooks set in the environment would
// lead it elsewhere.
func (c *commit) command(args ...string) *exec.Cmd {
	cmd := exec.CommandContext(c.ctx, "git", append([]string{"-C", c.root}, args...)...)
	cmd.Env = slices.DeleteFunc(os.Environ(), func(entry string) bool {
		name, _, _ := strings.Cut(entry, "=")
		return slices.Contains([]string{"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR"}, name)
	})
	return cmd
}

// git runs a git command to its end and returns what it prints.
func (c *commit) git(args ...string) ([]byte, error) {
	cmd := c.command(args...)
	var complaint strings.Builder
	cmd.Stderr = &complaint
	out, err := cmd.Output()
	if err != nil && complaint.Len() > 0 {
		return nil, errors.New(firstLine(complaint.String(), err))
	}
	return out, err
}

func firstLine(text string, err error) string {
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	if line == "" {
		return err.Error()
	}
	return line
}

// add enters a line of ls-tree: mode, type, hash and, behind a tab, the path.
// Submodules are empty folders.
func (c *commit) add(line string) error {
	if line == "" {
		return nil // a commit without files
	}
	head, name, _ := strings.Cut(line, "\t")
	words := strings.Fields(head)
	if len(words) != 3 || name == "" {
		return fmt.Errorf("it lists %q", line)
	}
	n := &node{name: path.Base(name), mode: 0o644, hash: words[2]}
	switch words[0] {
	case "120000":
		n.mode |= fs.ModeSymlink
	case "160000":
		n.mode = fs.ModeDir | 0o755
	}
	c.nodes[name] = n
	for {
		parent := path.Dir(name)
		up, known := c.nodes[parent]
		if !known {
			up = &node{name: path.Base(parent), mode: fs.ModeDir | 0o755}
			c.nodes[parent] = up
		}
		up.children = append(up.children, c.nodes[name])
		if known {
			return nil
		}
		name = parent
	}
}

// errEscapes is what os.Root says of such a path; see explain.
var errEscapes = errors.New("path escapes from parent")

// maxLinks is how many symbolic links a path may lead over, as in Linux.
const maxLinks = 40

// find follows a path, and links on it, to a node: a link before what follows it, so
// that link/.. is the folder above what the link leads to.
func (c *commit) find(op, name string) (*node, error) {
	fail := func(why error) (*node, error) { return nil, &fs.PathError{Op: op, Path: name, Err: why} }
	todo, at := strings.Split(name, "/"), "."
	for links := 0; len(todo) > 0; {
		part := todo[0]
		todo = todo[1:]
		if part == "" || part == "." {
			continue
		}
		next := path.Join(at, part)
		n := c.nodes[next]
		switch {
		case next == ".." || strings.HasPrefix(next, "../"):
			return fail(errEscapes)
		case !c.nodes[at].mode.IsDir(), n == nil:
			return fail(fs.ErrNotExist)
		case n.mode&fs.ModeSymlink == 0:
			at = next
			continue
		}
		target, err := c.fetch(n, maxTarget)
		if links++; err != nil || links > maxLinks {
			return fail(cmp.Or(err, fs.ErrInvalid))
		}
		if path.IsAbs(string(target)) {
			return fail(errEscapes)
		}
		todo = append(strings.Split(string(target), "/"), todo...)
	}
	return c.nodes[at], nil
}

// maxTarget is the longest target of a link, in bytes, as in Linux.
const maxTarget = 4096

// Stat describes what a path leads to.
func (c *commit) Stat(name string) (fs.FileInfo, error) {
	n, err := c.find("stat", name)
	if err != nil {
		return nil, err
	}
	return n, nil
}

// Open opens a file or folder.
func (c *commit) Open(name string) (fs.File, error) {
	n, err := c.find("open", name)
	if err != nil {
		return nil, err
	}
	if n.IsDir() {
		return &opened{node: n, left: n.children}, nil
	}
	data, err := c.content(n)
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: err}
	}
	read := *n
	read.size = int64(len(data))
	return &opened{node: &read, Reader: bytes.NewReader(data)}, nil
}

// same compares hashes: nothing is fetched.
func (c *commit) same(name string, data []byte) bool {
	n, err := c.find("open", name)
	if err != nil || !n.mode.IsRegular() {
		return false
	}
	var sum hash.Hash = sha1.New()
	if len(n.hash) == hex.EncodedLen(sha256.Size) {
		sum = sha256.New()
	}
	fmt.Fprintf(sum, "blob %d\x00", len(data))
	_, _ = sum.Write(data)
	return hex.EncodeToString(sum.Sum(nil)) == n.hash
}

// Close ends the git process.
func (c *commit) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.run == nil {
		return nil
	}
	_ = c.in.Close()
	_, _ = io.Copy(io.Discard, c.out)
	return c.run.Wait()
}

// lfs begins a file that stands for one in git's large file storage.
var lfs = []byte("version https://git-lfs.github.com/spec/")

// content fetches what a file holds.
func (c *commit) content(n *node) ([]byte, error) {
	data, err := c.fetch(n, MaxFileSize)
	if err == nil && bytes.HasPrefix(data, lfs) {
		return nil, errors.New("it is in git's large file storage: give a folder with the files as the base")
	}
	return data, err
}

func (c *commit) fetch(n *node, limit int64) ([]byte, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.run == nil {
		if err := c.start(); err != nil {
			return nil, err
		}
	}
	if _, err := io.WriteString(c.in, n.hash+"\n"); err != nil {
		return nil, err
	}
	head, err := c.out.ReadString('\n')
	if err != nil {
		return nil, err
	}
	size, err := strconv.ParseInt(strings.TrimSpace(strings.TrimPrefix(head, n.hash+" blob ")), 10, 64)
	if err != nil {
		return nil, fmt.Errorf("git says %q", strings.TrimSpace(head))
	}
	if size > limit {
		_, err := c.out.Discard(int(size) + 1)
		return nil, cmp.Or(err, tooLarge(n.name, limit))
	}
	data := make([]byte, size+1) // and the line's end
	_, err = io.ReadFull(c.out, data)
	return data[:size], err
}

func (c *commit) start() error {
	run := c.command("cat-file", "--batch")
	in, err := run.StdinPipe()
	if err != nil {
		return err
	}
	out, err := run.StdoutPipe()
	if err != nil {
		return err
	}
	if err := run.Start(); err != nil {
		return err
	}
	c.run, c.in, c.out = run, in, bufio.NewReaderSize(out, 1<<16)
	return nil
}

// opened is an open file or folder of a commit.
type opened struct {
	*bytes.Reader
	node *node
	left []*node // of a folder
}

func (f *opened) Stat() (fs.FileInfo, error) { return f.node, nil }

func (f *opened) Read(to []byte) (int, error) {
	if f.Reader == nil {
		return 0, fs.ErrInvalid
	}
	return f.Reader.Read(to)
}

func (f *opened) Close() error { return nil }

// ReadDir lists a folder as fs.ReadDirFile says.
func (f *opened) ReadDir(n int) ([]fs.DirEntry, error) {
	if !f.node.IsDir() {
		return nil, fs.ErrInvalid
	}
	take := len(f.left)
	if n > 0 {
		if take == 0 {
			return nil, io.EOF
		}
		take = min(take, n)
	}
	entries := make([]fs.DirEntry, take)
	for i, child := range f.left[:take] {
		entries[i] = fs.FileInfoToDirEntry(child)
	}
	f.left = f.left[take:]
	return entries, nil
}

// A node is its own fs.FileInfo.

func (n *node) Name() string       { return n.name }
func (n *node) Size() int64        { return n.size }
func (n *node) Mode() fs.FileMode  { return n.mode }
func (n *node) ModTime() time.Time { return time.Time{} }
func (n *node) IsDir() bool        { return n.mode.IsDir() }
func (n *node) Sys() any           { return nil }
