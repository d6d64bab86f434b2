package netsh

import (
	"fmt"
	"strings"

	"github.com/sumlint/sumlint/parsers/diag"
	"github.com/sumlint/sumlint/parsers/netsh/hive"
	"github.com/sumlint/sumlint/parsers/source"
)

const (
	// maxLine bounds a line: a list of 10,000 addresses is about a quarter of it.
	maxLine = 1 << 20
	// maxRules bounds the rules of one file.
	maxRules = 1_000_000
	// maxDiagnostics bounds what is said about one file.
	maxDiagnostics = 200
	// minDashes is the shortest line of dashes under a heading: netsh prints 70.
	minDashes = 20
)

// reader reads one file, line by line. At most one of block and settings is open.
type reader struct {
	doc   *Doc
	text  string
	diags diag.List
	lost  int // diagnostics beyond maxDiagnostics

	next    int    // offset of the next line
	queried bool   // a query of the rules that follow is noted
	pending listed // the command that prints the next listing
	block   *block // the rule block that is being read
	prof    int    // the profile whose rows follow; -1: none

	settings     profileBlock // the rows of that profile
	lostSettings source.Span  // a row that no profile's settings hold for sure

	// listing is a listing of netsh that its last line, "Ok.", did not end yet; shown is
	// the last line that it surely holds.
	listing listing
	shown   source.Span

	registry registryState
	shell    shellState

	junk      int // lines around the dumps
	junkSpan  source.Span
	unknown   int // rule blocks with unknown labels
	unknownAt source.Span
	consec    int
	consecAt  source.Span
	noMatch   bool
	compared  int // the rules that set and delete commands were compared with
	warned    map[string]bool
}

// listing is what a command of netsh prints.
type listing uint8

const (
	listingNone listing = iota
	listingRules
	listingSettings
	listingSecurity // connection security rules
)

// cutOff reports a listing that did not end: what it lacks may allow or block anything.
func (r *reader) cutOff() {
	if r.listing == listingNone {
		return
	}
	r.listing = listingNone
	r.doc.opaque = true
	r.errorf(r.shown, "netsh ends each listing with \"Ok.\", in its language. Rules or settings behind this line may be missing, so what no block rule decides counts as undecided. Export again, and leave the end in the file.",
		"the listing is cut off: no \"Ok.\" ends it")
}

// textLine is a line without its end; at is its offset in the file.
type textLine struct {
	text string
	at   int
}

// Parse reads one export. encoding names its encoding, as Encodings lists them; ""
// finds it out. The Doc is never nil.
func Parse(name string, raw []byte, encoding string) (*Doc, diag.List) {
	doc := &Doc{}
	r := &reader{doc: doc, prof: -1, warned: map[string]bool{}}
	if hive.Is(raw) {
		listing, err := listHive(raw)
		doc.Encoding, doc.File = "regf", source.NewFile(name, listing)
		if err != nil {
			doc.opaque = true
			r.errorf(doc.File.Span(0, 0), "Rules may be missing, or be old ones that Windows deleted. Export again: `netsh advfirewall export FILE`.", "the registry hive can't be read in full: %v", err)
		}
	} else if !r.decode(name, raw, encoding) {
		return doc, r.diags
	}
	r.text = string(doc.File.Data)
	r.lines()
	r.finish()
	return doc, r.diags
}

// decode makes the file's text; false where the encoding is not known.
func (r *reader) decode(name string, raw []byte, encoding string) bool {
	text, ok := decode(raw, encoding)
	r.doc.Encoding, r.doc.File = text.encoding, source.NewFile(name, text.text)
	start := r.span(0, 0)
	switch {
	case !ok:
		r.errorf(start, diag.Legal(encoding, Encodings()), "the encoding %q is not known", encoding)
	case text.guessed:
		r.warnf(start, "Names may be misread; verdicts rarely depend on them. Name the encoding, or export again as UTF-8: `chcp 65001`, then the netsh command.",
			"nothing in the text tells its encoding; it is read as code page %s", text.encoding)
	}
	if at, mixed := secondEncoding(raw, text); ok && mixed {
		r.doc.opaque = true
		r.errorf(r.span(at, at), "One program wrote on where another had written, in another encoding: PowerShell's > and >> write UTF-16, cmd's don't. What stands there can't be read, so what no block rule decides counts as undecided. Export each listing to a file of its own.",
			"the file holds text in two encodings")
	}
	return ok
}

