// Package topology reads what a team plans: the *.sum.hcl and *.sum.hcl.json files
// of a folder, in HCL's native or JSON syntax. All of a folder are one topology.
//
// # Blocks
//
// "list" is a list of strings; an attribute that is null counts as left out.
//
//	sum                    SUM's settings, at most one block; each attribute may be
//	                       repeated in a server, for that server alone
//	  version              string, "8.9.0"; default: the newest edition of the port table
//	  port, ssl_port       number; default 63001 and 63002
//	  ftp_port             number; default: FTP is off
//	  open_firewall        bool; default false
//	  phases               list of "inventory" and "deployment"; default both
//	  netbios              bool; default true
//	  rpc_ports            "first-last"; default "49152-65535"
//	zone NAME
//	  networks             list of CIDRs; without it a transit zone
//	server NAME            a system that runs SUM
//	  os                   "linux" or "windows"; required
//	  addresses            list of hosts, CIDRs or first-last ranges; required
//	  browsers             likewise: where SUM's web page is opened from
//	  nat_address          string, or nat_addresses, a list: what others reach it by
//	  ephemeral_ports      "first-last"; default: linux 32768-60999, windows 49152-65535
//	  … and each attribute of sum
//	target TYPE NAME       nodes of one type
//	  addresses            as in server; required
//	  nat_address, nat_addresses, ephemeral_ports   as in server; default for types
//	                       without a known range 1024-65535
//	  servers              list of server names; default: each server that can
//	  mode                 "remote" (default), "local" or "web"
//	  for_each, name       see below
//	firewall NAME          a packet filter between zones, or a host's own
//	  exports              list of paths, relative to the topology's folder; required
//	  format               "iptables", "ipset", "netsh" or "acl"; default: from the content
//	  host                 name of a server or target: its own filter
//	  profile              "domain", "private" or "public": the active Windows profile
//	  for_each, name       see below
//	  interface NAME       block
//	    zone               name of the zone behind it
//	    addresses          list of addresses with the on-link prefix: "10.10.0.1/24"
//	    acl_in, acl_out    string or list: the ACLs that are bound to it
//	router NAME            forwards, filters nothing
//	  interface NAME       block with zone (required) and addresses
//	path                   the way between two zones, in both directions
//	  from, to             names of zones; required
//	  via                  list of firewalls and routers, from the first to the last; required
//	waive RULE             accepts findings of a rule
//	  server, target, firewall, direction, port     narrow it
//	  reason               string; required
//	  until                "YYYY-MM-DD", the last day it counts; default: for ever
//	  for_each             see below
//	assume KIND            answers what exports can't tell
//	  holds                bool: whether the condition holds, a "!" in it left aside; required
//	  text                 a part of the text of the conditions that are meant; default: each of the kind
//	  firewall             name; default: each
//	  reason               string; required
//	policy RULE
//	  severity             "error", "warning", "note" or "off"; required
//	locals                 values for use as local.NAME
//
// # for_each
//
// A target, firewall or waive with for_each stands for one block for each element;
// its attributes may use each.key and each.value. for_each takes a map or object (key
// and value), a set or list of strings (both are the string), or a list of objects
// that have different names in an attribute "name" (the key), such as the rows of
// csvdecode. An instance is named LABEL[KEY], rack["a"] in Terraform's words being
// rack[a] here, so that names need no escapes where others refer to them, as in
// host = "rack[${each.key}]". The attribute name of targets and firewalls overrides it.
//
// # Functions
//
// Terraform's, as far as they make sense without state: cidrhost, cidrnetmask,
// cidrsubnet, cidrsubnets; file, fileset, csvdecode, jsondecode, yamldecode; those
// of numbers, strings, collections and sets that Functions lists. The paths that
// file and fileset take are relative to the topology's folder and stay in the root.
//
// # Limits
//
// The input may be hostile, so size, nesting and work are bounded; an error names
// the limit that was met (see limits.go).
package topology
