package render

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sumlint/sumlint/policies/report"
)

// browser is a headless Chromium that a test steers by the DevTools protocol, over
// the pipe that --remote-debugging-pipe opens.
type browser struct {
	t       *testing.T
	to      *os.File
	from    *bufio.Reader
	session string
	last    int
	events  []browserMessage
}

type browserMessage struct {
	ID     int             `json:"id"`
	Method string          `json:"method"`
	Params json.RawMessage `json:"params"`
	Result json.RawMessage `json:"result"`
	Error  *struct {
		Message string `json:"message"`
	} `json:"error"`
}

// startBrowser starts a browser with one empty page, or skips the test.
func startBrowser(t *testing.T) *browser {
	t.Helper()
	program := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			program = path
			break
		}
	}
	if program == "" {
		t.Skip("no chromium is installed: the HTML report is not tested in a browser")
	}
	toChild, to, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	from, fromChild, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
		"--disable-component-update", "--disable-sync", "--user-data-dir="+t.TempDir(), "--remote-debugging-pipe", "about:blank")
	cmd.ExtraFiles = []*os.File{toChild, fromChild}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	toChild.Close()
	fromChild.Close()
	b := &browser{t: t, to: to, from: bufio.NewReader(from)}
	deadline := time.AfterFunc(2*time.Minute, func() { cmd.Process.Kill() })
	t.Cleanup(func() {
		b.call("Browser.close", nil)
		to.Close()
		cmd.Wait()
		deadline.Stop()
		from.Close()
	})
	var target struct{ TargetID string }
	b.into(b.call("Target.createTarget", map[string]any{"url": "about:blank"}), &target)
	var attached struct{ SessionID string }
	b.into(b.call("Target.attachToTarget", map[string]any{"targetId": target.TargetID, "flatten": true}), &attached)
	b.session = attached.SessionID
	for _, domain := range []string{"Page", "Runtime", "Log", "Network"} {
		b.call(domain+".enable", nil)
	}
	return b
}

func (b *browser) into(raw json.RawMessage, v any) {
	b.t.Helper()
	if err := json.Unmarshal(raw, v); err != nil {
		b.t.Fatal(err)
	}
}

// call sends a command and waits for its answer; events on the way are kept.
func (b *browser) call(method string, params map[string]any) json.RawMessage {
	b.t.Helper()
	b.last++
	m := map[string]any{"id": b.last, "method": method}
	if params != nil {
		m["params"] = params
	}
	if b.session != "" && !strings.HasPrefix(method, "Browser.") {
		m["sessionId"] = b.session
	}
	text, err := json.Marshal(m)
	if err != nil {
		b.t.Fatal(err)
	}
	if _, err := b.to.Write(append(text, 0)); err != nil {
		b.t.Fatal(err)
	}
	for {
		got := b.read()
		if got.ID != b.last {
			b.events = append(b.events, got)
			continue
		}
		if got.Error != nil {
			b.t.Fatalf("%s: %s", method, got.Error.Message)
		}
		return got.Result
	}
}

func (b *browser) read() browserMessage {
	b.t.Helper()
	text, err := b.from.ReadBytes(0)
	if err != nil {
		b.t.Fatalf("the browser ended: %v", err)
	}
	var m browserMessage
	b.into(text[:len(text)-1], &m)
	return m
}

// open loads a file and waits until it is there.
func (b *browser) open(path string) {
	b.t.Helper()
	seen := len(b.events)
	b.call("Page.navigate", map[string]any{"url": "file://" + path})
	for ; ; seen++ {
		for seen >= len(b.events) {
			b.events = append(b.events, b.read())
		}
		if b.events[seen].Method == "Page.loadEventFired" {
			return
		}
	}
}

// eval returns what an expression gives, as JSON turned into text.
func (b *browser) eval(expression string) string {
	b.t.Helper()
	var out struct {
		Result           struct{ Value any }
		ExceptionDetails *struct{ Text string }
	}
	b.into(b.call("Runtime.evaluate", map[string]any{"expression": expression, "returnByValue": true, "awaitPromise": true}), &out)
	if out.ExceptionDetails != nil {
		b.t.Fatalf("%s: %s", expression, out.ExceptionDetails.Text)
	}
	return fmt.Sprint(out.Result.Value)
}

// key presses a key; text is what it types, if anything.
func (b *browser) key(name, text string, code int) {
	b.t.Helper()
	down := map[string]any{"type": "keyDown", "key": name, "code": name, "windowsVirtualKeyCode": code}
	if text != "" {
		down["text"] = text
	}
	b.call("Input.dispatchKeyEvent", down)
	b.call("Input.dispatchKeyEvent", map[string]any{"type": "keyUp", "key": name, "code": name, "windowsVirtualKeyCode": code})
}

// settle lets the page's own timers run.
func (b *browser) settle() { b.eval("new Promise(f => setTimeout(f, 200))") }