// sawForm notes what a line tells of the file's form; the first to tell decides.
func (r *reader) sawForm(f form) {
	if r.doc.form == formNone {
		r.doc.form = f
	}
}

func (r *reader) span(start, end int) source.Span { return r.doc.File.Span(start, end) }

func (r *reader) lineSpan(l textLine) source.Span { return r.span(l.at, l.at+len(l.text)) }

func (r *reader) errorf(span source.Span, detail, format string, args ...any) {
	if len(r.diags) >= maxDiagnostics {
		r.lost++
		return
	}
	r.diags.Errorf(diag.Export, span, detail, format, args...)
}

func (r *reader) warnf(span source.Span, detail, format string, args ...any) {
	if len(r.diags) >= maxDiagnostics {
		return
	}
	r.diags.Warnf(diag.Export, span, detail, format, args...)
}

// warnOnce warns about the first place only.
func (r *reader) warnOnce(key string, span source.Span, detail, format string, args ...any) {
	if !r.warned[key] {
		r.warned[key] = true
		r.warnf(span, detail, format, args...)
	}
}

// nextLine returns the line at r.next and moves behind it.
func (r *reader) nextLine() (textLine, bool) {
	l, next, ok := r.lineAt(r.next)
	r.next = next
	return l, ok
}

func (r *reader) lineAt(at int) (l textLine, next int, ok bool) {
	if at >= len(r.text) {
		return textLine{}, at, false
	}
	end, next := len(r.text), len(r.text)
	if n := strings.IndexByte(r.text[at:], '\n'); n >= 0 {
		end, next = at+n, at+n+1
	}
	text := r.text[at:end]
	for strings.HasSuffix(text, "\r") {
		text = text[:len(text)-1]
	}
	return textLine{text, at}, next, true
}

// dashesFollow tells whether the next line is one of dashes.
func (r *reader) dashesFollow() bool {
	l, _, ok := r.lineAt(r.next)
	return ok && isDashes(content(l).text)
}

func isDashes(text string) bool {
	return len(text) >= minDashes && strings.Trim(text, "-") == ""
}

// content trims a line, and what tools and mail programs set before each one.
func content(l textLine) textLine {
	l = l.trim()
	if l.text == ">" {
		return textLine{}
	}
	for _, mark := range [...]string{"> ", "[*]"} {
		if strings.HasPrefix(l.text, mark) {
			l = textLine{l.text[len(mark):], l.at + len(mark)}.trim()
		}
	}
	return l
}

func (l textLine) trim() textLine {
	text := trimBlanks(l.text)
	if text != "" && text[0] != l.text[0] {
		l.at += strings.Index(l.text, text[:1])
	}
	l.text = text
	return l
}

func (r *reader) lines() {
	for {
		raw, ok := r.nextLine()
		if !ok {
			return
		}
		if len(raw.text) > maxLine {
			r.errorf(r.span(raw.at, raw.at+80), "Nothing of it is read.", "a line of %d bytes: the limit is %d", len(raw.text), maxLine)
			r.doc.opaque = true
			continue
		}
		if len(r.doc.Rules) >= maxRules {
			r.errorf(r.lineSpan(raw), "Split the export.", "more than %d rules in one file: the limit", maxRules)
			r.doc.opaque = true
			return
		}
		if l := content(raw); l.text != "" {
			r.line(l)
		}
	}
}

