package tabular

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
)

func benchmarkRead(b *testing.B, line func(i int) string, header string) {
	const rows = 50_000
	var text strings.Builder
	text.WriteString(header)
	for i := range rows {
		text.WriteString(line(i))
	}
	b.SetBytes(int64(text.Len()))
	b.ReportAllocs()
	for b.Loop() {
		file := strings.NewReader(text.String())
		found, err := DetectFile(file, Options{})
		if err != nil {
			b.Fatal(err)
		}
		r, err := Open(file, found)
		if err != nil {
			b.Fatal(err)
		}
		n := 0
		for ; ; n++ {
			row, err := r.Next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil || row.Fault != nil {
				b.Fatal(err, row.Fault)
			}
		}
		if n != rows {
			b.Fatalf("read %d rows", n)
		}
	}
	b.ReportMetric(float64(rows)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

func BenchmarkPlain(b *testing.B) {
	benchmarkRead(b, func(i int) string {
		return fmt.Sprintf("S-%d;Person %d;p%d@example.org;+49 30 %d;Berlin;31.12.2026;1.234,50;note\n", i, i, i, i)
	}, "id;name;email;phone;city;date;sum;notes\n")
}

func BenchmarkQuoted(b *testing.B) {
	benchmarkRead(b, func(i int) string {
		return fmt.Sprintf("\"S-%d\",\"Person, %d\",\"p%d@example.org\",\"say \"\"hi\"\"\nand go\"\n", i, i, i)
	}, "id,name,email,notes\n")
}

func BenchmarkNDJSON(b *testing.B) {
	benchmarkRead(b, func(i int) string {
		return fmt.Sprintf("{\"id\":%d,\"name\":\"Person %d\",\"group\":{\"name\":\"Org\"},\"tags\":[\"a\"]}\n", i, i)
	}, "")
}

// BenchmarkSkipTo passes over 50,000 rows.
func BenchmarkSkipTo(b *testing.B) {
	text := "id,name\n" + strings.Repeat("S-1,Person One\n", 50_001)
	for b.Loop() {
		r, err := Open(strings.NewReader(text), Detected{Format: CSV, Encoding: utf8Name, Delimiter: ",", Header: true})
		if err == nil {
			err = r.SkipTo(50_001)
		}
		if err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkQuotesNeverClosed is the file that would cost most if each of its
// rows were followed to the end of the file.
func BenchmarkQuotesNeverClosed(b *testing.B) {
	for _, line := range []string{"\"x\n", "a,\"\"x\n", "\"x\"y,\"\n", "x, \"x\n"} {
		text := "a,b\n" + strings.Repeat(line, 1<<20)
		b.Run(fmt.Sprintf("%q", line), func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				r, err := Open(strings.NewReader(text), Detected{Format: CSV, Encoding: utf8Name, Delimiter: ",", Header: true})
				for err == nil {
					_, err = r.Next()
				}
			}
		})
	}
}
