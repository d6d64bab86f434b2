package compile

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sumlint/sumlint/policies/facts"
)

var update = flag.Bool("update", false, "write the schemas anew")

// The schemas follow from the Go types: a field that one of them gains must stand in
// its schema, or policies could not use it.
func TestSchemasFollowTypes(t *testing.T) {
	for name, value := range map[string]any{
		"facts":       facts.Facts{},
		"combination": facts.Combination{},
		"plan":        facts.Plan{},
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join("../../../rego/schemas", name+".jsonschema")
			schema := schemaOf(reflect.TypeOf(value))
			schema["$schema"] = "http://json-schema.org/draft-07/schema#"
			schema["title"] = "sumlint " + name
			var want bytes.Buffer
			encoder := json.NewEncoder(&want)
			encoder.SetIndent("", "  ")
			if err := encoder.Encode(schema); err != nil {
				t.Fatal(err)
			}
			if *update {
				if err := os.WriteFile(file, want.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			got, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want.String(), string(got)); diff != "" {
				t.Errorf("%s differs from its type (-update writes it):\n%s", file, diff)
			}
		})
	}
}

func schemaOf(t reflect.Type) map[string]any {
	switch t.Kind() {
	case reflect.Pointer:
		return schemaOf(t.Elem())
	case reflect.String:
		return map[string]any{"type": "string"}
	case reflect.Bool:
		return map[string]any{"type": "boolean"}
	case reflect.Int:
		return map[string]any{"type": "integer"}
	case reflect.Slice:
		return map[string]any{"type": "array", "items": schemaOf(t.Elem())}
	case reflect.Struct:
		properties := map[string]any{}
		required := []string{}
		addFields(t, properties, &required)
		return map[string]any{"type": "object", "properties": properties, "required": required, "additionalProperties": false}
	}
	return map[string]any{}
}

func addFields(t reflect.Type, properties map[string]any, required *[]string) {
	for f := range t.Fields() {
		if f.Anonymous {
			addFields(f.Type, properties, required)
			continue
		}
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if t.Name() == "Decider" && f.Type == reflect.SliceOf(t) {
			// The schema ends where a type holds itself.
			properties[name] = map[string]any{"type": "array", "items": map[string]any{"type": "object"}}
			continue
		}
		properties[name] = schemaOf(f.Type)
		if options != "omitempty" {
			*required = append(*required, name)
		}
	}
}
