server "sum01" {
  os        = "linux"
  addresses = ["10.10.0.5"]
}

target "linux" "sum01" {
  addresses = ["10.10.0.6"]
}

firewall "host" {
  host    = "sum01"
  exports = ["../exports/sum01.v4"]

  interface "ens1" {
    zone = "admin"
  }
}
