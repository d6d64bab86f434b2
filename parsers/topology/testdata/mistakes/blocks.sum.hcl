# Blocks, attributes and names that do not exist.
sum {
  version = "8.9.0"
  prot    = 63001
}

sum {
  port = 1
}

severs "sum01" {
  os = "linux"
}

colour "red" {}

server "sum01" {
  os        = "linx"
  addresses = ["10.10.0.5"]
  adresses  = ["10.10.0.6"]
}

server "sum01" {
  os        = "linux"
  addresses = ["10.10.0.7"]
}

server "sum02" {
  addresses = []
}

server "" {
  os        = "windows"
  addresses = ["10.10.0.8"]
}

target "ilos" "rack-a" {
  addresses = ["10.20.1.0/26"]
  servers   = ["sum1", "sum02"]
}

target "ilo" "rack-a" {
  addresses = ["10.20.2.0/26"]
  mode      = "remot"
  name      = "x"
}

target "ilo" "rack-a" "row-1" {
  addresses = ["10.20.3.0/26"]
}

target "ilo" {
  addresses = ["10.20.3.0/26"]
}

target "ilo" "rack-b" {
  servers = []

  addresses {
    a = 1
  }
}

firewall "core" {
  exports   = ["../exports/core.v4"]
  interface = "eth0"
}

router "core" {
  interface "a" {
    acl_in = "X"
  }
}

router "empty" {}

addresses = ["10.0.0.1"]
zone      = "admin"
