# Expressions that can't be evaluated.
locals {
  a     = local.b
  b     = [local.a]
  uses  = local.a
  self  = "${local.self}"
  twice = 1
  typo  = local.twise
  whole = local
  bad   = cidrsubnet("10.0.0.0/8", 30, 0)
}

locals {
  twice = 2

  nested {}
}

server "sum01" {
  os        = linux
  addresses = [cidrhost("10.10.0.0/30", 4), cidrhst("10.10.0.0/30", 1), local.uses, local.bad, file("nothing.csv"), file("../../secret"), file("/etc/passwd")]
  version   = upper(var.version)
  browsers  = [each.key, local.nothing, "10.10.0.${range(1, 2, 0)[0]}"]
}

target "ilo" "one" {
  for_each  = ["a", "b", "a"]
  addresses = [each.valu]
}

target "ilo" "two" {
  for_each  = [{ id = 1 }]
  addresses = ["10.20.0.1"]
}

target "ilo" "three" {
  for_each  = 3
  addresses = ["10.20.0.1"]
}

target "ilo" "four" {
  for_each  = null
  addresses = ["10.20.0.1"]
}

target "ilo" "five" {
  for_each  = { a = "10.20.0.5", b = "10.20.0" }
  name      = "same"
  addresses = [each.value]
}

target "ilo" "six" {
  for_each  = toset(["a", "b"])
  addresses = ["10.20.0.6"]
}

waive "missing-allowance" {
  target = "six"
  reason = "none"
}
