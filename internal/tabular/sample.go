package tabular

import "slices"

// sampleRows returns the first rows of a sample, and how many of them have a
// quote out of place. The last one, which the sample may have cut, is left out
// unless hardly any other is there.
func sampleRows(sample []byte, delimiter byte, end LineEnd, most int) (rows [][]string, faults int) {
	p := newParser(delimiter, end)
	for len(sample) > 0 && len(rows) < most {
		n, fault := p.next(sample, false)
		if n == 0 {
			if len(rows) > 1 {
				break
			}
			n, fault = p.next(sample, true)
		}
		sample = sample[n:]
		if p.blank() {
			continue
		}
		if fault != nil {
			faults++
		}
		rows = append(rows, slices.Clip(p.cells()))
	}
	return rows, faults
}
