package tabular

import (
	"strconv"
	"strings"
)

// Decimal is the mark between a number's whole part and its fraction.
type Decimal string

// The decimal marks. Without one, or with DecimalAmbiguous, a value is read if
// there is only one way to: 1.234 has two.
const (
	DecimalUnknown   Decimal = ""
	DecimalAmbiguous Decimal = "ambiguous"
	DecimalPoint     Decimal = "."
	DecimalComma     Decimal = ","
)

var decimalChoice = choice{
	option: "decimal", allowed: []string{"point", "comma"},
	aliases: map[string]string{".": "point", "dot": "point", ",": "comma"},
}

// ParseDecimal reads the option decimal. DecimalUnknown stands for auto.
func ParseDecimal(value string) (Decimal, error) {
	picked, err := decimalChoice.pick(value)
	return map[string]Decimal{"point": DecimalPoint, "comma": DecimalComma}[picked], err
}

// ParseNumber reads 1.234,50, 1,234.50, 1'234.50, 1 234,50 or 1234.5 and
// returns it as a JSON number with the digits it was written with: 1234.50.
func ParseNumber(value string, decimal Decimal) (string, error) {
	n, ok := splitNumber(value)
	if !ok {
		return "", problem(BadNumber, "%q is not a number", shown(value))
	}
	point, isPoint := n.read('.')
	comma, isComma := n.read(',')
	switch {
	case decimal == DecimalPoint && isPoint:
		return point, nil
	case decimal == DecimalComma && isComma:
		return comma, nil
	case decimal == DecimalPoint || decimal == DecimalComma:
		return "", problem(BadNumber, "%q is not a number with a decimal %s", shown(value), decimal)
	case isPoint && isComma && point != comma:
		return "", problem(AmbiguousNumber, "%q can be read in two ways; name the decimal mark", shown(value))
	case isPoint:
		return point, nil
	case isComma:
		return comma, nil
	}
	return "", problem(BadNumber, "%q is not a number", shown(value))
}

// GuessDecimal finds the decimal mark of the samples, which may come from
// several columns of one file. Samples that are no numbers are left out.
func GuessDecimal(samples []string) Decimal {
	var point, comma, either int
	for _, sample := range samples {
		n, ok := splitNumber(sample)
		if !ok {
			continue
		}
		asPoint, isPoint := n.read('.')
		asComma, isComma := n.read(',')
		switch {
		case isPoint && !isComma:
			point++
		case isComma && !isPoint:
			comma++
		case isPoint && asPoint != asComma:
			either++
		}
	}
	switch {
	case clearly(point, comma):
		return DecimalPoint
	case clearly(comma, point):
		return DecimalComma
	case point+comma+either > 0:
		return DecimalAmbiguous
	}
	return DecimalPoint
}

func isNumber(value string) bool {
	n, ok := splitNumber(value)
	if !ok {
		return false
	}
	_, isPoint := n.read('.')
	_, isComma := n.read(',')
	return isPoint || isComma
}

// numeral is a number taken apart: runs of digits and the marks between them.
type numeral struct {
	negative bool
	runs     []string
	marks    []byte
	exponent string
}

// spaces and apostrophes are all one mark between thousands.
var numberMarks = strings.NewReplacer("\u00A0", " ", "\u202F", " ", "\u2009", " ", "’", "'", "−", "-")

func splitNumber(value string) (numeral, bool) {
	const longest = 64
	if len(value) > longest {
		return numeral{}, false
	}
	var n numeral
	text := n.cutSign(numberMarks.Replace(strings.TrimSpace(value)))
	if i := strings.IndexAny(text, "eE"); i >= 0 {
		if n.exponent = text[i+1:]; !smallExponent(n.exponent) {
			return n, false
		}
		text = text[:i]
	}
	for {
		digits, rest := cutDigits(text)
		n.runs = append(n.runs, digits)
		if rest == "" {
			return n, n.filled()
		}
		if !strings.Contains(".,' ", rest[:1]) {
			return n, false
		}
		n.marks = append(n.marks, rest[0])
		text = rest[1:]
	}
}

// cutSign takes the sign off, which bookkeeping puts at the end.
func (n *numeral) cutSign(text string) string {
	for _, sign := range []string{"-", "+"} {
		rest, before := strings.CutPrefix(text, sign)
		if !before && sign == "-" {
			rest, before = strings.CutSuffix(text, sign)
		}
		if before {
			n.negative = sign == "-"
			return strings.TrimSpace(rest)
		}
	}
	return text
}

// smallExponent keeps a number within what a float can hold.
func smallExponent(text string) bool {
	digits := strings.TrimLeft(text, "+-")
	n, err := strconv.Atoi(digits)
	return err == nil && len(text)-len(digits) <= 1 && n >= 0 && n <= 200
}

// filled wants digits everywhere, except before the mark of .5.
func (n numeral) filled() bool {
	for i, run := range n.runs {
		if run == "" && !(i == 0 && len(n.runs) == 2) {
			return false
		}
	}
	return true
}

// read reads the number with that decimal mark.
func (n numeral) read(decimal byte) (string, bool) {
	whole, marks, fraction := n.runs, n.marks, ""
	if last := len(marks) - 1; last >= 0 && marks[last] == decimal {
		whole, marks, fraction = whole[:last+1], marks[:last], n.runs[last+1]
	}
	if !grouped(whole, marks, decimal) || len(marks) > 0 && n.exponent != "" {
		return "", false
	}
	return n.canonical(strings.Join(whole, ""), fraction), true
}

// grouped wants 1.234.567: one mark throughout, threes behind it, and no
// leading zero, for 0.123 is a fraction.
func grouped(runs []string, marks []byte, decimal byte) bool {
	if len(marks) == 0 {
		return runs[0] != "" || len(runs) == 1
	}
	if len(runs[0]) == 0 || len(runs[0]) > 3 || runs[0][0] == '0' {
		return false
	}
	for i, mark := range marks {
		if mark != marks[0] || mark == decimal || len(runs[i+1]) != 3 {
			return false
		}
	}
	return true
}

func (n numeral) canonical(whole, fraction string) string {
	whole = strings.TrimLeft(whole, "0")
	if whole == "" {
		whole = "0"
	}
	text := whole
	if fraction != "" {
		text += "." + fraction
	}
	if n.negative && strings.Trim(text, "0.") != "" {
		text = "-" + text
	}
	if n.exponent != "" {
		text += "e" + n.exponent
	}
	return text
}

// boolWords are what people write for yes and no.
var boolWords = map[string]bool{
	"true": true, "yes": true, "y": true, "1": true, "x": true, "on": true, "t": true, "✓": true, "✔": true,
	"ja": true, "j": true, "wahr": true, "oui": true, "vrai": true, "sí": true, "si": true, "verdadero": true,
	"false": false, "no": false, "n": false, "0": false, "off": false, "f": false,
	"nein": false, "falsch": false, "non": false, "faux": false, "falso": false,
}

// ParseBool reads yes or no, in four languages, as 1 or 0, or as a cross.
func ParseBool(value string) (bool, error) {
	yes, known := boolWords[strings.ToLower(strings.TrimSpace(value))]
	if !known {
		return false, problem(BadBool, "%q is neither yes nor no; write true or false", shown(value))
	}
	return yes, nil
}
