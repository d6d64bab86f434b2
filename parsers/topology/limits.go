package topology

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// The limits of one topology. Each is an error that names it.
const (
	maxFiles       = 10_000     // topology files in the folder
	maxSource      = 32 << 20   // bytes of all topology files together
	maxData        = 64 << 20   // bytes that the function file reads, together
	maxText        = 16 << 20   // bytes of a string that a function or template makes
	maxNesting     = 500        // brackets and operators inside each other
	maxInstances   = 100_000    // instances of for_each, together
	maxElements    = 100_000    // elements that one call of range or setproduct makes
	maxWork        = 10_000_000 // steps of evaluation: elements visited, loop rounds
	maxExponent    = 1024       // binary exponent of a number
	maxDiagnostics = 1000       // mistakes that are listed
	maxListed      = 12         // names that one message lists
)

// smallText is a length, in bytes, below which no text can nest so deep that
// reading it recursively would be a danger.
const smallText = 16 << 10

// Parsers and evaluation recurse on the stack, and a Go program does not survive
// its overflow. So longer texts are looked at first, by their tokens.

// tooDeep tells whether a text in HCL's native syntax nests deeper than maxNesting.
func tooDeep(data []byte) bool {
	if len(data) <= smallText {
		return false
	}
	tokens, _ := hclsyntax.LexConfig(data, "", hcl.InitialPos)
	return deepTokens(tokens)
}

// tooDeepJSON does the same for JSON, whose strings are templates of their own.
func tooDeepJSON(data []byte) bool {
	if len(data) <= smallText {
		return false
	}
	depth, quoted, from := 0, false, 0
	for i := 0; i < len(data); i++ {
		switch c := data[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			if text := data[from:i]; quoted && len(text) > smallText {
				// Escapes are left in: they can hide a quote, but no bracket or operator.
				tokens, _ := hclsyntax.LexTemplate(text, "", hcl.InitialPos)
				if deepTokens(tokens) {
					return true
				}
			}
			quoted, from = !quoted, i+1
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

// level is an open bracket, and what stands inside it so far.
type level struct {
	open hclsyntax.TokenType
	// nested counts the operators and closed brackets of the expression that is being
	// written: "a+b+c" and "f()[0][0]" nest as deep as they are long.
	nested int
}

// deepTokens tells whether the expressions that the tokens spell nest deeper than
// maxNesting; it may count too much, never too little.
func deepTokens(tokens hclsyntax.Tokens) bool {
	stack := []level{{open: hclsyntax.TokenOBrace}}
	depth := 0 // the sum over the stack
	for _, t := range tokens {
		top := &stack[len(stack)-1]
		switch {
		case opens(t.Type):
			stack = append(stack, level{open: t.Type})
			depth++
		case closes(t.Type):
			if len(stack) == 1 {
				continue
			}
			stack = stack[:len(stack)-1]
			depth -= 1 + top.nested
			if top.open != hclsyntax.TokenTemplateInterp { // those of one template stand side by side
				stack[len(stack)-1].nested++
				depth++
			}
		case t.Type == hclsyntax.TokenComma, t.Type == hclsyntax.TokenNewline && top.open == hclsyntax.TokenOBrace:
			depth -= top.nested
			top.nested = 0
		case nests(t.Type):
			top.nested++
			depth++
		}
		if depth > maxNesting {
			return true
		}
	}
	return false
}

func opens(t hclsyntax.TokenType) bool {
	switch t {
	case hclsyntax.TokenOBrace, hclsyntax.TokenOBrack, hclsyntax.TokenOParen, hclsyntax.TokenTemplateInterp,
		hclsyntax.TokenTemplateControl, hclsyntax.TokenOQuote, hclsyntax.TokenOHeredoc:
		return true
	}
	return false
}

func closes(t hclsyntax.TokenType) bool {
	switch t {
	case hclsyntax.TokenCBrace, hclsyntax.TokenCBrack, hclsyntax.TokenCParen, hclsyntax.TokenTemplateSeqEnd,
		hclsyntax.TokenCQuote, hclsyntax.TokenCHeredoc:
		return true
	}
	return false
}

// nests tells whether a token can put an expression into another without brackets:
// each but those that stand for a value or end something.
func nests(t hclsyntax.TokenType) bool {
	switch t {
	case hclsyntax.TokenIdent, hclsyntax.TokenNumberLit, hclsyntax.TokenQuotedLit, hclsyntax.TokenStringLit,
		hclsyntax.TokenNewline, hclsyntax.TokenComment, hclsyntax.TokenEqual, hclsyntax.TokenDot, hclsyntax.TokenEOF:
		return false
	}
	return true
}
