package render

import (
	"reflect"
	"strconv"
	"strings"
)

// encodeFunc appends a value's JSON.
type encodeFunc func(b []byte, v reflect.Value) []byte

// encoder turns the report's types into JSON as encoding/json does with HTML
// escaping off, except that a nil list is [] and unsafe runes are escaped. It is
// here because of the first; that it is faster is welcome where a report has
// 100,000 flows.
type encoder struct {
	types map[reflect.Type]*encodeFunc
}

// of returns the function for a type. It knows what reports are made of: structs,
// lists, pointers, strings, integers and booleans; anything else is null, which
// the test against encoding/json would show.
func (e *encoder) of(t reflect.Type) *encodeFunc {
	if f, ok := e.types[t]; ok {
		return f
	}
	f := new(encodeFunc) // filled below: types may hold themselves
	e.types[t] = f
	switch t.Kind() {
	case reflect.String:
		*f = func(b []byte, v reflect.Value) []byte { return appendString(b, v.String()) }
	case reflect.Int:
		*f = func(b []byte, v reflect.Value) []byte { return strconv.AppendInt(b, v.Int(), 10) }
	case reflect.Bool:
		*f = func(b []byte, v reflect.Value) []byte { return strconv.AppendBool(b, v.Bool()) }
	case reflect.Slice:
		*f = e.list(t)
	case reflect.Pointer:
		*f = e.pointer(t)
	case reflect.Struct:
		*f = e.object(t)
	default:
		*f = func(b []byte, _ reflect.Value) []byte { return append(b, "null"...) }
	}
	return f
}

func (e *encoder) list(t reflect.Type) encodeFunc {
	elem := e.of(t.Elem())
	return func(b []byte, v reflect.Value) []byte {
		b = append(b, '[')
		for i := range v.Len() {
			if i > 0 {
				b = append(b, ',')
			}
			b = (*elem)(b, v.Index(i))
		}
		return append(b, ']')
	}
}

func (e *encoder) pointer(t reflect.Type) encodeFunc {
	elem := e.of(t.Elem())
	return func(b []byte, v reflect.Value) []byte {
		if v.IsNil() {
			return append(b, "null"...)
		}
		return (*elem)(b, v.Elem())
	}
}

func (e *encoder) object(t reflect.Type) encodeFunc {
	type field struct {
		index int
		name  []byte // `"name":`
		omit  bool   // where it is empty
		enc   *encodeFunc
	}
	var fields []field
	for i := range t.NumField() {
		f := t.Field(i)
		name := append(appendString(nil, fieldName(f)), ':')
		fields = append(fields, field{i, name, omitsEmpty(f), e.of(f.Type)})
	}
	return func(b []byte, v reflect.Value) []byte {
		b = append(b, '{')
		first := true
		for _, f := range fields {
			value := v.Field(f.index)
			if f.omit && isEmpty(value) {
				continue
			}
			if !first {
				b = append(b, ',')
			}
			first = false
			b = (*f.enc)(append(b, f.name...), value)
		}
		return append(b, '}')
	}
}

// fieldName is a struct field's name in JSON.
func fieldName(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	if name == "" {
		return f.Name
	}
	return name
}

// omitsEmpty tells whether a struct field is left out where it is empty.
func omitsEmpty(f reflect.StructField) bool {
	_, options, _ := strings.Cut(f.Tag.Get("json"), ",")
	return options == "omitempty"
}

// isEmpty is encoding/json's notion of it for omitempty.
func isEmpty(v reflect.Value) bool {
	if v.Kind() == reflect.Slice {
		return v.Len() == 0
	}
	return v.Kind() != reflect.Struct && v.IsZero()
}
