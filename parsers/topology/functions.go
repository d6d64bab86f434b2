package topology

import (
	"errors"
	"fmt"
	"maps"
	"math/big"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
)

// Functions returns the names of the functions that expressions may call, sorted.
func Functions() []string {
	return slices.Sorted(maps.Keys((&reader{}).functions()))
}

// functions returns the functions of expressions. They mean what they mean in Terraform.
func (r *reader) functions() map[string]function.Function {
	return map[string]function.Function{
		"abs": stdlib.AbsoluteFunc, "ceil": stdlib.CeilFunc, "floor": stdlib.FloorFunc, "max": stdlib.MaxFunc, "min": stdlib.MinFunc,
		"parseint": stdlib.ParseIntFunc, "range": rangeFunc,

		"chomp": stdlib.ChompFunc, "format": bounded(stdlib.FormatFunc, formatSize), "formatlist": bounded(stdlib.FormatListFunc, formatListSize),
		"join": bounded(stdlib.JoinFunc, joinSize), "lower": stdlib.LowerFunc, "regex": stdlib.RegexFunc, "regexall": bounded(stdlib.RegexAllFunc, regexAllSize),
		"replace": replaceFunc, "split": stdlib.SplitFunc, "strrev": stdlib.ReverseFunc, "substr": stdlib.SubstrFunc, "title": stdlib.TitleFunc,
		"trim": stdlib.TrimFunc, "trimprefix": stdlib.TrimPrefixFunc, "trimspace": stdlib.TrimSpaceFunc, "trimsuffix": stdlib.TrimSuffixFunc, "upper": stdlib.UpperFunc,
		"startswith": textTest(strings.HasPrefix), "endswith": textTest(strings.HasSuffix), "strcontains": textTest(strings.Contains),
		"basename": textChange(path.Base), "dirname": textChange(path.Dir),

		"chunklist": stdlib.ChunklistFunc, "coalesce": coalesceFunc, "coalescelist": stdlib.CoalesceListFunc, "compact": stdlib.CompactFunc,
		"concat": stdlib.ConcatFunc, "contains": stdlib.ContainsFunc, "distinct": distinctFunc, "element": stdlib.ElementFunc, "flatten": stdlib.FlattenFunc,
		"keys": stdlib.KeysFunc, "length": lengthFunc, "lookup": stdlib.LookupFunc, "merge": stdlib.MergeFunc, "reverse": stdlib.ReverseListFunc,
		"setintersection": stdlib.SetIntersectionFunc, "setproduct": bounded(stdlib.SetProductFunc, productSize), "setsubtract": stdlib.SetSubtractFunc,
		"setunion": stdlib.SetUnionFunc, "slice": stdlib.SliceFunc, "sort": stdlib.SortFunc, "values": stdlib.ValuesFunc, "zipmap": stdlib.ZipmapFunc,

		"tobool": stdlib.MakeToFunc(cty.Bool), "tolist": stdlib.MakeToFunc(cty.List(cty.DynamicPseudoType)), "tomap": stdlib.MakeToFunc(cty.Map(cty.DynamicPseudoType)),
		"tonumber": stdlib.MakeToFunc(cty.Number), "toset": stdlib.MakeToFunc(cty.Set(cty.DynamicPseudoType)), "tostring": stdlib.MakeToFunc(cty.String),

		"cidrhost": cidrHostFunc, "cidrnetmask": cidrNetmaskFunc, "cidrsubnet": cidrSubnetFunc, "cidrsubnets": cidrSubnetsFunc,

		"csvdecode": stdlib.CSVDecodeFunc, "jsondecode": jsonDecodeFunc, "yamldecode": yamlDecodeFunc,
		"file": r.fileFunc(), "fileset": r.filesetFunc(),
	}
}

// size estimates what a function would make: units, their limit and what they are.
type size func(args []cty.Value) (units, limit int, what string)

// bounded returns f with a look at its arguments before it makes something enormous.
func bounded(f function.Function, estimate size) function.Function {
	return function.New(&function.Spec{
		Params:   f.Params(),
		VarParam: f.VarParam(),
		Type:     f.ReturnTypeForValues,
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			if units, limit, what := estimate(args); units > limit || units < 0 {
				return cty.NilVal, fmt.Errorf("the result could hold more than %d %s, the limit", limit, what)
			}
			return f.Call(args)
		},
	})
}