// trouble returns what the page complained about and what it asked for, itself aside.
func (b *browser) trouble(path string) []string {
	var out []string
	for _, e := range b.events {
		switch e.Method {
		case "Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded":
			out = append(out, e.Method+" "+string(e.Params))
		case "Network.requestWillBeSent":
			var p struct{ Request struct{ URL string } }
			b.into(e.Params, &p)
			if u := p.Request.URL; u != "file://"+path && !strings.HasPrefix(u, "data:") {
				out = append(out, "it asked for "+u)
			}
		}
	}
	return out
}

// htmlFile writes a report to a file for the browser.
func htmlFile(t *testing.T, name string, r *report.Report) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name+".html")
	if err := os.WriteFile(path, write(t, r, HTML), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

const shownRows = `[...document.querySelectorAll(".matrix tbody tr:not([hidden]) th")].filter(e => e.offsetParent).map(e => e.firstChild.textContent).join(", ")`

func TestHTMLInBrowser(t *testing.T) {
	b := startBrowser(t)
	path := htmlFile(t, "datacentre", dataCentre())
	b.open(path)
	want := func(what, expression, value string) {
		t.Helper()
		if got := b.eval(expression); got != value {
			t.Errorf("%s: %q, want %q", what, got, value)
		}
	}
	want("title", "document.title", "sumlint: The firewalls will stop parts of this rollout")
	want("style applies", `getComputedStyle(document.querySelector("h1")).fontWeight`, "650")
	want("rows", shownRows, "rack-a, enclosure-1, esx-cluster, files, sum01")
	want("the filter shows itself", `document.getElementById("filter").hidden`, "false")
	want("drawing", `document.querySelector("svg.topology").getBoundingClientRect().width > 500`, "true")

	// By keyboard: the skip link is first; type a name; Escape shows all again.
	b.key("Tab", "", 9)
	want("first stop", `document.activeElement.className`, "skip")
	b.eval(`document.getElementById("query").focus()`)
	for _, r := range "esx" {
		b.key(string(r), string(r), int(r)-32)
	}
	b.settle()
	want("rows that hold esx", shownRows, "esx-cluster")
	want("findings that hold esx", `document.querySelectorAll("article.finding:not([hidden])").length`, "1")
	want("the count is told", `document.getElementById("shown").textContent`, "3 of 15 entries shown")
	b.key("Escape", "", 27)
	b.settle()
	want("rows after Escape", shownRows, "rack-a, enclosure-1, esx-cluster, files, sum01")

	// By verdict: without the allowed ones, the rows that hold nothing else go.
	b.eval(`document.querySelector("input[value=allowed]").focus()`)
	b.key(" ", " ", 32)
	b.settle()
	want("rows that are not all allowed", shownRows, "rack-a, esx-cluster, files")
	b.eval(`document.querySelector("input[value=conditional]").click()`)
	want("rows without the conditional one", shownRows, "rack-a, esx-cluster")
	want("flows", `[...document.querySelectorAll("article.flow:not([hidden])")].map(e => e.dataset.verdicts).join(" ")`, "blocked partial blocked")

	// A link to what is hidden shows it.
	b.eval(`location.hash = document.querySelector("article.flow.conditional").id`)
	b.settle()
	want("the linked flow", `document.querySelector("article.flow.conditional").hidden`, "false")

	for _, trouble := range b.trouble(path) {
		t.Error(trouble)
	}
}

// Each form field and image has a name for screen readers, no id stands twice, and
// headings skip no level.
func TestHTMLIsAccessible(t *testing.T) {
	b := startBrowser(t)
	b.open(htmlFile(t, "large", largeReport(100)))
	for what, expression := range map[string]string{
		"fields without a label":       `[...document.querySelectorAll("input")].filter(e => !e.labels.length).length`,
		"drawings without a name":      `[...document.querySelectorAll("svg:not([aria-hidden])")].filter(e => !e.getAttribute("aria-label")).length`,
		"header cells without scope":   `document.querySelectorAll("th:not([scope])").length`,
		"headings that skip a level":   `(() => { let last = 0, n = 0; for (const h of document.querySelectorAll("h1,h2,h3,h4")) { const l = +h.tagName[1]; if (l > last + 1) n++; last = l } return n })()`,
		"links to nowhere":             `[...document.querySelectorAll("a")].filter(a => !document.getElementById(a.hash.slice(1))).length`,
		"a page wider than the window": `document.documentElement.scrollWidth > innerWidth ? 1 : 0`,
	} {
		if got := b.eval(expression); got != "0" {
			t.Errorf("%s: %s", what, got)
		}
	}
}

// Hostile texts run nothing and fetch nothing.
func TestHTMLHostileInBrowser(t *testing.T) {
	b := startBrowser(t)
	path := htmlFile(t, "hostile", poison(hostile["html"]+hostile["css and js"]+hostile["direction"]+hostile["broken"], true))
	b.open(path)
	b.settle()
	for _, trouble := range b.trouble(path) {
		t.Error(trouble)
	}
	if got := b.eval(`document.scripts.length + " " + document.images.length`); got != "1 0" {
		t.Errorf("scripts and images: %s, want 1 and 0", got)
	}
}
