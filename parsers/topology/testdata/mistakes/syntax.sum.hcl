server "sum01" {
  os        = "linux"
  addresses = ["10.10.0.5"
}

target "ilo" "rack-a" {
  addresses = ["10.20.1.0/26"]
}
