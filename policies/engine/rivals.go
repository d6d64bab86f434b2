package engine

import (
	"slices"

	"github.com/sumlint/sumlint/parsers/model"
)

// rivals tells how many of the next chains must be tried in each order: two nat chains
// of one family and priority, as both variants of iptables have them. The one that was
// loaded first is asked first, and where it translates, the other one is not asked
// (nf_nat_core.c, nf_nat_inet_fn); no export tells which that is.
func (w *walk) rivals(chains []*model.Chain, pieces []piece) int {
	asks := func(c *model.Chain) bool {
		return c.FirstPacketOnly && slices.ContainsFunc(c.Rules, func(r model.Rule) bool {
			return !r.Synthetic() && r.Where.Family&pieces[0].box.Family != 0
		})
	}
	if len(chains) > 1 && chains[0].Priority == chains[1].Priority && asks(chains[0]) && asks(chains[1]) {
		return 2
	}
	return 1
}

// loadedFirst is why the order of two nat chains is not known.
var loadedFirst = model.Condition{Kind: "order", Memory: model.PerFlow,
	Text: "which of the two nat tables was loaded first: the legacy one or that of nf_tables"}

// eachOrder sends pieces through chains, two of them in both orders.
func (w *walk) eachOrder(chains []*model.Chain, pieces []piece) []piece {
	if len(chains) == 1 {
		return w.base(chains[0], pieces)
	}
	first, later := w.firstPackets(pieces)
	var orders [2][]piece
	for _, p := range first {
		id, _ := w.identify(&loadedFirst, &p)
		for value := range orders {
			if known, ok := p.chosen(id); ok && int(known) != value {
				continue
			}
			orders[value] = append(orders[value], w.choose(p, Choice{Condition: &loadedFirst, id: id, value: uint8(value), of: 2}))
		}
	}
	one := w.base(chains[1], w.base(chains[0], orders[0]))
	other := w.base(chains[0], w.base(chains[1], orders[1]))
	return w.coalesce(slices.Concat(later, one, other))
}
