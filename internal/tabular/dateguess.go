package tabular

import "strings"

// GuessDates finds the format of a column's dates, or of those of several
// columns of one file. Empty samples are left out. It returns DateUnknown when
// the samples are no dates, and DateAmbiguous when they do not show whether
// the day or the month comes first.
func GuessDates(samples []string) DateFormat {
	var t tally
	for _, sample := range samples {
		if strings.TrimSpace(sample) != "" {
			t.add(sample)
		}
	}
	return t.verdict()
}

// tally counts how many samples each shape fits.
type tally struct {
	samples int
	fits    [8]int
	only    [8]int // those that no other shape fits
}

func (t *tally) add(sample string) {
	t.samples++
	parts, ok := splitDate(sample)
	if !ok {
		return
	}
	fitting, last := 0, 0
	for i, shape := range dateShapes {
		if _, ok := parts.as(shape); ok {
			t.fits[i]++
			fitting, last = fitting+1, i
		}
	}
	if fitting == 1 {
		t.only[last]++
	}
}

// verdict wants most of the samples to be dates of one shape; the others are
// the faults of their rows.
func (t *tally) verdict() DateFormat {
	best := 0
	for i := range dateShapes {
		if t.fits[i] > t.fits[best] || t.fits[i] == t.fits[best] && t.only[i] > t.only[best] {
			best = i
		}
	}
	rival := rivalOf(best)
	dates, against := t.fits[best], 0
	if rival >= 0 {
		against = t.only[rival]
		dates += against
	}
	switch {
	case dates == 0 || dates*10 < t.samples*6:
		return DateUnknown
	case rival >= 0 && !clearly(t.only[best], against):
		return DateAmbiguous
	}
	return dateShapes[best].format
}

// rivalOf returns the shape with day and month the other way round, or -1.
func rivalOf(i int) int {
	for j, s := range dateShapes {
		if s.sep == dateShapes[i].sep && s.day == dateShapes[i].month && s.month == dateShapes[i].day {
			return j
		}
	}
	return -1
}

// clearly wants twenty witnesses for each one against; a single 13/01 among
// many 01/13 is a slip of the pen, and one among three is not.
func clearly(in, against int) bool { return in > 0 && in >= 20*against }
