zone "admin" {
  networks = ["10.10.0.0/24"]
}
