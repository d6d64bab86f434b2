package cli

import (
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/term"

	"github.com/sumlint/sumlint/policies/lint"
)

// terminal returns the terminal that a stream is, if it is one.
func terminal(w io.Writer) (fd int, ok bool) {
	file, ok := w.(*os.File)
	if !ok {
		return 0, false
	}
	fd = int(file.Fd())
	return fd, term.IsTerminal(fd)
}

// terminalWidth is the width of the terminal that a stream is, 0 for anything else.
func terminalWidth(w io.Writer) int {
	fd, ok := terminal(w)
	if !ok {
		return 0
	}
	width, _, err := term.GetSize(fd)
	if err != nil || width < 40 {
		return 0
	}
	return width
}

// colored tells whether to colour what goes to a stream. --color decides; with auto,
// NO_COLOR (https://no-color.org) forbids, CLICOLOR_FORCE demands, else a terminal
// that is not dumb is coloured.
func (p *program) colored(w io.Writer) bool {
	switch p.color.value {
	case "always":
		return true
	case "never":
		return false
	}
	if p.env("NO_COLOR") != "" {
		return false
	}
	if force := p.env("CLICOLOR_FORCE"); force != "" && force != "0" {
		return true
	}
	fd, ok := terminal(w)
	return ok && p.env("TERM") != "dumb" && showsColor(fd)
}

// progressAfter is how long a run may take before it tells how far it is.
const progressAfter = time.Second

// progress lets a run tell on a terminal how far it is, once it takes long. The
// function that it returns wipes that out.
func (p *program) progress(o *lint.Options) (done func()) {
	if _, ok := terminal(p.stderr); !ok || p.env("TERM") == "dumb" {
		return func() {}
	}
	start := time.Now()
	shown := -1
	report := make(chan int, 1)
	finished := make(chan struct{})
	go func() {
		defer close(finished)
		for percent := range report {
			if percent != shown && time.Since(start) > progressAfter {
				fmt.Fprintf(p.stderr, "\r%3d %% ", percent)
				shown = percent
			}
		}
		if shown >= 0 {
			fmt.Fprint(p.stderr, "\r      \r")
		}
	}()
	o.Progress = func(n, total int) {
		select {
		case report <- 100 * n / max(total, 1):
		default: // the last one is still being shown
		}
	}
	return func() {
		close(report)
		<-finished
	}
}
