package topology

import (
	"fmt"
	"math/big"
	"net/netip"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
)

// prefixArgument reads a function's argument that is a CIDR; host bits are ignored,
// as Terraform does.
func prefixArgument(args []cty.Value, i int) (netip.Prefix, error) {
	p, err := netip.ParsePrefix(args[i].AsString())
	if err != nil {
		return p, function.NewArgErrorf(i, "%q is no CIDR such as \"10.20.0.0/16\"", args[i].AsString())
	}
	return p.Masked(), nil
}

// wholeArgument reads an argument that is a whole number.
func wholeArgument(args []cty.Value, i int) (*big.Int, error) {
	n, exact := args[i].AsBigFloat().Int(nil)
	if exact != big.Exact {
		return nil, function.NewArgErrorf(i, "a whole number is required")
	}
	return n, nil
}

// bitsArgument reads an argument that is a number of bits to add to a prefix.
func bitsArgument(args []cty.Value, i int, p netip.Prefix) (int, error) {
	n, err := wholeArgument(args, i)
	if err != nil {
		return 0, err
	}
	room := p.Addr().BitLen() - p.Bits()
	if !n.IsInt64() || n.Int64() < 0 || n.Int64() > int64(room) {
		return 0, function.NewArgErrorf(i, "%s more bits do not fit: %s leaves from 0 to %d", n, p, room)
	}
	return int(n.Int64()), nil
}

// plus returns the address that is n behind a.
func plus(a netip.Addr, n *big.Int) netip.Addr {
	sum := new(big.Int).Add(new(big.Int).SetBytes(a.AsSlice()), n)
	out, _ := netip.AddrFromSlice(sum.FillBytes(make([]byte, a.BitLen()/8)))
	return out
}

// subnet returns the n-th network of a longer prefix inside p; n must exist.
func subnet(p netip.Prefix, bits int, n *big.Int) netip.Prefix {
	step := new(big.Int).Lsh(n, uint(p.Addr().BitLen()-p.Bits()-bits))
	return netip.PrefixFrom(plus(p.Addr(), step), p.Bits()+bits)
}

// power returns 2^n.
func power(n int) *big.Int { return new(big.Int).Lsh(big.NewInt(1), uint(n)) }

var cidrSubnetFunc = function.New(&function.Spec{
	Params: []function.Parameter{parameter("prefix", cty.String), parameter("newbits", cty.Number), parameter("netnum", cty.Number)},
	Type:   function.StaticReturnType(cty.String),
	Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		p, err := prefixArgument(args, 0)
		if err != nil {
			return cty.NilVal, err
		}
		bits, err := bitsArgument(args, 1, p)
		if err != nil {
			return cty.NilVal, err
		}
		n, err := wholeArgument(args, 2)
		if err != nil {
			return cty.NilVal, err
		}
		if n.Sign() < 0 || n.Cmp(power(bits)) >= 0 {
			return cty.NilVal, function.NewArgErrorf(2, "%s has networks 0 to %s of %d more bits, but no number %s", p, new(big.Int).Sub(power(bits), big.NewInt(1)), bits, n)
		}
		return cty.StringVal(subnet(p, bits, n).String()), nil
	},
})

var cidrSubnetsFunc = function.New(&function.Spec{
	Params:   []function.Parameter{parameter("prefix", cty.String)},
	VarParam: &function.Parameter{Name: "newbits", Type: cty.Number},
	Type:     function.StaticReturnType(cty.List(cty.String)),
	Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		p, err := prefixArgument(args, 0)
		if err != nil {
			return cty.NilVal, err
		}
		if len(args) == 1 {
			return cty.ListValEmpty(cty.String), nil
		}
		// at counts the addresses that are taken.
		at, room := new(big.Int), power(p.Addr().BitLen()-p.Bits())
		var out []cty.Value
		for i := 1; i < len(args); i++ {
			bits, err := bitsArgument(args, i, p)
			if err != nil {
				return cty.NilVal, err
			}
			width := power(p.Addr().BitLen() - p.Bits() - bits)
			// Round up to the network's own boundary.
			n := new(big.Int).Div(new(big.Int).Add(at, new(big.Int).Sub(width, big.NewInt(1))), width)
			at.Mul(new(big.Int).Add(n, big.NewInt(1)), width)
			if at.Cmp(room) > 0 {
				return cty.NilVal, function.NewArgErrorf(i, "not enough room in %s for another network of %d more bits", p, bits)
			}
			out = append(out, cty.StringVal(subnet(p, bits, n).String()))
		}
		return cty.ListVal(out), nil
	},
})

var cidrHostFunc = function.New(&function.Spec{
	Params: []function.Parameter{parameter("prefix", cty.String), parameter("hostnum", cty.Number)},
	Type:   function.StaticReturnType(cty.String),
	Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		p, err := prefixArgument(args, 0)
		if err != nil {
			return cty.NilVal, err
		}
		n, err := wholeArgument(args, 1)
		if err != nil {
			return cty.NilVal, err
		}
		room := power(p.Addr().BitLen() - p.Bits())
		at := n
		if n.Sign() < 0 { // counted from the end
			at = new(big.Int).Add(room, n)
		}
		if at.Sign() < 0 || at.Cmp(room) >= 0 {
			return cty.NilVal, function.NewArgErrorf(1, "%s has no address number %s", p, n)
		}
		return cty.StringVal(plus(p.Addr(), at).String()), nil
	},
})

var cidrNetmaskFunc = function.New(&function.Spec{
	Params: []function.Parameter{parameter("prefix", cty.String)},
	Type:   function.StaticReturnType(cty.String),
	Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		p, err := prefixArgument(args, 0)
		if err != nil {
			return cty.NilVal, err
		}
		if !p.Addr().Is4() {
			return cty.NilVal, function.NewArgErrorf(0, "%s is IPv6, which has no netmasks", p)
		}
		m := ^uint32(0) << (32 - p.Bits())
		return cty.StringVal(fmt.Sprintf("%d.%d.%d.%d", m>>24, m>>16&255, m>>8&255, m&255)), nil
	},
})
