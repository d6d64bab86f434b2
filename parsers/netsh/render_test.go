package netsh

import (
	"fmt"
	"strings"
)

// spec is a rule in a few words: "in allow tcp localport=445 program=System".
// Words that are not there are at their defaults.
type spec map[string]string

// parseSpec reads the words; "_" stands for a blank in a value.
func parseSpec(words string) spec {
	s := spec{"name": "a rule", "enabled": "yes", "profiles": "Domain,Private,Public", "localip": "Any", "remoteip": "Any", "protocol": "Any",
		"localport": "Any", "remoteport": "Any", "program": "Any", "security": "NotRequired", "interfacetypes": "Any", "icmp": "Any Any"}
	for _, w := range strings.Fields(words) {
		key, value, found := strings.Cut(w, "=")
		switch {
		case found:
			s[key] = strings.ReplaceAll(value, "_", " ")
		case w == "in" || w == "out":
			s["direction"] = w
		case w == "allow" || w == "block" || w == "bypass":
			s["action"] = w
		case w == "off":
			s["enabled"] = "no"
		default:
			s["protocol"] = w
		}
	}
	return s
}

func parseSpecs(lines []string) (out []spec) {
	for _, l := range lines {
		out = append(out, parseSpec(l))
	}
	return out
}

func (s spec) hasPorts() bool {
	p := strings.ToLower(s["protocol"])
	return p == "tcp" || p == "udp"
}

// dialect is how a Windows of one language prints a dump.
type dialect struct {
	labels   [numFields]string
	values   map[string]string // of English values
	done     string
	head     string // "Domain Profile Settings:" with %s for the profile
	profiles [3]string
	state    string
	policy   string
	on, off  string
}

func (d *dialect) value(v string) string {
	var out []string
	for _, w := range strings.Split(v, ",") {
		if t, ok := d.values[strings.ToLower(w)]; ok {
			w = t
		}
		out = append(out, w)
	}
	return strings.Join(out, ",")
}

// rows renders one rule; verbose adds the rows that only "verbose" prints.
func (d *dialect) rule(s spec, verbose bool) string {
	var out strings.Builder
	row := func(f field, value string) {
		fmt.Fprintf(&out, "%-38s%s\r\n", d.labels[f]+":", value)
	}
	out.WriteString("\r\n")
	row(fieldName, s["name"])
	out.WriteString(strings.Repeat("-", 70) + "\r\n")
	row(fieldEnabled, d.value(s["enabled"]))
	row(fieldDirection, d.value(s["direction"]))
	row(fieldProfiles, d.value(s["profiles"]))
	row(fieldGrouping, s["group"])
	row(fieldLocalIP, d.value(s["localip"]))
	row(fieldRemoteIP, d.value(s["remoteip"]))
	row(fieldProtocol, d.value(s["protocol"]))
	if strings.HasPrefix(s["protocol"], "ICMP") {
		fmt.Fprintf(&out, "%38s%-8s%s\r\n", "", "Type", "Code")
		for _, entry := range strings.Split(s["icmp"], ",") {
			words := strings.Fields(entry)
			fmt.Fprintf(&out, "%38s%-8s%-4s\r\n", "", d.value(words[0]), d.value(words[1]))
		}
	}
	if s.hasPorts() {
		row(fieldLocalPort, d.value(s["localport"]))
		row(fieldRemotePort, d.value(s["remoteport"]))
	}
	row(fieldEdge, d.value("no"))
	if verbose {
		row(fieldProgram, d.value(s["program"]))
		if s["service"] != "" {
			row(fieldService, s["service"])
		}
		row(fieldInterfaceTypes, d.value(s["interfacetypes"]))
		row(fieldSecurity, s["security"])
		row(fieldSource, "Local Setting")
	}
	row(fieldAction, d.value(s["action"]))
	return out.String()
}

func (d *dialect) dump(specs []spec, verbose bool) string {
	var out strings.Builder
	for _, s := range specs {
		out.WriteString(d.rule(s, verbose))
	}
	return out.String() + d.done + "\r\n\r\n"
}

// settings renders `show allprofiles`: for each profile "on BlockInbound,AllowOutbound".
func (d *dialect) settings(profiles [3]string) string {
	var out strings.Builder
	for i, s := range profiles {
		state, policy, _ := strings.Cut(s, " ")
		fmt.Fprintf(&out, "\r\n"+d.head+" \r\n%s\r\n", d.profiles[i], strings.Repeat("-", 70))
		fmt.Fprintf(&out, "%-38s%s\r\n", d.state, map[string]string{"on": d.on, "off": d.off}[state])
		fmt.Fprintf(&out, "%-38s%s\r\n", d.policy, policy)
		fmt.Fprintf(&out, "%-38s%s\r\n\r\n", "LocalFirewallRules", "N/A (GPO-store only)")
		fmt.Fprintf(&out, "Logging:\r\n%-38s%s\r\n", "FileName", `%systemroot%\system32\LogFiles\Firewall\pfirewall.log`)
	}
	return out.String() + "\r\n" + d.done + "\r\n"
}

func english() *dialect {
	d := &dialect{done: "Ok.", head: "%s Profile Settings:", profiles: [3]string{"Domain", "Private", "Public"}, state: "State", policy: "Firewall Policy", on: "ON", off: "OFF",
		values: map[string]string{"yes": "Yes", "no": "No", "in": "In", "out": "Out", "allow": "Allow", "block": "Block", "bypass": "Bypass", "tcp": "TCP", "udp": "UDP"}}
	for f := range numFields {
		d.labels[f] = f.String()
	}
	return d
}

