# Zones, firewalls and paths that do not fit together.
zone "admin" {
  networks = ["10.10.0.0/24", "10.20.0.1/16"]
}

zone "oob" {
  networks = ["10.20.0.0/16", "10.10.0.0/24"]
}

zone "oob" {}

zone "lab" {}

server "sum01" {
  os        = "linux"
  addresses = ["10.10.0.5", "10.11.0.5"]
  browsers  = ["10.10.0.0/23"]
}

target "ilo" "rack-a" {
  addresses = ["10.20.255.0-10.21.0.9", "fd00::1"]
}

firewall "core" {
  exports = ["../exports/core.v4", "../exports/core.v4", "../exports/nothing", "../exports", "/etc/passwd", "../../secret", ""]
  format  = "iptable"
  profile = "work"

  interface "eth0" {
    zone      = "admn"
    addresses = ["10.10.0.1", "10.10.0.1/40", "10.10.0.1/24"]
  }

  interface "eth0" {
    zone = "oob"
  }

  interface "eth1" {
    zone   = "oob"
    acl_in = ""
  }

  interface "eth2" {}
}

firewall "nowhere" {
  exports = ["../exports/core.v6"]
}

firewall "none" {
  exports = []

  interface "a" {
    zone = "admin"
  }
}

firewall "host" {
  host    = "sum1"
  exports = ["../exports/sum01.v4"]
}

firewall "both" {
  host    = "sum01"
  exports = ["..\\exports\\sum01.v4"]

  interface "ens1" {
    zone = "admin"
  }

  interface "ens2" {
    zone = "oob"
  }
}

router "transit" {
  interface "a" {
    zone = "oob"
  }
}

path {
  from = "admin"
  to   = "oob"
  via  = ["transit"]
}

path {
  from = "oob"
  to   = "admin"
  via  = ["none"]
}

path {
  from = "admin"
  to   = "lab"
  via  = ["none", "core", "both"]
}

path {
  from = "admin"
  to   = "admin"
  via  = ["none"]
}

path {
  from = "lab"
  to   = "oob"
  via  = []
}

path {
  from = "a"
  to   = "oob"
  via  = ["x"]
}

path {}
