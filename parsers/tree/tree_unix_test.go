//go:build unix

package tree_test

import (
	"net"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// Special files are refused at once: to open a FIFO would wait for its writer.
func TestReadSpecial(t *testing.T) {
	root := t.TempDir()
	if err := syscall.Mkfifo(filepath.Join(root, "fifo"), 0o644); err != nil {
		t.Skip(err)
	}
	socket, err := net.Listen("unix", filepath.Join(root, "socket"))
	if err != nil {
		t.Skip(err)
	}
	defer socket.Close()
	tr := open(t, root)
	devices := open(t, "/dev")
	for name, want := range map[string]string{"fifo": "is a named pipe", "socket": "is a socket"} {
		if _, err := tr.Read(name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Read(%q): %v; want %q", name, err, want)
		}
	}
	if _, err := devices.Read("zero"); err == nil || !strings.Contains(err.Error(), "is a device") {
		t.Errorf("Read of a device: %v", err)
	}
	if _, err := tr.List("fifo"); err == nil {
		t.Error("a FIFO lists as a folder")
	}
}
