# Values that are wrong in themselves.
sum {
  version         = 8.9
  port            = "many"
  ssl_port        = 63002.5
  ftp_port        = -1
  open_firewall   = "perhaps"
  phases          = ["inventory", "deploy"]
  netbios         = 0
  rpc_ports       = "65535-49152"
}

server "a" {
  os              = "linux"
  version         = ""
  phases          = []
  addresses       = "10.10.0.5"
  browsers        = [10, null, true, ["10.10.0.1"]]
  rpc_ports       = "rpc"
  ephemeral_ports = "0-1023"
}

server "b" {
  os              = ["linux"]
  ephemeral_ports = "70000"
  addresses = [
    "10.10.0.256",
    "10.10.0",
    "010.10.0.1",
    "sum01.example.com",
    "10.10.0.5/24",
    "10.10.0.0/33",
    "10.10.0.0/255.255.255.0",
    "10.10.0.0/",
    "10.10.0.9-10.10.0.1",
    "10.10.0.1-9",
    "10.10.0.1-fd00::1",
    "fd00::1/64",
    "fe80::1%eth0",
    "::ffff:10.0.0.1",
    "",
    "10.10.0.1, 10.10.0.2",
  ]
}

server "c" {
  os            = "windows"
  addresses     = ["10.10.0.5"]
  nat_address   = "192.0.2.1"
  nat_addresses = ["192.0.2.2"]
}

target "ilo" "rack" {
  addresses = { a = "10.20.0.1" }
  servers   = "a"
}

target "linux" "nothing" {
  addresses = null
}

target "linux" "empty" {
  addresses = []
}

waive "missing-allowance" {
}

waive "reply-blocked" {
  direction = "to-server"
  port      = 0
  until     = "31.03.2027"
  reason    = "  "
  server    = "a1"
  target    = "x"
  firewall  = "y"
}

waive "reply-blocked" {
  port   = 65536
  until  = "2027-02-30"
  reason = null
}

assume "recent" {
  firewall = "z"
}

assume "limit" {
  holds = "yes"
  reason = "never more than that"
}

assume "limit" {
  holds = true
  reason = "never more than that"
}

policy "exposed-port" {
  severity = "fatal"
}

policy "exposed-port" {
  severity = "off"
}

policy "exposed-port" {}
