package topology

import (
	"errors"
	"fmt"
	"path"
	"regexp"
	"unicode/utf8"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
	"gopkg.in/yaml.v3"
)

// readData returns the text of a file beside the topology. Each file is read once.
func (r *reader) readData(name string) (string, error) {
	p := path.Join(r.folder, name)
	if path.IsAbs(name) {
		p = name // which the tree refuses, with the reason
	}
	if text, ok := r.data[p]; ok {
		return text, nil
	}
	data, err := r.tree.ReadUpTo(p, maxText)
	if err != nil {
		return "", err
	}
	switch r.dataSize += len(data); {
	case r.dataSize > maxData:
		return "", fmt.Errorf("the files of one topology are larger than %d bytes together, the limit for file", maxData)
	case !utf8.Valid(data):
		return "", fmt.Errorf("%q is not UTF-8: save it as UTF-8", p)
	}
	text := string(data)
	if len(text) >= 3 && text[:3] == "\xef\xbb\xbf" {
		text = text[3:]
	}
	r.data[p] = text
	return text, nil
}

func (r *reader) fileFunc() function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{parameter("path", cty.String)},
		Type:   function.StaticReturnType(cty.String),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			text, err := r.readData(args[0].AsString())
			if err != nil {
				return cty.NilVal, function.NewArgError(0, err)
			}
			return cty.StringVal(text), nil
		},
	})
}

func (r *reader) filesetFunc() function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{parameter("folder", cty.String), parameter("pattern", cty.String)},
		Type:   function.StaticReturnType(cty.Set(cty.String)),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			folder := args[0].AsString()
			if !path.IsAbs(folder) {
				folder = path.Join(r.folder, folder)
			}
			names, err := r.tree.Glob(folder, args[1].AsString())
			if err != nil {
				return cty.NilVal, err
			}
			values := make([]cty.Value, len(names))
			for i, n := range names {
				values[i] = cty.StringVal(n)
			}
			if len(values) == 0 {
				return cty.SetValEmpty(cty.String), nil
			}
			return cty.SetVal(values), nil
		},
	})
}

// jsonDecodeFunc is Terraform's jsondecode for texts that do not nest without end.
var jsonDecodeFunc = function.New(&function.Spec{
	Params: []function.Parameter{parameter("text", cty.String)},
	Type: func(args []cty.Value) (cty.Type, error) {
		if args[0].IsKnown() && deepBrackets(args[0].AsString()) {
			return cty.NilType, function.NewArgErrorf(0, "objects and lists stand deeper than %d inside each other, the limit", maxNesting)
		}
		return stdlib.JSONDecodeFunc.ReturnTypeForValues(args)
	},
	Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) { return stdlib.JSONDecode(args[0]) },
})

// deepBrackets tells whether a JSON text nests deeper than maxNesting.
func deepBrackets(text string) bool {
	depth, quoted := 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '[' || c == '{':
			depth++
		case c == ']' || c == '}':
			depth--
		}
		if depth > maxNesting {
			return true
		}
	}
	return false
}

var yamlDecodeFunc = function.New(&function.Spec{
	Params: []function.Parameter{parameter("text", cty.String)},
	Type: func(args []cty.Value) (cty.Type, error) {
		if !args[0].IsKnown() {
			return cty.DynamicPseudoType, nil
		}
		v, err := decodeYAML(args[0].AsString())
		if err != nil {
			return cty.NilType, function.NewArgError(0, err)
		}
		return v.Type(), nil
	},
	Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) { return decodeYAML(args[0].AsString()) },
})

// decodeYAML reads one YAML document.
func decodeYAML(text string) (cty.Value, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(text), &doc); err != nil {
		return cty.NilVal, err
	}
	if len(doc.Content) == 0 {
		return cty.NullVal(cty.DynamicPseudoType), nil
	}
	d := yamlDecoder{nodes: 4 * maxElements, open: map[*yaml.Node]bool{}}
	return d.value(doc.Content[0], 0)
}

