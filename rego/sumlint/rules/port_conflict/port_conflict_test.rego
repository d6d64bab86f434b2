package sumlint.rules.port_conflict_test

import data.sumlint.lib.samples
import data.sumlint.rules.port_conflict

messages(port, ssl_port, ftp_port) := {f.message |
	some f in port_conflict.finding with input as samples.facts({"servers": [{
		"topology": "plan",
		"name": "sum01",
		"os": "linux",
		"version": "",
		"port": port,
		"ssl_port": ssl_port,
		"ftp_port": ftp_port,
		"open_firewall": false,
		"phases": [],
		"location": {"file": "a.sum.hcl", "line": 1},
		"port_location": {"file": ""},
	}]})
	f.severity == "error"
	f.location.line == 1
}

test_fine if {
	messages(63001, 63002, 0) == set()
	messages(80, 443, 21) == set()
	messages(1, 65535, 2) == set()
}

test_equal if {
	messages(443, 443, 0) == {"sum01: port and ssl_port are both 443."}
	messages(80, 443, 80) == {"sum01: ftp_port and port are both 80."}
	messages(80, 80, 80) == {
		"sum01: port and ssl_port are both 80.",
		"sum01: ftp_port and port are both 80.",
		"sum01: ftp_port and ssl_port are both 80.",
	}
}

test_impossible if {
	messages(0, 65536, -1) == {
		"sum01: port 0 is no port number.",
		"sum01: ssl_port 65536 is no port number.",
		"sum01: ftp_port -1 is no port number.",
	}
}
