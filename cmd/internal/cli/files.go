package cli

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
)

// replaceFile writes a file as a whole or not at all: into a temporary file in the
// same folder, which then takes the file's place. A symbolic link is replaced, not
// followed, so nothing outside the folder is written. An existing file's mode stays.
func replaceFile(path string, write func(io.Writer) error) (err error) {
	temporary := fmt.Sprintf("%s.%08x.tmp", path, rand.Uint32())
	file, err := os.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return fmt.Errorf("%s: %w", path, reason(err))
	}
	defer func() {
		if err != nil {
			_ = os.Remove(temporary)
			err = fmt.Errorf("%s: %w", path, reason(err))
		}
	}()
	if old, statErr := os.Lstat(path); statErr == nil && old.Mode().IsRegular() {
		_ = file.Chmod(old.Mode().Perm()) // not every file system has modes
	}
	out := bufio.NewWriter(file)
	if err = write(out); err == nil {
		err = out.Flush()
	}
	if closeErr := file.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return err
	}
	return os.Rename(temporary, path)
}

// appendFile adds to a file, which need not exist.
func appendFile(path string, write func(io.Writer) error) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o666)
	if err != nil {
		return fmt.Errorf("%s: %w", path, reason(err))
	}
	out := bufio.NewWriter(file)
	return errors.Join(write(out), out.Flush(), file.Close())
}

// reason leaves out what the message says already: the operation and the temporary
// file's name.
func reason(err error) error {
	switch e := err.(type) {
	case *fs.PathError:
		return e.Err
	case *os.LinkError:
		return e.Err
	}
	return err
}
