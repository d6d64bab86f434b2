sum {
  version       = "8.9.0"
  port          = 8080
  ssl_port      = "8443"
  ftp_port      = null
  open_firewall = true
  rpc_ports     = "50000-51000"
}

locals {
  rack = cidrsubnet(local.oob, 10, 4)
  oob  = "10.20.0.0/16"
}

zone "admin" {
  networks = ["10.10.0.0/24"]
}

zone "oob" {
  networks = [local.oob, "fd00:20::/64"]
}

zone "transit" {}

server "sum01" {
  os          = "linux"
  addresses   = ["10.10.0.5", "fd00:20::5"]
  nat_address = "192.0.2.5"
  browsers    = ["10.10.0.0/25"]
}

server "sum02" {
  os            = "windows"
  addresses     = ["10.10.0.6"]
  version       = "7.6.0"
  port          = 63001
  ftp_port      = 2121
  open_firewall = false
  netbios       = false
  phases        = ["inventory", "inventory"]
}

target "ilo" "rack-a" {
  addresses     = [local.rack, "10.20.2.1-10.20.2.9", "fd00:20::1:0/112"]
  nat_addresses = ["192.0.2.0/24"]
  servers       = [for n in range(1, 3) : format("sum%02d", n)]
}

target "linux" "db" {
  addresses = ["10.20.3.1"]
  mode      = "local"
}
