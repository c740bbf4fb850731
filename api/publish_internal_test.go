package api

import "testing"

func TestReadChangelog(t *testing.T) {
	c := readChangelog("# Changelog\n\nWords.\n\n## [Unreleased]\n\n## [1.1.0] - 2027-01-05\n\n### Added\n\n- One.\n\n## [1.0.0] - 2026-12-01\n\n- All.\n")
	if len(c.Data) != 3 || c.Data[0].Text != "" || c.Data[1].Version != "1.1.0" || *c.Data[1].ReleasedOn != "2027-01-05" || c.Data[1].Text != "### Added\n\n- One." || c.Data[2].Text != "- All." {
		t.Errorf("read as %+v", c)
	}
	if len(readChangelog("").Data) != 0 {
		t.Error("versions of nothing")
	}
}
