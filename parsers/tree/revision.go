package tree

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
)

// Revision writes the files of a git revision below a new temporary folder and
// returns it; the work tree and the index are left alone. root is the top of the
// work tree, rev whatever git takes for a commit. The caller removes the folder.
func Revision(ctx context.Context, root, rev string) (folder string, err error) {
	if strings.HasPrefix(rev, "-") {
		return "", fmt.Errorf("%q is no git revision", rev)
	}
	folder, err = os.MkdirTemp("", "sumlint-base-")
	if err != nil {
		return "", err
	}
	defer func() {
		if err != nil {
			os.RemoveAll(folder)
		}
	}()
	git := exec.CommandContext(ctx, "git", "-C", root, "archive", "--format=tar", rev)
	var complaint strings.Builder
	git.Stderr = &complaint
	out, err := git.StdoutPipe()
	if err != nil {
		return "", err
	}
	if err := git.Start(); err != nil {
		return "", fmt.Errorf("git is needed to read the revision %q: %w", rev, err)
	}
	unpacked := unpack(out, folder)
	if unpacked != nil {
		_, _ = io.Copy(io.Discard, out)
	}
	if err := git.Wait(); err != nil {
		return "", fmt.Errorf("git cannot read the revision %q: %s", rev, firstLine(complaint.String(), err))
	}
	return folder, unpacked
}

func firstLine(text string, err error) string {
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	if line == "" {
		return err.Error()
	}
	return line
}

// unpack writes regular files and symbolic links of a tar stream below folder.
func unpack(stream io.Reader, folder string) error {
	root, err := os.OpenRoot(folder)
	if err != nil {
		return err
	}
	defer root.Close()
	for files := tar.NewReader(stream); ; {
		h, err := files.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		name := filepath.FromSlash(strings.TrimSuffix(h.Name, "/"))
		switch h.Typeflag {
		case tar.TypeDir:
			err = root.MkdirAll(name, 0o755)
		case tar.TypeReg:
			if err = root.MkdirAll(path.Dir(name), 0o755); err == nil {
				err = write(root, name, files)
			}
		case tar.TypeSymlink:
			err = root.Symlink(h.Linkname, name)
		}
		if err != nil {
			return err
		}
	}
}

func write(root *os.Root, name string, from io.Reader) error {
	f, err := root.Create(name)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, from)
	return errors.Join(err, f.Close())
}
