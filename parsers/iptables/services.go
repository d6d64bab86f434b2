package iptables

import "github.com/sumlint/sumlint/parsers/packet"

// servicePorts are common names of /etc/services, which hand-written restore input may
// use; iptables-save prints numbers. The table is fixed, so that an answer does not
// depend on the machine that gives it.
var servicePorts = map[string]packet.Port{
	"tcpmux": 1, "echo": 7, "discard": 9, "daytime": 13, "chargen": 19, "ftp-data": 20, "ftp": 21, "ssh": 22, "telnet": 23, "smtp": 25, "mail": 25,
	"time": 37, "whois": 43, "nicname": 43, "tacacs": 49, "domain": 53, "bootps": 67, "bootpc": 68, "tftp": 69, "gopher": 70, "finger": 79,
	"http": 80, "www": 80, "kerberos": 88, "kerberos5": 88, "krb5": 88, "pop3": 110, "pop-3": 110, "sunrpc": 111, "portmapper": 111, "auth": 113, "ident": 113,
	"nntp": 119, "ntp": 123, "epmap": 135, "loc-srv": 135, "netbios-ns": 137, "netbios-dgm": 138, "netbios-ssn": 139, "imap": 143, "imap2": 143,
	"snmp": 161, "snmp-trap": 162, "snmptrap": 162, "xdmcp": 177, "bgp": 179, "irc": 194, "imap3": 220, "ldap": 389, "svrloc": 427, "https": 443,
	"microsoft-ds": 445, "kpasswd": 464, "submissions": 465, "smtps": 465, "ssmtp": 465, "urd": 465, "isakmp": 500, "exec": 512, "login": 513, "who": 513,
	"shell": 514, "syslog": 514, "printer": 515, "talk": 517, "ntalk": 518, "route": 520, "router": 520, "dhcpv6-client": 546, "dhcpv6-server": 547, "rtsp": 554,
	"submission": 587, "nntps": 563, "ipp": 631, "ldaps": 636, "rsync": 873, "ftps-data": 989, "ftps": 990, "telnets": 992, "imaps": 993, "ircs": 994, "pop3s": 995,
	"socks": 1080, "openvpn": 1194, "ms-sql-s": 1433, "ms-sql-m": 1434, "l2f": 1701, "l2tp": 1701, "pptp": 1723, "radius": 1812, "radius-acct": 1813, "nfs": 2049,
	"iscsi-target": 3260, "mysql": 3306, "ms-wbt-server": 3389, "svn": 3690, "ipsec-nat-t": 4500, "sip": 5060, "sip-tls": 5061, "xmpp-client": 5222,
	"xmpp-server": 5269, "postgresql": 5432, "postgres": 5432, "amqp": 5672, "x11": 6000, "x11-0": 6000, "http-alt": 8080, "webcache": 8080, "bacula-dir": 9101,
	"bacula-fd": 9102, "bacula-sd": 9103, "munin": 4949, "zabbix-agent": 10050, "zabbix-trapper": 10051, "amanda": 10080, "git": 9418, "mdns": 5353, "ircd": 6667,
}

// servicePort returns the port of a common service.
func servicePort(name string) (packet.Port, bool) {
	port, ok := servicePorts[name]
	return port, ok
}
