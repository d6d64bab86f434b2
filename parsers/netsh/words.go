package netsh

import (
	"strings"
	"unicode/utf8"

	"github.com/sumlint/sumlint/parsers/packet"
)

// field is a row of a rule block, in the order in which netsh prints them.
type field uint8

const (
	fieldName field = iota
	fieldDescription
	fieldEnabled
	fieldDirection
	fieldProfiles
	fieldGrouping
	fieldLocalIP
	fieldRemoteIP
	fieldProtocol
	fieldLocalPort
	fieldRemotePort
	fieldEdge
	fieldProgram
	fieldService
	fieldInterfaceTypes
	fieldComputers
	fieldUsers
	fieldSecurity
	fieldSource
	fieldAction
	fieldEndpoint1 // from here on "consec show rule" only
	fieldEndpoint2
	fieldPort1
	fieldPort2
	numFields
)

// fieldOf knows the labels of all languages at once, since a dump may be translated
// in part. The labels of English, Spanish, Portuguese and Japanese were seen in real dumps.
func fieldOf(label string) (field, bool) {
	if f, ok := exactField(label); ok {
		return f, true
	}
	return exactField(lower(label))
}

func exactField(label string) (field, bool) {
	switch label {
	case "Rule Name", "rule name", "regelname", "nom de la règle", "nombre de regla", "nome da regra", "規則名", "规则名称", "имя правила":
		return fieldName, true
	case "Description", "description", "beschreibung", "descripción", "descrição", "説明", "描述", "описание":
		return fieldDescription, true
	case "Enabled", "enabled", "aktiviert", "activé", "habilitada", "habilitado", "有効", "已启用", "включено":
		return fieldEnabled, true
	case "Direction", "direction", "richtung", "dirección", "direção", "方向", "направление":
		return fieldDirection, true
	case "Profiles", "profiles", "profile", "profils", "perfiles", "perfis", "プロファイル", "配置文件", "профили":
		return fieldProfiles, true
	case "Grouping", "grouping", "gruppierung", "groupement", "agrupamiento", "agrupamento", "グループ", "分组", "группирование", "группировка":
		return fieldGrouping, true
	case "LocalIP", "localip", "lokales ip", "lokale ip", "ローカル ip", "本地 ip", "локальный ip-адрес":
		return fieldLocalIP, true
	case "RemoteIP", "remoteip", "remote-ip", "リモート ip", "远程 ip", "удаленный ip-адрес":
		return fieldRemoteIP, true
	case "Protocol", "protocol", "protokoll", "protocole", "protocolo", "プロトコル", "协议", "протокол":
		return fieldProtocol, true
	case "LocalPort", "localport", "lokaler port", "ローカル ポート", "本地端口", "локальный порт":
		return fieldLocalPort, true
	case "RemotePort", "remoteport", "リモート ポート", "远程端口", "удаленный порт":
		return fieldRemotePort, true
	case "Edge traversal", "edge traversal", "edgeausnahme", "traversée latérale", "cruce seguro del perímetro", "travessia da borda", "エッジ トラバーサル", "边缘遍历", "обход узлов":
		return fieldEdge, true
	case "Action", "action", "aktion", "acción", "ação", "操作", "действие":
		return fieldAction, true
	}
	return verboseField(label)
}

// verboseField knows the labels of the rows that only "verbose" prints.
func verboseField(label string) (field, bool) {
	switch label {
	case "Program", "program", "programm", "programme", "programa", "プログラム", "程序", "программа":
		return fieldProgram, true
	case "Service", "service", "dienst", "servicio", "serviço", "サービス", "服务", "служба":
		return fieldService, true
	case "InterfaceTypes", "interfacetypes", "interface types", "schnittstellentypen", "types d'interface", "tipos de interfaz", "tipos de interface", "インターフェイスの種類", "接口类型", "типы интерфейсов":
		return fieldInterfaceTypes, true
	case "RemoteComputerGroup", "remotecomputergroup", "rmtcomputergrp":
		return fieldComputers, true
	case "RemoteUserGroup", "remoteusergroup", "rmtusrgrp":
		return fieldUsers, true
	case "Security", "security", "sicherheit", "sécurité", "seguridad", "segurança", "セキュリティ", "安全", "безопасность":
		return fieldSecurity, true
	case "Rule source", "rule source", "regelquelle", "source de la règle", "origen de la regla", "origem da regra", "規則のソース", "规则源", "источник правила":
		return fieldSource, true
	case "Endpoint1", "endpoint1", "endpunkt1":
		return fieldEndpoint1, true
	case "Endpoint2", "endpoint2", "endpunkt2":
		return fieldEndpoint2, true
	case "Port1", "port1":
		return fieldPort1, true
	case "Port2", "port2":
		return fieldPort2, true
	}
	return 0, false
}

// English names the row as an English dump labels it, for messages.
func (f field) String() string {
	return [...]string{"Rule Name", "Description", "Enabled", "Direction", "Profiles", "Grouping", "LocalIP", "RemoteIP", "Protocol",
		"LocalPort", "RemotePort", "Edge traversal", "Program", "Service", "InterfaceTypes", "RemoteComputerGroup", "RemoteUserGroup",
		"Security", "Rule source", "Action", "Endpoint1", "Endpoint2", "Port1", "Port2", "?"}[min(f, numFields)]
}

