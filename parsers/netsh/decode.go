package netsh

import (
	"bytes"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
)

// codePage is an encoding of text in which one byte or two stand for a character.
type codePage struct {
	name     string
	encoding encoding.Encoding
}

// codePages lists the console's code pages, those of Western Europe first: of
// pages that decode equally many labels the first is taken.
func codePages() []codePage {
	return []codePage{
		{"850", charmap.CodePage850}, {"437", charmap.CodePage437}, {"852", charmap.CodePage852},
		{"866", charmap.CodePage866}, {"932", japanese.ShiftJIS}, {"936", simplifiedchinese.GBK},
		{"1252", charmap.Windows1252}, {"1251", charmap.Windows1251},
	}
}

// Encodings lists the encodings that Parse accepts as a hint.
func Encodings() []string {
	out := []string{"utf-8", "utf-16", "utf-16le", "utf-16be"}
	for _, p := range codePages() {
		out = append(out, p.name)
	}
	return out
}

// sampleSize is how much of a text is looked at to find out its encoding or form.
const sampleSize = 64 << 10

// decoded is a text in UTF-8.
type decoded struct {
	text     []byte
	encoding string
	// guessed tells that nothing in the text confirms the encoding.
	guessed bool
}

// decode turns an export into UTF-8. hint names the encoding; "" finds it out.
func decode(raw []byte, hint string) (decoded, bool) {
	if hint != "" {
		return decodeAs(raw, hint)
	}
	switch {
	case bytes.HasPrefix(raw, []byte("\xef\xbb\xbf")):
		return decoded{text: validUTF8(raw[3:]), encoding: "utf-8"}, true
	case bytes.HasPrefix(raw, []byte("\xff\xfe")):
		return decoded{text: utf16(raw, unicode.LittleEndian), encoding: "utf-16le"}, true
	case bytes.HasPrefix(raw, []byte("\xfe\xff")):
		return decoded{text: utf16(raw, unicode.BigEndian), encoding: "utf-16be"}, true
	}
	if order, ok := looksUTF16(raw); ok {
		name := "utf-16le"
		if order == unicode.BigEndian {
			name = "utf-16be"
		}
		return decoded{text: utf16(raw, order), encoding: name}, true
	}
	if utf8.Valid(raw) {
		return decoded{text: raw, encoding: "utf-8"}, true
	}
	return guessCodePage(raw), true
}

