// Package kernel holds the engine's verdicts against what Linux netfilter does.
//
// Its tests build network namespaces (a client, one or two firewalls in a row, a
// server), load rulesets with the real restore tools, make TCP and UDP exchanges
// between real sockets and compare what happened with what the engine says. They
// need Linux, root, iptables (both variants), ipset, nft and ip; without them they
// are skipped. `make kernel` runs the long campaign.
package kernel