// textSize is the number of bytes of all texts in a value, of its numbers about.
func textSize(v cty.Value) int {
	switch {
	case !v.IsKnown() || v.IsNull():
		return 4
	case v.Type() == cty.String:
		return len(v.AsString())
	case v.CanIterateElements():
		n := 2
		for k, e := range v.Elements() {
			n += textSize(e) + 4
			if k.Type() == cty.String {
				n += len(k.AsString())
			}
		}
		return n
	}
	if v.Type() == cty.Number {
		n := v.AsBigFloat()
		if exponent := n.MantExp(nil); !n.IsInt() || exponent > 64 {
			return 400 + max(exponent, -exponent) // all its digits, about
		}
	}
	return 20
}

var widths = regexp.MustCompile(`\d+`)

// formatSize counts each verb as if it printed all arguments, padded to each width.
func formatSize(args []cty.Value) (int, int, string) {
	text := args[0].AsString()
	width := 1
	for _, w := range widths.FindAllString(text, -1) {
		if len(w) > 7 {
			return -1, maxText, "bytes"
		}
		n := 0
		fmt.Sscan(w, &n)
		width += n
	}
	all := 0
	for _, a := range args[1:] {
		all += textSize(a)
	}
	return len(text) + strings.Count(text, "%")*(all+width), maxText, "bytes"
}

// formatListSize is formatSize for one round for each element of the lists.
func formatListSize(args []cty.Value) (int, int, string) {
	rounds := 1
	for _, a := range args[1:] {
		if a.IsKnown() && !a.IsNull() && a.CanIterateElements() {
			rounds = max(rounds, a.LengthInt())
		}
	}
	empty, limit, what := formatSize(args[:1])
	all, _, _ := formatSize(args)
	if empty < 0 || all < 0 || empty > maxText {
		return -1, limit, what
	}
	return rounds*empty + all, limit, what
}

func joinSize(args []cty.Value) (int, int, string) {
	units := 0
	for _, list := range args[1:] {
		if list.IsKnown() && !list.IsNull() {
			units += textSize(list) + list.LengthInt()*len(args[0].AsString())
		}
	}
	return units, maxText, "bytes"
}

func regexAllSize(args []cty.Value) (int, int, string) {
	return (1 + len(args[1].AsString())) * (1 + strings.Count(args[0].AsString(), "(")), maxText, "matches"
}

func productSize(args []cty.Value) (int, int, string) {
	units := 1
	for _, a := range args {
		if !a.IsKnown() || a.IsNull() {
			continue
		}
		if units *= a.LengthInt(); units == 0 || units > maxElements {
			break
		}
	}
	return units * max(len(args), 1), maxElements, "elements"
}

func parameter(name string, t cty.Type) function.Parameter {
	return function.Parameter{Name: name, Type: t}
}

// textTest makes a function of two texts that tells whether something holds.
func textTest(holds func(text, part string) bool) function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{parameter("text", cty.String), parameter("part", cty.String)},
		Type:   function.StaticReturnType(cty.Bool),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			return cty.BoolVal(holds(args[0].AsString(), args[1].AsString())), nil
		},
	})
}

// textChange makes a function from one text to another.
func textChange(change func(string) string) function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{parameter("text", cty.String)},
		Type:   function.StaticReturnType(cty.String),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			return cty.StringVal(change(args[0].AsString())), nil
		},
	})
}

// lengthFunc counts the elements of a collection or, as Terraform does, the
// characters of a string.
var lengthFunc = function.New(&function.Spec{
	Params: []function.Parameter{{Name: "value", Type: cty.DynamicPseudoType, AllowDynamicType: true, AllowMarked: true}},
	Type: func(args []cty.Value) (cty.Type, error) {
		if t := args[0].Type(); t != cty.String && t != cty.DynamicPseudoType && !t.IsCollectionType() && !t.IsTupleType() && !t.IsObjectType() {
			return cty.Number, function.NewArgErrorf(0, "a string or a collection is required, not %s", t.FriendlyName())
		}
		return cty.Number, nil
	},
	Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		if args[0].Type() == cty.String {
			return stdlib.Strlen(args[0])
		}
		return args[0].Length(), nil
	},
})

