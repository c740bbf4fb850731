package tabular

import "strings"

// formulaLeads are the characters that make a spreadsheet run a cell.
const formulaLeads = "=+-@\t\r"

// NeutraliseFormula returns the cell so that a spreadsheet shows it and does
// not run it: with a leading ' when it begins like a formula. A cell that
// already has one gets another, so that RestoreFormula can undo it exactly.
func NeutraliseFormula(cell string) string {
	if leadsFormula(strings.TrimLeft(cell, "'")) {
		return "'" + cell
	}
	return cell
}

// RestoreFormula undoes NeutraliseFormula: RestoreFormula(NeutraliseFormula(x))
// is x for every x.
func RestoreFormula(cell string) string {
	if strings.HasPrefix(cell, "'") && leadsFormula(strings.TrimLeft(cell, "'")) {
		return cell[1:]
	}
	return cell
}

func leadsFormula(cell string) bool {
	return cell != "" && strings.IndexByte(formulaLeads, cell[0]) >= 0
}

// neutralised says whether the rows look like an export in which formulas were
// neutralised. Bare formulas speak against it; negative numbers say nothing,
// and without any sign the ' is taken for ours.
func neutralised(rows [][]string) bool {
	var quoted, bare int
	for _, row := range rows {
		for _, cell := range row {
			switch {
			case RestoreFormula(cell) != cell:
				quoted++
			case leadsFormula(cell) && !isNumber(strings.TrimPrefix(cell, "-")):
				bare++
			}
		}
	}
	return quoted >= bare
}

// restoreAll returns the cells with formulas restored. Nearly no row has any,
// so the cells are copied only when one changes.
func restoreAll(cells []string) []string {
	out, copied := cells, false
	for i, cell := range cells {
		if cell == "" || cell[0] != '\'' {
			continue
		}
		if !copied {
			out, copied = append([]string(nil), cells...), true
		}
		out[i] = RestoreFormula(cell)
	}
	return out
}