// yamlDecoder turns nodes into values. An alias is decoded each time it is used, so
// nodes bounds what a few lines can stand for.
type yamlDecoder struct {
	nodes int // that may still be decoded
	open  map[*yaml.Node]bool
}

func (d *yamlDecoder) value(n *yaml.Node, depth int) (cty.Value, error) {
	if d.nodes--; d.nodes < 0 {
		return cty.NilVal, fmt.Errorf("line %d: more than %d values, the limit", n.Line, 4*maxElements)
	}
	if depth > maxNesting {
		return cty.NilVal, fmt.Errorf("line %d: deeper than %d levels, the limit", n.Line, maxNesting)
	}
	switch n.Kind {
	case yaml.AliasNode:
		if d.open[n.Alias] {
			return cty.NilVal, fmt.Errorf("line %d: *%s stands inside what it is an alias for", n.Line, n.Value)
		}
		d.open[n.Alias] = true
		defer delete(d.open, n.Alias)
		return d.value(n.Alias, depth+1)
	case yaml.SequenceNode:
		values := make([]cty.Value, len(n.Content))
		for i, c := range n.Content {
			v, err := d.value(c, depth+1)
			if err != nil {
				return cty.NilVal, err
			}
			values[i] = v
		}
		return cty.TupleVal(values), nil
	case yaml.MappingNode:
		values := map[string]cty.Value{}
		if err := d.mapping(n, values, depth); err != nil {
			return cty.NilVal, err
		}
		return cty.ObjectVal(values), nil
	}
	return scalar(n)
}

// mapping decodes the pairs of a mapping; those that "<<" merges give way to its own.
func (d *yamlDecoder) mapping(n *yaml.Node, values map[string]cty.Value, depth int) error {
	own := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if key.Tag == "!!merge" {
			if err := d.merge(value, values, depth); err != nil {
				return err
			}
			continue
		}
		if key.Kind == yaml.AliasNode {
			key = key.Alias
		}
		if key.Kind != yaml.ScalarNode {
			return fmt.Errorf("line %d: a key is no string", key.Line)
		}
		if own[key.Value] {
			return fmt.Errorf("line %d: the key %q is there twice", key.Line, key.Value)
		}
		own[key.Value] = true
		v, err := d.value(value, depth+1)
		if err != nil {
			return err
		}
		values[key.Value] = v
	}
	return nil
}

func (d *yamlDecoder) merge(n *yaml.Node, values map[string]cty.Value, depth int) error {
	v, err := d.value(n, depth+1)
	if err != nil {
		return err
	}
	from := []cty.Value{v}
	if v.Type().IsTupleType() {
		from = v.AsValueSlice()
	}
	for _, m := range from {
		if !m.Type().IsObjectType() {
			return fmt.Errorf("line %d: \"<<\" merges mappings only", n.Line)
		}
		for k, e := range m.AsValueMap() {
			if _, there := values[k]; !there {
				values[k] = e
			}
		}
	}
	return nil
}

// plainNumber are the numbers that every reader of YAML takes for the same: not
// 010, 1_000 or 0x10.
var plainNumber = regexp.MustCompile(`^[-+]?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]{1,3})?$`)

// scalar decodes a scalar; what is no null, boolean or plain number stays a string.
func scalar(n *yaml.Node) (cty.Value, error) {
	switch {
	case n.Kind != yaml.ScalarNode:
		return cty.NilVal, errors.New("no value")
	case n.Tag == "!!null":
		return cty.NullVal(cty.DynamicPseudoType), nil
	case n.Tag == "!!bool":
		return cty.BoolVal(n.Value == "true" || n.Value == "True" || n.Value == "TRUE"), nil
	case (n.Tag == "!!int" || n.Tag == "!!float") && plainNumber.MatchString(n.Value):
		v, err := cty.ParseNumberVal(trimPlus(n.Value))
		if err != nil {
			return cty.NilVal, fmt.Errorf("line %d: %w", n.Line, err)
		}
		return v, nil
	}
	return cty.StringVal(n.Value), nil
}

func trimPlus(text string) string {
	if text[0] == '+' {
		return text[1:]
	}
	return text
}
