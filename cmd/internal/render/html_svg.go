package render

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/sumlint/sumlint/policies/report"
)

// The measures of the drawing, in pixels at its natural size.
const (
	svgBox    = 204 // width of a server's or target's box
	svgWall   = 288 // width of a firewall's box
	svgPad    = 14  // between a zone's border and its boxes
	svgHead   = 44  // height of a zone's head
	svgGap    = 14  // between boxes
	svgLane   = 56  // between a zone and a firewall
	svgLine   = 17  // height of a line of text
	svgChars  = 27  // cells of text that fit into a box
	svgWallCh = 37  // cells of text that fit into a firewall's box
	svgTies   = 10  // lines about flows in one box
)

// svgDrawing is a drawing with its measures.
type svgDrawing struct {
	Width, Height int
	Zones         []svgZone
	Links         []string // paths between zones and firewalls
	Ties          []svgTie
	Boxes         []svgBoxed
	Text          string // what the drawing shows, for those who cannot see it
}

type svgZone struct {
	X, Y, W, H     int
	Name, Networks string
}

// svgTie is the way of a flow to what stops it.
type svgTie struct {
	Path  string
	Class report.Verdict
	X, Y  int // its end
}

type svgBoxed struct {
	X, Y, W, H int
	Class      string
	Lines      []svgText
}

type svgText struct {
	X, Y        int
	Class, Text string
	Full        string // the whole text, where Text is shortened
}

// layout measures a drawing: zones in columns by their distance from the servers,
// the firewalls between the columns.
func layout(d *drawing) *svgDrawing {
	l := svgLayout{d: d, out: &svgDrawing{}, at: map[*box]*svgBoxed{}, ties: map[*box][]*tie{}}
	for _, t := range d.Ties {
		if t.Stop != nil {
			l.ties[t.Stop] = append(l.ties[t.Stop], t)
		}
	}
	l.columns()
	l.link()
	l.out.Text = l.describe()
	for _, x := range l.order {
		l.out.Boxes = append(l.out.Boxes, *l.at[x])
	}
	return l.out
}

type svgLayout struct {
	d     *drawing
	out   *svgDrawing
	at    map[*box]*svgBoxed
	order []*box
	ties  map[*box][]*tie
}

// columns places zones and firewalls.
func (l *svgLayout) columns() {
	last, height := 0, 0
	zones := map[int][]*drawnZone{}
	walls := map[int][]*box{}
	heights := map[int]int{}
	for _, z := range l.d.Zones {
		zones[z.Column] = append(zones[z.Column], z)
		heights[z.Column] += l.zoneHeight(z) + svgGap*2
		last = max(last, z.Column)
	}
	for _, f := range l.d.Firewalls {
		walls[f.Column] = append(walls[f.Column], f)
	}
	for _, h := range heights {
		height = max(height, h)
	}
	x, bottom := svgGap, 0
	wallsAt := make([]int, last+1)
	for c := range last + 1 {
		y := svgGap + (height-heights[c])/2
		for _, z := range zones[c] {
			l.zone(z, x, y)
			y += l.zoneHeight(z) + svgGap*2
		}
		bottom = max(bottom, y)
		x += svgBox + 2*svgPad
		l.out.Width = max(l.out.Width, x+svgGap)
		wallsAt[c] = x + svgLane
		x += svgLane
		if len(walls[c]) > 0 {
			x += svgWall + svgLane
			l.out.Width = max(l.out.Width, x-svgLane+svgGap)
		}
	}
	for c := range last + 1 {
		bottom = max(bottom, l.walls(walls[c], wallsAt[c]))
	}
	l.out.Height = bottom
}

func (l *svgLayout) zoneHeight(z *drawnZone) int {
	h := svgHead + svgPad - svgGap
	for _, x := range z.Boxes {
		h += l.height(x) + svgGap
	}
	return max(h, svgHead+svgPad)
}

// height is that of a box with its lines.
func (l *svgLayout) height(x *box) int {
	return 2*10 + len(l.texts(x))*svgLine
}

// zone places a zone and its boxes.
func (l *svgLayout) zone(z *drawnZone, x, y int) {
	name := z.Name
	if name == "" {
		name = "no zone"
	}
	l.out.Zones = append(l.out.Zones, svgZone{x, y, svgBox + 2*svgPad, l.zoneHeight(z), clip(name, svgChars), clip(shortList(z.Networks, 1), svgChars+4)})
	y += svgHead
	for _, b := range z.Boxes {
		l.place(b, x+svgPad, y, svgBox)
		y += l.height(b) + svgGap
	}
}

// walls places the firewalls of a column, each near the zones that it joins, and
// returns how far down they reach.
func (l *svgLayout) walls(list []*box, x int) int {
	middle := map[*box]int{}
	placed := l.zoneIndex()
	for _, f := range list {
		n := 0
		for _, z := range l.d.Zones {
			if slices.Contains(f.Zones, z.Name) {
				at := l.out.Zones[placed[z]]
				middle[f] += at.Y + at.H/2
				n++
			}
		}
		if n > 0 {
			middle[f] /= n
		}
	}
	slices.SortStableFunc(list, func(a, b *box) int { return cmp.Compare(middle[a], middle[b]) })
	y := svgGap
	for _, f := range list {
		y = max(y, middle[f]-l.height(f)/2)
		l.place(f, x, y, svgWall)
		y += l.height(f) + 2*svgGap
	}
	return y
}