// dialects are the languages, with the labels of the field guide.
func dialects() map[string]*dialect {
	out := map[string]*dialect{"en": english()}
	add := func(name, done string, labels [19]string, values string, profile [7]string) {
		d := &dialect{done: done, values: map[string]string{"tcp": "TCP", "udp": "UDP"}, head: profile[0], profiles: [3]string{profile[1], profile[2], profile[3]}, state: profile[4], policy: "Firewall Policy", on: profile[5], off: profile[6]}
		order := []field{fieldName, fieldDescription, fieldEnabled, fieldDirection, fieldProfiles, fieldGrouping, fieldLocalIP, fieldRemoteIP, fieldProtocol, fieldLocalPort,
			fieldRemotePort, fieldEdge, fieldProgram, fieldService, fieldInterfaceTypes, fieldSecurity, fieldSource, fieldAction}
		for i, f := range order {
			d.labels[f] = labels[i]
		}
		for i, v := range strings.Split(values, "|") {
			d.values[[]string{"yes", "no", "in", "out", "domain", "private", "public", "any", "allow", "block"}[i]] = v
		}
		out[name] = d
	}
	add("es", "Aceptar", [19]string{"Nombre de regla", "Descripción", "Habilitada", "Dirección", "Perfiles", "Agrupamiento", "LocalIP", "RemoteIP", "Protocolo", "LocalPort", "RemotePort",
		"Cruce seguro del perímetro", "Programa", "Servicio", "Tipos de interfaz", "Seguridad", "Origen de la regla", "Acción"},
		"Sí|No|Dentro|Fuera|Dominio|Privada|Pública|Cualquiera|Permitir|Bloquear", [7]string{"Configuración de Perfil de %s:", "dominio", "privado", "público", "Estado", "ACTIVAR", "DESACTIVAR"})
	add("pt", "Ok.", [19]string{"Nome da Regra", "Descrição", "Habilitado", "Direção", "Perfis", "Agrupamento", "LocalIP", "RemoteIP", "Protocolo", "LocalPort", "RemotePort",
		"Travessia da borda", "Programa", "Serviço", "Tipos de Interface", "Segurança", "Origem da Regra", "Ação"},
		"Sim|Não|Entrada|Saída|Domínio|Particular|Público|Qualquer|Permitir|Bloquear", [7]string{"Configurações de Perfil de %s:", "Domínio", "Particular", "Público", "Estado", "ATIVAR", "DESATIVAR"})
	add("ja", "OK", [19]string{"規則名", "説明", "有効", "方向", "プロファイル", "グループ", "ローカル IP", "リモート IP", "プロトコル", "ローカル ポート", "リモート ポート",
		"エッジ トラバーサル", "プログラム", "サービス", "インターフェイスの種類", "セキュリティ", "規則のソース", "操作"},
		"はい|いいえ|入力|出力|ドメイン|プライベート|パブリック|任意|許可|ブロック", [7]string{"%s プロファイル 設定:", "ドメイン", "プライベート", "パブリック", "状態", "オン", "オフ"})
	add("de", "OK.", [19]string{"Regelname", "Beschreibung", "Aktiviert", "Richtung", "Profile", "Gruppierung", "Lokales IP", "Remote-IP", "Protokoll", "Lokaler Port", "Remoteport",
		"Edgeausnahme", "Programm", "Dienst", "Schnittstellentypen", "Sicherheit", "Regelquelle", "Aktion"},
		"Ja|Nein|Eingehend|Aus|Domäne|Privat|Öffentlich|Beliebig|Zulassen|Blockieren", [7]string{"Einstellungen für %s Profil:", "Domänen-", "Privates", "Öffentliches", "Status", "EIN", "AUS"})
	add("fr", "Ok.", [19]string{"Nom de la règle ", "Description ", "Activé ", "Direction ", "Profils ", "Groupement ", "LocalIP ", "RemoteIP ", "Protocole ", "LocalPort ", "RemotePort ",
		"Une étiquette inconnue ", "Programme ", "Service ", "Types d'interface ", "Sécurité ", "Source de la règle ", "Action "},
		"Oui|Non|Actif|Sortie|Domaine|Privé|Public|Tout|Autoriser|Bloquer", [7]string{"Paramètres du profil de %s :", "domaine", "privé", "public", "État", "Activé", "Désactivé"})
	add("ru", "ОК.", [19]string{"Имя правила", "Описание", "Включено", "Направление", "Профили", "Группировка", "Локальный IP-адрес", "Удаленный IP-адрес", "Протокол", "Локальный порт", "Удаленный порт",
		"Обход узлов", "Программа", "Служба", "Типы интерфейсов", "Безопасность", "Источник правила", "Действие"},
		"Да|Нет|Входящее|Исходящие|Домен|Частный|Общий|Любой|Разрешить|Блокировать", [7]string{"Параметры профиля (%s):", "домен", "частный", "общий", "Состояние", "ВКЛ.", "ВЫКЛ."})
	add("zh", "确定。", [19]string{"规则名称", "描述", "已启用", "方向", "配置文件", "分组", "LocalIP", "RemoteIP", "协议", "本地端口", "远程端口",
		"边缘遍历", "程序", "服务", "接口类型", "安全", "规则源", "操作"},
		"是|否|入站|出站|域|专用|公用|任何|允许|阻止", [7]string{"%s配置文件 设置:", "域", "专用", "公用", "状态", "启用", "关闭"})
	return out
}
