package render

import (
	"bufio"
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// requestText writes the change request for a terminal.
func requestText(w io.Writer, list []entry, s Style) error {
	p := &page{out: bufio.NewWriter(w), style: s}
	p.block()
	p.heading(requestHead(list))
	for i := range list {
		e := &list[i]
		if beginsLoopback(list, i) {
			p.block()
			p.heading(loopbackHead)
		}
		p.block()
		from, to := e.ends()
		lead := fmt.Sprintf("%d. ", i+1)
		p.line(lead, len(lead), Escape(from+" → "+to), 3)
		p.row("from", Escape(strings.Join(e.sources, ", ")))
		p.row("to", Escape(strings.Join(e.receivers, ", ")))
		for j := range e.services {
			v := &e.services[j]
			p.row("allow", s.paint(bold, Escape(v.protocolPorts()))+"  "+Escape(v.why()))
			p.row("", s.paint(dim, Escape(v.row)))
		}
	}
	return p.out.Flush()
}

// requestCSV writes the change request for a spreadsheet, a service a line.
func requestCSV(w io.Writer, list []entry) error {
	out := csv.NewWriter(w)
	out.UseCRLF = true // RFC 4180
	_ = out.Write([]string{"entry", "from", "from_addresses", "to", "to_addresses", "protocol",
		"source_port", "ports", "need", "phases", "service", "row"})
	for i := range list {
		e := &list[i]
		from, to := e.ends()
		for _, s := range e.services {
			record := []string{strconv.Itoa(i + 1), from, strings.Join(e.sources, " "), to, strings.Join(e.receivers, " "),
				s.protocol, s.sourcePort, strings.Join(s.ports, " "), s.need, strings.Join(s.phases, " "),
				strings.Join(s.names, ", "), s.row}
			for j, cell := range record {
				record[j] = Cell(cell)
			}
			_ = out.Write(record) // Error tells below
		}
	}
	out.Flush()
	return out.Error()
}

// Cell makes a text harmless as a cell of a CSV file: escaped, and with an
// apostrophe before what a spreadsheet would take for a formula (OWASP, CSV
// injection).
func Cell(s string) string {
	s = Escape(s)
	if trimmed := strings.TrimLeft(s, " "); trimmed != "" && strings.ContainsRune("=+-@＝＋－＠", []rune(trimmed)[0]) {
		return "'" + s
	}
	return s
}

// requestMarkdown writes the change request for a ticket.
func requestMarkdown(w io.Writer, list []entry) error {
	out := bufio.NewWriter(w)
	fmt.Fprintf(out, "# Firewall change request\n\n%s.\n\n", requestHead(list))
	const head = "| # | From | To | Protocol and ports | Why | Row of the port table |\n|---|---|---|---|---|---|\n"
	for i := range list {
		e := &list[i]
		switch {
		case beginsLoopback(list, i):
			out.WriteString("\n" + loopbackHead + ":\n\n" + head)
		case i == 0:
			out.WriteString(head)
		}
		from, to := e.ends()
		for j := range e.services {
			s := &e.services[j]
			fmt.Fprintf(out, "| %d | %s<br>%s | %s<br>%s | %s | %s | %s |\n", i+1,
				markdownText(from), markdownText(strings.Join(e.sources, ", ")),
				markdownText(to), markdownText(strings.Join(e.receivers, ", ")),
				markdownText(s.protocolPorts()), markdownText(s.why()), markdownText(s.row))
		}
	}
	return out.Flush()
}