// languageOf tells the language by the label of a rule's first row.
func languageOf(nameLabel string) string {
	switch lower(nameLabel) {
	case "rule name":
		return "en"
	case "regelname":
		return "de"
	case "nom de la règle":
		return "fr"
	case "nombre de regla":
		return "es"
	case "nome da regra":
		return "pt"
	case "規則名":
		return "ja"
	case "规则名称":
		return "zh"
	case "имя правила":
		return "ru"
	}
	return ""
}

// unverified names the languages whose labels were never seen in a real dump.
func unverified(language string) (string, bool) {
	name, ok := map[string]string{"de": "German", "fr": "French", "ru": "Russian", "zh": "Chinese"}[language]
	return name, ok
}

// lower is strings.ToLower, without an allocation for the words that nearly each
// rule of an English dump holds.
func lower(s string) string {
	switch s {
	case "Any":
		return "any"
	case "Yes":
		return "yes"
	case "No":
		return "no"
	case "In":
		return "in"
	case "Out":
		return "out"
	case "Allow":
		return "allow"
	case "TCP":
		return "tcp"
	case "UDP":
		return "udp"
	case "Domain":
		return "domain"
	case "Private":
		return "private"
	case "Public":
		return "public"
	case "LocalSubnet":
		return "localsubnet"
	case "NotRequired":
		return "notrequired"
	case "Local Setting":
		return "local setting"
	}
	return strings.ToLower(s)
}

// splitLabel cuts a row at its first colon, which may be a full-width one.
func splitLabel(line string) (label, value string, ok bool) {
	at, width := strings.IndexByte(line, ':'), 1
	before := line
	if at >= 0 {
		before = line[:at]
	}
	if wide := strings.Index(before, "："); wide >= 0 {
		at, width = wide, len("：")
	}
	if at <= 0 {
		return "", "", false
	}
	return trimBlanks(line[:at]), trimBlanks(line[at+width:]), true
}

// trimBlanks trims blanks, no-break ones included (French sets one before a colon).
func trimBlanks(s string) string {
	for len(s) > 0 && isBlank(s[0]) {
		s = s[1:]
	}
	for len(s) > 0 && isBlank(s[len(s)-1]) {
		s = s[:len(s)-1]
	}
	if len(s) > 0 && (s[0] >= utf8.RuneSelf || s[len(s)-1] >= utf8.RuneSelf) {
		return strings.Trim(s, " \t\r\u00a0\u202f\u3000\ufeff")
	}
	return s
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' || c == '\r' }

func isAny(word string) bool {
	if word == "Any" {
		return true
	}
	switch lower(word) {
	case "any", "beliebig", "tout", "tous", "cualquiera", "qualquer", "任意", "任何", "любой", "любые":
		return true
	}
	return false
}

// yesNo reads the values of Enabled.
func yesNo(word string) (yes, ok bool) {
	switch lower(word) {
	case "yes", "ja", "oui", "sí", "si", "sim", "はい", "是", "да":
		return true, true
	case "no", "nein", "non", "não", "nao", "いいえ", "否", "нет":
		return false, true
	}
	return false, false
}

func directionOf(word string) (Direction, bool) {
	switch lower(word) {
	case "in", "inbound", "ein", "eingehend", "actif", "entrant", "entrante", "entrée", "dentro", "entrada", "入力", "受信", "入", "入站", "входящее", "входящие", "входящий":
		return In, true
	case "out", "outbound", "aus", "ausgehend", "sortant", "sortante", "sortie", "fuera", "salida", "saída", "出力", "送信", "出", "出站", "исходящее", "исходящие", "исходящий":
		return Out, true
	}
	return AnyDirection, false
}

func actionOf(word string) (Action, bool) {
	switch lower(word) {
	case "allow", "zulassen", "autoriser", "permitir", "許可", "允许", "разрешить":
		return Allow, true
	case "block", "blockieren", "blocken", "bloquer", "bloquear", "ブロック", "阻止", "блокировать", "заблокировать":
		return Block, true
	case "bypass":
		return Bypass, true
	}
	return UnknownAction, false
}

func profileOf(word string) (packet.Profiles, bool) {
	switch lower(word) {
	case "domain", "domäne", "domaine", "dominio", "domínio", "ドメイン", "域", "домен":
		return packet.Domain, true
	case "private", "privat", "privé", "privada", "privado", "particular", "プライベート", "专用", "частный", "частная":
		return packet.Private, true
	case "public", "öffentlich", "pública", "público", "パブリック", "公用", "общий", "общедоступный":
		return packet.Public, true
	}
	if isAny(word) {
		return packet.AnyProfile, true
	}
	return 0, false
}

// isDone knows the line that ends netsh's output.
func isDone(line string) bool {
	switch lower(strings.TrimRight(line, ".。")) {
	case "ok", "aceptar", "确定", "ок": // the last in Cyrillic letters
		return true
	}
	return false
}

// isNoMatch knows the line that netsh prints where no rule fits the query.
func isNoMatch(line string) bool {
	switch strings.TrimRight(line, ".。") {
	case "No rules match the specified criteria",
		"Keine Regeln stimmen mit den angegebenen Kriterien überein",
		"Aucune règle ne correspond aux critères spécifiés",
		"Ninguna regla coincide con los criterios especificados",
		"Nenhuma regra corresponde aos critérios especificados",
		"指定された条件に一致する規則はありません",
		"没有与指定标准相匹配的规则":
		return true
	}
	return false
}
