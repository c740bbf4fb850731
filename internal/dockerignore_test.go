package internal_test

import (
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"
)

// The image is built without a repository, from what .dockerignore leaves: nothing that
// the program embeds may be missing there.
func TestImageIsBuiltWithAllThatIsEmbedded(t *testing.T) {
	raw, err := os.ReadFile("../.dockerignore")
	if err != nil {
		t.Fatal(err)
	}
	patterns := strings.Fields(strings.TrimPrefix(string(raw), "# The image is built from the source alone.\n"))
	n := 0
	for _, embedded := range []string{"internal/store/migrations/*.sql", "seeds/*.csv", "seeds/samples/*.json", "openapi/*.*", "openapi/docs/*"} {
		files, err := filepath.Glob("../" + embedded)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			file = strings.TrimPrefix(filepath.ToSlash(file), "../")
			for _, p := range patterns {
				if leftOut(p, file) {
					t.Errorf("%s is left out of the image by %s", file, p)
				}
			}
			n++
		}
	}
	if n < 100 {
		t.Errorf("only %d embedded files were looked at", n)
	}
}

// leftOut reports whether a pattern of .dockerignore means a file: at the root, or
// anywhere behind two stars.
func leftOut(pattern, file string) bool {
	anywhere, rest := strings.HasPrefix(pattern, "**/"), strings.TrimPrefix(strings.TrimPrefix(pattern, "**/"), "/")
	for at := file; at != "."; at = path.Dir(at) {
		name := at
		if anywhere {
			name = path.Base(at)
		}
		if ok, _ := path.Match(rest, name); ok {
			return true
		}
	}
	return false
}
