package netsh

import (
	"strings"

	"github.com/sumlint/sumlint/parsers/packet"
)

// The English names of Windows' predefined rules that remote management with SUM needs.
const (
	roleDCOM     = "Windows Management Instrumentation (DCOM-In)"
	roleWMI      = "Windows Management Instrumentation (WMI-In)"
	roleAsync    = "Windows Management Instrumentation (ASync-In)"
	roleSMB      = "File and Printer Sharing (SMB-In)"
	roleSession  = "File and Printer Sharing (NB-Session-In)"
	roleName     = "File and Printer Sharing (NB-Name-In)"
	roleDatagram = "File and Printer Sharing (NB-Datagram-In)"
)

// Roles lists the English names of the predefined rules that Role knows.
func Roles() []string {
	return []string{roleDCOM, roleWMI, roleAsync, roleSMB, roleSession, roleName, roleDatagram}
}

// Role returns the English name of the predefined inbound rule that a text names: its
// English name, the id of its registry value ("FPS-SMB-In-TCP-NoScope"), or the resource
// that holds its name ("@FirewallAPI.dll,-28511").
func Role(name string) (string, bool) {
	for _, role := range Roles() {
		if strings.EqualFold(name, role) {
			return role, true
		}
	}
	switch strings.TrimSuffix(lower(name), "-noscope") {
	case "wmi-rpcss-in-tcp", "@firewallapi.dll,-34252":
		return roleDCOM, true
	case "wmi-winmgmt-in-tcp", "@firewallapi.dll,-34254":
		return roleWMI, true
	case "wmi-async-in-tcp", "@firewallapi.dll,-34256":
		return roleAsync, true
	case "fps-smb-in-tcp", "@firewallapi.dll,-28511":
		return roleSMB, true
	case "fps-nb_session-in-tcp", "@firewallapi.dll,-28503":
		return roleSession, true
	case "fps-nb_name-in-udp", "@firewallapi.dll,-28519":
		return roleName, true
	case "fps-nb_datagram-in-udp", "@firewallapi.dll,-28527":
		return roleDatagram, true
	}
	return "", false
}

// Role returns the English name of the predefined rule that this is, in whatever
// language its own name is; "" where it is none. Within the two groups the rules
// differ by what they match, so only the groups' names are translated here.
func (r *Rule) Role() string {
	for _, text := range []string{r.ID, r.Name} {
		if role, ok := Role(text); ok {
			return role
		}
	}
	if r.Direction != In || r.Action != Allow {
		return ""
	}
	// The group is the better witness: Windows does not let users set it.
	for _, text := range [...]string{r.Group, r.Name} {
		head, _, _ := strings.Cut(text, "(")
		head = lower(trimBlanks(head))
		switch {
		case isSharingGroup(head):
			return sharingRole(r)
		case isManagementGroup(head):
			return managementRole(r)
		}
	}
	return ""
}

// isSharingGroup knows the names of the group "File and Printer Sharing".
func isSharingGroup(name string) bool {
	switch name {
	case "file and printer sharing", "datei- und druckerfreigabe", "partage de fichiers et d'imprimantes", "partage de fichiers et d’imprimantes",
		"compartir archivos e impresoras", "compartilhamento de arquivo e impressora", "compartilhamento de arquivos e impressoras",
		"ファイルとプリンターの共有", "ファイルとプリンタの共有", "文件和打印机共享", "общий доступ к файлам и принтерам", "@firewallapi.dll,-28502":
		return true
	}
	return false
}

// isManagementGroup knows the names of the group "Windows Management Instrumentation (WMI)".
func isManagementGroup(name string) bool {
	switch name {
	case "windows management instrumentation", "windows-verwaltungsinstrumentation", "infrastructure de gestion windows",
		"instrumental de administración de windows", "instrumentação de gerenciamento do windows", "windows 管理规范",
		"инструментарий управления windows", "@firewallapi.dll,-34251":
		return true
	}
	return false
}

func sharingRole(r *Rule) string {
	port, one := r.LocalPorts.single()
	if !hasPorts(r.Protocol) || !one {
		return ""
	}
	tcp := r.Protocol == packet.OneProtocol(packet.TCP)
	switch {
	case tcp && port == 445:
		return roleSMB
	case tcp && port == 139:
		return roleSession
	case !tcp && port == 137:
		return roleName
	case !tcp && port == 138:
		return roleDatagram
	}
	return ""
}

// single returns the port of a list of one.
func (p *Ports) single() (packet.Port, bool) {
	if p.Any || len(p.Keywords) > 0 {
		return 0, false
	}
	port, ok := p.Numbers.Min()
	return port, ok && p.Numbers.Equal(packet.Only(port))
}

// managementRole tells the WMI rules apart: the two for any port by their program, or
// by the word for "asynchronous" in their names.
func managementRole(r *Rule) string {
	if r.Protocol != packet.OneProtocol(packet.TCP) {
		return ""
	}
	if !r.LocalPorts.Any {
		if port, one := r.LocalPorts.single(); one && port == 135 {
			return roleDCOM
		}
		return ""
	}
	name := lower(r.Name)
	async := r.Program == "unsecapp.exe"
	for _, word := range []string{"async", "asynchron", "asínc", "assínc", "非同期", "异步", "асинхр"} {
		async = async || strings.Contains(name, word)
	}
	if async {
		return roleAsync
	}
	return roleWMI
}
