package engine

import (
	"github.com/sumlint/sumlint/parsers/model"
)

// setMark changes a mark. A later packet that would change it back is in doubt: how often
// the ends send is not known.
func (w *walk) setMark(m *model.MarkChange, p piece) []piece {
	if m.Operation != model.SetPacketMark && !p.hasConnection() {
		return []piece{p}
	}
	q := marked(m, p)
	if w.leg0 == Request {
		return []piece{q}
	}
	w.readsMark = w.readsMark || m.Operation == model.RestoreMark
	w.marksLater = w.marksLater || p.connMark != q.connMark
	if marked(m, q).connMark == q.connMark {
		return []piece{q}
	}
	id, _ := w.identify(&togglesMark, &p)
	if odd, ok := p.chosen(id); ok {
		return []piece{map[uint8]piece{0: p, 1: q}[odd]}
	}
	return []piece{w.choose(p, Choice{Condition: &togglesMark, id: id, value: 0, of: 2}), w.choose(q, Choice{Condition: &togglesMark, id: id, value: 1, of: 2})}
}

// togglesMark is why a connection's mark is not known that packets change to and fro.
var togglesMark = model.Condition{Kind: "connmark", Memory: model.PerFlow, Text: "how many packets change the connection's mark and change it back"}

func marked(m *model.MarkChange, p piece) piece {
	switch m.Operation {
	case model.SetPacketMark:
		p.mark = p.mark&^m.Mask ^ m.Value
	case model.SetConnectionMark:
		p.connMark = p.connMark&^m.Mask ^ m.Value
	case model.SaveMark:
		p.connMark = p.connMark&^m.Mask ^ p.mark&m.PacketMask
	case model.RestoreMark:
		p.mark = p.mark&^m.PacketMask ^ p.connMark&m.Mask
	}
	return p
}

func testMark(t *model.MarkTest, p piece) (hits, misses []piece) {
	mark := p.mark
	if t.Connection {
		if !p.hasConnection() {
			return nil, []piece{p} // xt_connmark: without a connection, negated or not
		}
		mark = p.connMark
	}
	if (mark&t.Mask == t.Value) != t.Not {
		return []piece{p}, nil
	}
	return nil, []piece{p}
}
