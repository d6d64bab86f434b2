//go:build !unix

package tree

// noWait is nothing where files are opened without waiting anyway.
const noWait = 0
