target "windows" "ad" {
  addresses       = ["10.20.3.2"]
  ephemeral_ports = "1025-5000"
}

firewall "core" {
  exports = ["../exports/core.v4", "../exports/core.v6"]
  format  = "iptables"

  interface "eth0" {
    zone      = "admin"
    addresses = ["10.10.0.1/24", "fe80::1/64"]
  }

  interface "eth1" {
    zone    = "transit"
    acl_in  = "IN"
    acl_out = ["OUT4", "OUT6"]
  }
}

firewall "ad-host" {
  host    = "ad"
  exports = ["ad.txt"]
  profile = "domain"

  interface "Ethernet 1" {}
}

router "r1" {
  interface "a" {
    zone = "transit"
  }

  interface "b" {
    zone = "oob"
  }
}

path {
  from = "admin"
  to   = "oob"
  via  = ["core", "r1"]
}

waive "optional-blocked" {
  server    = "sum01"
  target    = "rack-a"
  firewall  = "core"
  direction = "to-target"
  port      = 80
  reason    = "closed"
  until     = "2027-03-31"
}

assume "recent" {
  firewall = "core"
  text     = "--name ssh"
  holds    = true
  reason   = "never hit"
}

policy "exposed-port" {
  severity = "off"
}