// decodeAs decodes with the encoding of that name ("850", "cp850", "utf-16le" …).
func decodeAs(raw []byte, hint string) (decoded, bool) {
	name := strings.ToLower(strings.TrimSpace(hint))
	name = strings.ReplaceAll(name, "_", "-")
	switch name {
	case "utf-8", "utf8", "65001":
		return decoded{text: validUTF8(bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf"))), encoding: "utf-8"}, true
	case "utf-16", "utf16", "unicode", "utf-16le", "utf16le", "1200":
		return decoded{text: utf16(raw, unicode.LittleEndian), encoding: "utf-16le"}, true
	case "utf-16be", "utf16be", "1201":
		return decoded{text: utf16(raw, unicode.BigEndian), encoding: "utf-16be"}, true
	}
	for _, prefix := range []string{"windows-", "cp", "oem", "ibm", "ansi"} {
		name = strings.TrimPrefix(strings.TrimPrefix(name, prefix), "-")
	}
	for _, p := range codePages() {
		if p.name == name {
			return decoded{text: p.decode(raw), encoding: p.name}, true
		}
	}
	return decoded{}, false
}

func (p codePage) decode(raw []byte) []byte {
	out, err := p.encoding.NewDecoder().Bytes(raw)
	if err != nil {
		return validUTF8(raw)
	}
	return out
}

// utf16 decodes UTF-16; a byte order mark counts more than the order that is asked for.
func utf16(raw []byte, order unicode.Endianness) []byte {
	out, err := unicode.UTF16(order, unicode.UseBOM).NewDecoder().Bytes(raw)
	if err != nil {
		return validUTF8(raw)
	}
	return out
}

func validUTF8(b []byte) []byte {
	if utf8.Valid(b) {
		return b
	}
	return bytes.ToValidUTF8(b, []byte("\uFFFD"))
}

// looksUTF16 recognises UTF-16 without a byte order mark by its line ends and blanks.
func looksUTF16(raw []byte) (unicode.Endianness, bool) {
	sample := raw[:min(len(raw), 4096)]
	var little, big int
	for i := 0; i+1 < len(sample); i += 2 {
		switch {
		case sample[i] != 0 && sample[i] < 0x80 && sample[i+1] == 0:
			little++
		case sample[i] == 0 && sample[i+1] != 0 && sample[i+1] < 0x80:
			big++
		}
	}
	need := max(len(sample)/8, 2)
	switch {
	case little >= need && little > big:
		return unicode.LittleEndian, true
	case big >= need:
		return unicode.BigEndian, true
	}
	return unicode.LittleEndian, false
}

// guessCodePage takes the code page in which most labels are known.
func guessCodePage(raw []byte) decoded {
	sample := raw[:min(len(raw), sampleSize)]
	if n := bytes.LastIndexByte(sample, '\n'); n > 0 {
		sample = sample[:n]
	}
	best, bestScore, plain := codePage{}, -1, labelScore(asciiOnly(sample))
	for _, p := range codePages() {
		if score := labelScore(p.decode(sample)); score > bestScore {
			best, bestScore = p, score
		}
	}
	return decoded{text: best.decode(raw), encoding: best.name, guessed: bestScore == plain}
}

func asciiOnly(b []byte) []byte {
	return slices.DeleteFunc(slices.Clone(b), func(c byte) bool { return c >= 0x80 })
}

// valueScore counts the known words beyond ASCII of a row that has words only: German
// labels have none.
func valueScore(f field, value string) int {
	score := 0
	words, _ := items(value)
	for _, w := range words {
		if len(asciiOnly([]byte(w.text))) == len(w.text) {
			continue
		}
		ok := false
		switch f {
		case fieldEnabled:
			_, ok = yesNo(w.text)
		case fieldDirection:
			_, ok = directionOf(w.text)
		case fieldProfiles:
			_, ok = profileOf(w.text)
		case fieldAction:
			_, ok = actionOf(w.text)
		}
		if ok {
			score++
		}
	}
	return score
}

// labelScore counts the lines that begin with a known label, and their known words.
func labelScore(text []byte) int {
	score := 0
	for line := range bytes.Lines(text) {
		label, value, ok := splitLabel(string(bytes.TrimSpace(line)))
		if !ok {
			continue
		}
		if f, known := fieldOf(label); known {
			score++
			score += valueScore(f, value)
		}
	}
	return score
}

// strayRun is how many characters in a row make sure that they were decoded wrongly.
const strayRun = 16

// secondEncoding finds text in another encoding than the file's, and where in the decoded
// text it stands. In text of single bytes UTF-16 shows by its NULs. In UTF-16 two such
// bytes make one character, and sixteen in a row whose bytes are all ASCII, without one
// blank or line end, are no Chinese or Japanese.
func secondEncoding(raw []byte, text decoded) (at int, mixed bool) {
	order := 0 // of a character's bytes: which one is the upper
	switch text.encoding {
	case "utf-16le":
		order = 1
	case "utf-16be":
	default:
		at = bytes.IndexByte(text.text, 0)
		return max(at, 0), at >= 0
	}
	run := 0
	for i := 0; i+1 < len(raw); i += 2 {
		upper, lower := raw[i+order], raw[i+1-order]
		if run++; !isPlain(upper) || lower != 0 && !isPlain(lower) {
			run = 0
		}
		if run == strayRun {
			before, _ := decodeAs(raw[:i+2-2*strayRun], text.encoding)
			return min(len(before.text), len(text.text)), true
		}
	}
	return 0, false
}

func isPlain(c byte) bool { return c >= ' ' && c < 0x7f || c == '\r' || c == '\n' || c == '\t' }
