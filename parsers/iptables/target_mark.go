package iptables

import "github.com/sumlint/sumlint/parsers/model"

// setMark reads MARK.
func (r *ruleReader) setMark() {
	change := r.markChange(model.SetPacketMark)
	if change == nil {
		if !r.broken {
			r.fail(r.target.name, "Expected --set-mark, --set-xmark, --and-mark, --or-mark or --xor-mark.", "target MARK needs an option")
		}
		return
	}
	r.action.Kind, r.action.Mark = model.SetMark, change
}

// setConnmark reads CONNMARK.
func (r *ruleReader) setConnmark() {
	t := &r.target
	if t.has("left-shift-mark") || t.has("right-shift-mark") {
		r.undecided(false)
		return
	}
	change := r.markChange(model.SetConnectionMark)
	switch {
	case change != nil || r.broken:
	case t.has("save-mark"):
		packetMask, mask := r.markMasks()
		change = &model.MarkChange{Operation: model.SaveMark, Mask: mask, PacketMask: packetMask}
	case t.has("restore-mark"):
		packetMask, mask := r.markMasks()
		change = &model.MarkChange{Operation: model.RestoreMark, Mask: mask, PacketMask: packetMask}
	default:
		r.fail(t.name, "Expected --set-xmark, --save-mark, --restore-mark or one of the others.", "target CONNMARK needs an option")
	}
	if !r.broken {
		r.action.Kind, r.action.Mark = model.SetMark, change
	}
}

// markMasks returns --nfmask and --ctmask, or --mask for both.
func (r *ruleReader) markMasks() (packetMask, connectionMask uint32) {
	read := func(name string) uint32 {
		t := r.target.value(name)
		if t == nil {
			t = r.target.value("mask")
		}
		if t == nil {
			return 0xffffffff
		}
		v, _, _ := r.mark(t)
		return v
	}
	return read("nfmask"), read("ctmask")
}

// markChange reads the options that MARK and CONNMARK share; nil where none is given.
// The kernel computes mark &^ Mask ^ Value.
func (r *ruleReader) markChange(operation model.MarkOperation) *model.MarkChange {
	c := &model.MarkChange{Operation: operation}
	for _, name := range []string{"set-xmark", "set-mark", "and-mark", "or-mark", "xor-mark"} {
		t := r.target.value(name)
		if t == nil {
			continue
		}
		value, mask, ok := r.mark(t)
		if !ok {
			return nil
		}
		switch name {
		case "set-xmark":
			c.Value, c.Mask = value, mask
		case "set-mark":
			c.Value, c.Mask = value, mask|value
		case "and-mark":
			c.Mask = ^value
		case "or-mark":
			c.Value, c.Mask = value, value
		case "xor-mark":
			c.Value = value
		}
		return c
	}
	return nil
}
