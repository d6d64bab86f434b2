package cli

import "golang.org/x/sys/windows"

// showsColor makes a Windows console understand colour sequences and tells whether it does.
func showsColor(fd int) bool {
	var mode uint32
	console := windows.Handle(fd)
	if windows.GetConsoleMode(console, &mode) != nil {
		return false
	}
	return windows.SetConsoleMode(console, mode|windows.ENABLE_VIRTUAL_TERMINAL_PROCESSING) == nil
}
