package topology_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sumlint/sumlint/parsers/topology"
)

// evaluate evaluates an expression to a string, or to what is wrong with it.
func evaluate(t testing.TB, expression string, files map[string]string) string {
	t.Helper()
	all := map[string]string{"site/a.sum.hcl": server + `
target "ilo" "r" { addresses = ["10.20.0.1"] }
assume "limit" {
  holds = true
  reason = ` + expression + "\n}\n"}
	for name, text := range files {
		all[name] = text
	}
	got, diags := read(t, all)
	if len(diags) > 0 {
		messages := make([]string, len(diags))
		for i, d := range diags {
			messages[i] = "! " + d.Message()
		}
		return strings.Join(messages, "\n")
	}
	return got.Assumes[0].Reason
}

func TestFunctions(t *testing.T) {
	files := map[string]string{
		"site/a.json":   `{"a": [1, {"b": "c"}]}`,
		"site/a.yaml":   "a: &a [1, 010, 1.5, yes, true, ~, 2024-01-01]\nb: *a\nc: {<<: {d: e, f: g}, d: own}\n",
		"site/bad.yaml": "a: 1\na: 2\n",
		"site/latin1":   "\xe9",
	}
	tests := []struct{ expression, want string }{
		{`cidrsubnet("10.20.0.0/16", 8, 255)`, "10.20.255.0/24"},
		{`cidrsubnet("10.20.3.4/16", 0, 0)`, "10.20.0.0/16"},
		{`cidrsubnet("fd00:20::/48", 16, 65535)`, "fd00:20:0:ffff::/64"},
		{`cidrsubnet("10.20.0.0/16", 8, 256)`, `! Invalid function argument. Invalid value for "netnum" parameter: 10.20.0.0/16 has networks 0 to 255 of 8 more bits, but no number 256.`},
		{`cidrsubnet("10.20.0.0/16", -1, 0)`, `! Invalid function argument. Invalid value for "newbits" parameter: -1 more bits do not fit: 10.20.0.0/16 leaves from 0 to 16.`},
		{`cidrsubnet("10.20.0.0", 1, 0)`, `! Invalid function argument. Invalid value for "prefix" parameter: "10.20.0.0" is no CIDR such as "10.20.0.0/16".`},
		{`join(" ", cidrsubnets("10.20.0.0/16", 4, 4, 8, 4))`, "10.20.0.0/20 10.20.16.0/20 10.20.32.0/24 10.20.48.0/20"},
		{`join(" ", cidrsubnets("10.20.0.0/30", 1, 1, 1))`, `! Invalid function argument. Invalid value for "newbits" parameter: not enough room in 10.20.0.0/30 for another network of 1 more bits.`},
		{`cidrhost("10.20.0.0/16", 258)`, "10.20.1.2"},
		{`cidrhost("10.20.0.0/24", -1)`, "10.20.0.255"},
		{`cidrhost("::/0", 1)`, "::1"},
		{`cidrhost("10.20.0.0/24", 256)`, `! Invalid function argument. Invalid value for "hostnum" parameter: 10.20.0.0/24 has no address number 256.`},
		{`cidrhost("10.20.0.0/24", 1.5)`, `! Invalid function argument. Invalid value for "hostnum" parameter: a whole number is required.`},
		{`cidrnetmask("10.0.0.0/12")`, "255.240.0.0"},
		{`cidrnetmask("10.0.0.0/0")`, "0.0.0.0"},
		{`cidrnetmask("fd00::/8")`, `! Invalid function argument. Invalid value for "prefix" parameter: fd00::/8 is IPv6, which has no netmasks.`},

		{`join(",", range(3))`, "0,1,2"},
		{`join(",", range(1, 7, 3))`, "1,4"},
		{`join(",", range(3, 0))`, "3,2,1"},
		{`"x${join(",", range(0))}"`, "x"},
		{`tostring(length(range(1, 2001)))`, "2000"},
		{`join(",", concat(["a"], ["b"]), distinct(["c", "c", "d"]), flatten([["e"], ["f", ["g"]]]))`, "a,b,c,d,e,f,g"},
		{`join(",", slice(["a", "b", "c"], 1, 3), compact(["", "d"]), [element(["e", "f"], 3)])`, "b,c,d,f"},
		{`join(",", keys(merge({ a = 1 }, { b = 2 })), values(zipmap(["x"], ["y"])))`, "a,b,y"},
		{`"${lookup({ a = "1" }, "b", "no")}${contains(["a"], "a")}${coalesce("", "x")}"`, "notruex"},
		{`coalesce(null, "")`, "! The value can't be worked out. Perhaps a part of it is null."},
		{`coalesce("", "")`, "! Error in function call. Call to function \"coalesce\" failed: every argument is null or an empty string."},
		{`join(",", [for p in setproduct(["a", "b"], ["c"]) : join("", p)])`, "ac,bc"},
		{`join(",", formatlist("%s-%d", ["a", "b"], [1, 2]))`, "a-1,b-2"},
		{`format("%05.1f %q %v", 1.25, "x", true)`, `001.2 "x" true`},
		{`"${upper("a")}${lower("B")}${title("cd")}${trimspace(" e ")}${trim("!f!", "!")}${trimprefix("gh", "g")}${trimsuffix("ij", "j")}"`, "AbCdefhi"},
		{`join("", split("-", "a-b"))`, "ab"},
		{`"${replace("a.b", ".", "-")}${replace("a1b2", "/[0-9]/", "#")}${replace("ab", "/(a)(b)/", "$2$1")}"`, "a-ba#b#ba"},
		{`"${regex("[0-9]+", "rack12")}${join("", regexall("[a-z]", "a1b2"))}"`, "12ab"},
		{`"${startswith("abc", "a")}${endswith("abc", "b")}${strcontains("abc", "b")}${basename("a/b.v4")}${dirname("a/b.v4")}"`, "truefalsetrueb.v4a"},
		{`"${max(1, 2)}${min(1, 2)}${tonumber("7") + 1}${tostring(9)}${length("äé")}${substr("hello", 1, 2)}"`, "21892el"},
		{`join(",", sort(tolist(toset(["b", "a", "b"]))), reverse(["x", "y"]))`, "a,b,y,x"},

		{`jsondecode(file("a.json")).a[1].b`, "c"},
		{`format("%#v", yamldecode(file("a.yaml")))`, `{"a":[1,"010",1.5,"yes",true,null,"2024-01-01"],"b":[1,"010",1.5,"yes",true,null,"2024-01-01"],"c":{"d":"own","f":"g"}}`},
		{`yamldecode(file("bad.yaml"))`, `! Invalid function argument. Invalid value for "text" parameter: line 2: the key "a" is there twice.`},
		{`yamldecode("a: &a [*a]")`, `! Invalid function argument. Invalid value for "text" parameter: line 1: *a stands inside what it is an alias for.`},
		{`csvdecode("a,b\n1,2\n")[0].b`, "2"},
		{`join(",", fileset(".", "*.yaml"))`, "a.yaml,bad.yaml"},
		{`join(",", fileset("../..", "*"))`, `! Error in function call. Call to function "fileset" failed: ".." leads out of the root: nothing outside it is read.`},
		{`file("latin1")`, `! Invalid function argument. Invalid value for "path" parameter: "site/latin1" is not UTF-8: save it as UTF-8.`},
		{`file("a.yml")`, `! Invalid function argument. Invalid value for "path" parameter: "site/a.yml" does not exist.`},
	}
	for _, test := range tests {
		if d := cmp.Diff(test.want, evaluate(t, test.expression, files)); d != "" {
			t.Errorf("%s: -want +got:\n%s", test.expression, d)
		}
	}
	if len(topology.Functions()) < 60 {
		t.Errorf("only %d functions", len(topology.Functions()))
	}
}
