# The plan of a SUM rollout: who updates what, and which firewalls stand between.
# Check it with `sumlint check`; `sumlint flows` lists what must be open.
# Values are HCL expressions; `locals`, for_each and functions such as csvdecode work.

sum {
  version = "8.9.0"          # the SUM release; default: the newest port table
  # port          = 63001    # smartupdate /port
  # ssl_port      = 63002    # smartupdate /ssl_port
  # ftp_port      = 2121     # smartupdate /ftp_port; absent: the FTP service is off
  # open_firewall = false    # smartupdate /open_firewall
  # phases        = ["inventory", "deployment"]
}

# Zones are the parts of the network that firewalls divide.
zone "admin" { networks = ["10.10.0.0/24"] }
zone "oob" { networks = ["10.20.0.0/16"] }

# The system that runs SUM.
server "sum01" {
  os        = "linux"        # or "windows"
  addresses = ["10.10.0.5"]
  # browsers = ["10.10.0.64/26"]   # where SUM's web page is opened from
}

# What it updates. Types: windows, linux, vmware, oa, superdome-x, superdome-flex,
# ilo, vc, fc-switch, sas-switch.
target "ilo" "rack-a" {
  addresses = ["10.20.1.0/26"]     # hosts, networks or first-last ranges
}

# A firewall between zones, with what iptables-save, ip6tables-save, ipset save,
# `netsh advfirewall firewall show rule name=all verbose` or a YAML ACL holds.
firewall "core" {
  exports = ["exports/core.v4"]
  interface "eth0" { zone = "admin" }
  interface "eth1" { zone = "oob" }
}

# A host's own packet filter.
# firewall "sum01-host" {
#   host    = "sum01"
#   exports = ["exports/sum01.v4"]
# }

# A finding that is accepted, until a day.
# waive "optional-blocked" {
#   target = "rack-a"
#   port   = 80
#   reason = "the redirect port stays closed"
#   until  = "2027-03-31"
# }