// coalesceFunc returns the first argument that is neither null nor, as in Terraform,
// an empty string.
var coalesceFunc = function.New(&function.Spec{
	VarParam: &function.Parameter{Name: "vals", Type: cty.DynamicPseudoType, AllowNull: true},
	Type:     func(args []cty.Value) (cty.Type, error) { return stdlib.CoalesceFunc.ReturnTypeForValues(args) },
	Impl: func(args []cty.Value, t cty.Type) (cty.Value, error) {
		for _, a := range args {
			v, err := convert.Convert(a, t)
			if err != nil {
				return cty.NilVal, err
			}
			if text, ok := asText(v); !v.IsNull() && (!ok || text != "") {
				return v, nil
			}
		}
		return cty.NilVal, errors.New("every argument is null or an empty string")
	},
})

// rangeFunc is Terraform's range with a higher limit: an inventory may be long.
var rangeFunc = function.New(&function.Spec{
	VarParam: &function.Parameter{Name: "limits", Type: cty.Number},
	Type:     function.StaticReturnType(cty.List(cty.Number)),
	Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		var end cty.Value
		start, step := cty.Zero, cty.NumberIntVal(1)
		switch len(args) {
		case 1:
			end = args[0]
		case 2:
			start, end = args[0], args[1]
		case 3:
			start, end, step = args[0], args[1], args[2]
		default:
			return cty.NilVal, errors.New("expected one, two or three numbers: (end), (start, end) or (start, end, step)")
		}
		if len(args) < 3 && end.LessThan(start).True() {
			step = cty.NumberIntVal(-1)
		}
		return rangeList(start.AsBigFloat(), end.AsBigFloat(), step.AsBigFloat())
	},
})

// rangeList counts from start by step to before end.
func rangeList(start, end, step *big.Float) (cty.Value, error) {
	way := end.Cmp(start)
	switch {
	case step.Sign() == 0:
		return cty.NilVal, function.NewArgErrorf(2, "the step must not be 0")
	case way != 0 && way != step.Sign():
		return cty.NilVal, function.NewArgErrorf(2, "the step leads away from the end")
	}
	var out []cty.Value
	for at := start; end.Cmp(at) == step.Sign(); {
		if len(out) == maxElements {
			return cty.NilVal, fmt.Errorf("more than %d elements, the limit", maxElements)
		}
		out = append(out, cty.NumberVal(at))
		at = new(big.Float).SetPrec(at.Prec()).Add(at, step)
	}
	if len(out) == 0 {
		return cty.ListValEmpty(cty.Number), nil
	}
	return cty.ListVal(out), nil
}

// replaceFunc replaces a text, or a regular expression between slashes.
var replaceFunc = function.New(&function.Spec{
	Params: []function.Parameter{parameter("text", cty.String), parameter("what", cty.String), parameter("with", cty.String)},
	Type:   function.StaticReturnType(cty.String),
	Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		text, what, with := args[0].AsString(), args[1].AsString(), args[2].AsString()
		tooLong := fmt.Errorf("the result could hold more than %d bytes, the limit", maxText)
		if len(what) < 2 || what[0] != '/' || what[len(what)-1] != '/' {
			if n := strings.Count(text, what); len(text)+n*len(with) > maxText {
				return cty.NilVal, tooLong
			}
			return cty.StringVal(strings.ReplaceAll(text, what, with)), nil
		}
		re, err := regexp.Compile(what[1 : len(what)-1])
		if err != nil {
			return cty.NilVal, function.NewArgErrorf(1, "%v", err)
		}
		// Each "$1" of the replacement can bring back a whole match.
		n := len(re.FindAllStringIndex(text, -1))
		if len(text)*(1+strings.Count(with, "$"))+n*len(with) > maxText {
			return cty.NilVal, tooLong
		}
		return cty.StringVal(re.ReplaceAllString(text, with)), nil
	},
})

// distinctFunc drops elements that were there before. cty's own compares each
// element with each other.
var distinctFunc = function.New(&function.Spec{
	Params: []function.Parameter{parameter("list", cty.List(cty.DynamicPseudoType))},
	Type:   func(args []cty.Value) (cty.Type, error) { return args[0].Type(), nil },
	Impl: func(args []cty.Value, t cty.Type) (cty.Value, error) {
		if !args[0].IsWhollyKnown() {
			return cty.UnknownVal(t), nil
		}
		seen := map[int][]cty.Value{}
		var out []cty.Value
		for _, e := range args[0].Elements() {
			h := e.Hash()
			if slices.ContainsFunc(seen[h], e.RawEquals) {
				continue
			}
			seen[h] = append(seen[h], e)
			out = append(out, e)
		}
		if len(out) == 0 {
			return cty.ListValEmpty(t.ElementType()), nil
		}
		return cty.ListVal(out), nil
	},
})
