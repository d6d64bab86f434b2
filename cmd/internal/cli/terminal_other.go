//go:build !windows

package cli

// showsColor tells whether a terminal understands colour sequences.
func showsColor(int) bool { return true }