// line reads a line that is not empty.
func (r *reader) line(l textLine) {
	if r.block != nil && r.blockLine(l) {
		return
	}
	if isDashes(l.text) {
		return
	}
	if label, value, ok := splitLabel(l.text); ok && r.labelled(l, label, value) {
		return
	}
	if command, prompted, ok := commandOf(l); ok {
		r.closeBlock()
		if prompted {
			r.stray(l)
		}
		if prompted || command.text != "" {
			r.cutOff()
		}
		if r.prof >= 0 && command.text == "" && !prompted { // a mark before the row
			r.isLostSetting(l)
		}
		r.leaveProfile()
		r.registry.kind = keyNone
		r.command(command)
		return
	}
	if isDone(l.text) {
		r.closeBlock()
		r.leaveProfile()
		r.listing = listingNone
		return
	}
	if r.shellLine(l) {
		return
	}
	if r.registryLine(l) {
		r.closeBlock()
		r.leaveProfile()
		return
	}
	if isNoMatch(l.text) {
		r.noMatch = true
		return
	}
	if r.prof >= 0 && r.settingsRow(l) || r.isLostSetting(l) {
		return
	}
	r.stray(l)
}

// labelled reads a line outside of rule blocks that begins with a label.
func (r *reader) labelled(l textLine, label, value string) bool {
	f, known := fieldOf(label)
	switch {
	case known && f == fieldName:
		r.openBlock(l, label, value)
		return true
	case isProfileHeading(l.text):
		r.heading(l)
		return true
	case !r.dashesFollow():
		if known && r.prof < 0 && r.doc.form == formDump {
			r.errorf(r.lineSpan(l), "A rule begins with its \"Rule Name:\" row and ends with its \"Action:\" row; this one stands in no rule. Export again.", "the row %q stands outside of a rule", label)
			r.doc.opaque = true
			return true
		}
		return false
	case value == "":
		r.heading(l)
		return true
	}
	if r.unknown == 0 {
		r.unknownAt = r.lineSpan(l)
	}
	r.unknown++
	r.leaveProfile()
	r.prof = len(r.doc.Profiles) // rows of an unknown block: passed over
	return true
}

// stray notes a line that belongs to no dump.
func (r *reader) stray(l textLine) {
	if r.junk == 0 {
		r.junkSpan = r.lineSpan(l)
	}
	r.junk++
}

// sawQuery notes that rules follow, or none, and which of the store they are.
func (r *reader) sawQuery() {
	if !r.queried {
		r.queried = true
		r.doc.queries = append(r.doc.queries, everything())
	}
}

// finish says what can be said at the end of the file only.
func (r *reader) finish() {
	r.closeBlock()
	r.leaveProfile()
	r.cutOff()
	r.doc.RuleCount += r.unknown
	if r.unknown > 0 {
		r.doc.opaque = true
		r.errorf(r.unknownAt, "Known are English, Spanish, Portuguese, Japanese, German, French, Russian and Chinese. Export again on an English Windows, or export the rules as the registry holds them, which no language changes: "+
			"`reg export HKLM\\SYSTEM\\CurrentControlSet\\Services\\SharedAccess\\Parameters\\FirewallPolicy firewall.reg`.",
			"this is a netsh dump in a language that is not known: %d rules can't be read", r.unknown)
	}
	r.finishSettings()
	r.finishRegistry()
	r.finishRefused()
	if r.junk > 0 && r.doc.form != formRefused && len(r.doc.Rules)+r.unknown > 0 {
		r.warnf(r.junkSpan, fmt.Sprintf("The first begins with %q.", sampleOf(r.junkSpan.Text())), "text around the rules is passed over (prompts, fences, other output): %s", plural(r.junk, "line"))
	}
	if r.lost > 0 {
		r.diags.Errorf(diag.Export, r.span(0, 0), "", "%d more errors in this file are not shown: the limit is %d", r.lost, maxDiagnostics)
	}
}

// sampleOf is the beginning of a line, to show what it is.
func sampleOf(text string) string {
	const most = 60
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return text
}

func plural(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}