// place gives a box its place and its texts.
func (l *svgLayout) place(x *box, left, top, width int) {
	b := &svgBoxed{X: left, Y: top, W: width, H: l.height(x), Class: x.Kind}
	for i, t := range l.texts(x) {
		t.X, t.Y = left+14, top+10+(i+1)*svgLine-5
		b.Lines = append(b.Lines, t)
	}
	l.at[x] = b
	l.order = append(l.order, x)
}

// texts returns a box's lines: title, detail, how its flows fare, and what it stops.
func (l *svgLayout) texts(x *box) []svgText {
	room := svgChars
	if x.Kind == "firewall" || x.Kind == "router" {
		room = svgWallCh
	}
	var out []svgText
	add := func(class, text string) {
		t := svgText{Class: class, Text: clip(text, room)}
		if t.Text != text {
			t.Full = text
		}
		out = append(out, t)
	}
	add("title", x.Title)
	if x.Detail != "" {
		add("detail", x.Detail)
	}
	for _, f := range x.Filters {
		add("detail", "filter: "+f)
	}
	for _, v := range verdictsWorstFirst() {
		if n := x.Counts[v]; n > 0 {
			add("count "+string(v), fmt.Sprintf("%s %d %s", verdictSymbol(v), n, v))
		}
	}
	for i, t := range l.ties[x] {
		if i == svgTies {
			add("detail", fmt.Sprintf("and %d more", len(l.ties[x])-i))
			break
		}
		text := verdictSymbol(t.color()) + " " + t.Label
		if t.Flows > 1 {
			text += fmt.Sprintf(" (%d)", t.Flows)
		}
		add("tie "+string(t.color()), text)
	}
	return out
}

// link draws the lines: zones to firewalls, and flows to what stops them.
func (l *svgLayout) link() {
	byName := map[string]int{}
	for i, z := range l.d.Zones {
		byName[z.Name] = i
	}
	placed := l.zoneIndex()
	for _, f := range l.d.Firewalls {
		b := l.at[f]
		if b == nil {
			continue
		}
		for _, name := range f.Zones {
			i, ok := byName[name]
			if !ok {
				continue
			}
			z := l.out.Zones[placed[l.d.Zones[i]]]
			l.out.Links = append(l.out.Links, svgCurve(rect{z.X, z.W, z.Y + z.H/2}, rect{b.X, b.W, b.Y + b.H/2}).path)
		}
	}
	for _, stop := range l.order {
		lines := len(l.texts(stop)) - min(len(l.ties[stop]), svgTies)
		if len(l.ties[stop]) > svgTies {
			lines--
		}
		for i, t := range l.ties[stop] {
			from := l.at[t.From]
			if i == svgTies || from == nil || t.From == stop {
				continue
			}
			b := l.at[stop]
			y := b.Y + 10 + (lines+i)*svgLine + svgLine/2
			c := svgCurve(rect{from.X, from.W, from.Y + 18}, rect{b.X, b.W, y})
			l.out.Ties = append(l.out.Ties, svgTie{c.path, t.color(), c.x, c.y})
		}
	}
}

// zoneIndex tells where in the output a zone stands: columns come one after the other.
func (l *svgLayout) zoneIndex() map[*drawnZone]int {
	zones := slices.Clone(l.d.Zones)
	slices.SortStableFunc(zones, func(a, b *drawnZone) int { return a.Column - b.Column })
	at := map[*drawnZone]int{}
	for i, z := range zones {
		at[z] = i
	}
	return at
}

// rect is the side view of a box: where it begins, how wide it is, and the height
// at which a line meets it.
type rect struct{ x, w, y int }

// curve is a line between two boxes and where it ends.
type curve struct {
	path string
	x, y int
}

// svgCurve draws from the nearer side of a to the nearer side of b; between boxes
// that stand above each other it leaves and enters on the right.
func svgCurve(a, b rect) curve {
	x1, x2, bend := a.x+a.w, b.x, 0
	switch {
	case a.x+a.w <= b.x:
		bend = max(30, (x2-x1)/2)
		return curve{fmt.Sprintf("M%d %dC%d %d %d %d %d %d", x1, a.y, x1+bend, a.y, x2-bend, b.y, x2, b.y), x2, b.y}
	case b.x+b.w <= a.x:
		x1, x2 = a.x, b.x+b.w
		bend = max(30, (x1-x2)/2)
		return curve{fmt.Sprintf("M%d %dC%d %d %d %d %d %d", x1, a.y, x1-bend, a.y, x2+bend, b.y, x2, b.y), x2, b.y}
	}
	x2 = b.x + b.w
	return curve{fmt.Sprintf("M%d %dC%d %d %d %d %d %d", x1, a.y, x1+40, a.y, x2+40, b.y, x2, b.y), x2, b.y}
}

// describe says in words what the drawing shows.
func (l *svgLayout) describe() string {
	boxes := 0
	for _, z := range l.d.Zones {
		boxes += len(z.Boxes)
	}
	text := fmt.Sprintf("%s with %s, %s between them.", plural(len(l.d.Zones), "zone", "zones"),
		plural(boxes, "server or target group", "servers and target groups"), plural(len(l.d.Firewalls), "firewall or router", "firewalls and routers"))
	for i, t := range l.d.Ties {
		if i == svgTies {
			return text + fmt.Sprintf(" And %d more.", len(l.d.Ties)-i)
		}
		where := t.At
		if where == "" && t.Stop != nil {
			where = t.Stop.Title
		}
		text += fmt.Sprintf(" %s: %s, at %s.", t.Verdict, t.Label, where)
	}
	return text
}
