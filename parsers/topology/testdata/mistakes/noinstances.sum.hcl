server "sum01" {
  os        = "linux"
  addresses = ["10.10.0.5"]
}

target "ilo" "rack" {
  for_each  = {}
  addresses = ["10.20.0.1"]
}
