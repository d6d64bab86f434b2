package render

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/sumlint/sumlint/policies/report"
)

func TestReportsFollowSchema(t *testing.T) {
	reports := samples()
	reports["large"] = largeReport(30)
	reports["empty"] = &report.Report{Schema: report.Schema}
	reports["hostile"] = poison("\x1b\xff\u202e", false)
	reports["hostile"].Schema = report.Schema
	for name, r := range reports {
		t.Run(name, func(t *testing.T) {
			validate(t, "schema/report.schema.json", write(t, r, JSON))
		})
	}
}

// schemaObject is the part of a schema that describes an object.
type schemaObject struct {
	Required   []string                   `json:"required"`
	Properties map[string]json.RawMessage `json:"properties"`
	Defs       map[string]schemaObject    `json:"$defs"`
}

// The schema names each field that reports have, and no other; it requires those that are always there.
func TestSchemaIsComplete(t *testing.T) {
	var root schemaObject
	if err := json.Unmarshal(Schema(), &root); err != nil {
		t.Fatal(err)
	}
	checked := map[reflect.Type]bool{}
	var check func(name string, o schemaObject, typ reflect.Type)
	check = func(name string, o schemaObject, typ reflect.Type) {
		if checked[typ] {
			return
		}
		checked[typ] = true
		var all, required []string
		for i := range typ.NumField() {
			f := typ.Field(i)
			all = append(all, fieldName(f))
			if !omitsEmpty(f) {
				required = append(required, fieldName(f))
			}
			part := f.Type
			for part.Kind() == reflect.Slice || part.Kind() == reflect.Pointer {
				part = part.Elem()
			}
			if part.Kind() == reflect.Struct {
				def := schemaName(part.Name())
				if _, ok := root.Defs[def]; !ok {
					t.Errorf("the schema does not define %s", def)
					continue
				}
				check(def, root.Defs[def], part)
			}
		}
		var got []string
		for p := range o.Properties {
			got = append(got, p)
		}
		for _, list := range [][]string{all, required, got, o.Required} {
			slices.Sort(list)
		}
		if !slices.Equal(all, got) {
			t.Errorf("%s: the schema has the fields %v, reports have %v", name, got, all)
		}
		if !slices.Equal(required, o.Required) {
			t.Errorf("%s: the schema requires %v, reports always have %v", name, o.Required, required)
		}
	}
	check("report", root, reflect.TypeFor[report.Report]())
}

// schemaName is "depends_on" for DependsOn.
func schemaName(typ string) string {
	var b strings.Builder
	for i, r := range typ {
		if i > 0 && 'A' <= r && r <= 'Z' {
			b.WriteByte('_')
		}
		b.WriteRune(r)
	}
	return strings.ToLower(b.String())
}
