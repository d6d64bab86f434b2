//go:build unix

package tree

import "syscall"

// noWait opens FIFOs and devices without waiting for their other end (open(2)).
const noWait = syscall.O_NONBLOCK
