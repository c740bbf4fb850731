package tabular

import (
	"bytes"
	"errors"
	"io"
)

// window is the part of the text in memory: what has been read and not yet
// been used. It always holds whole reads, so that a slow reader cannot make a
// row be scanned again for every byte.
type window struct {
	r    io.Reader
	buf  []byte
	from int
	to   int
	done bool // nothing follows
}

func newWindow(r io.Reader) *window {
	return &window{r: r, buf: make([]byte, 64<<10)}
}

func (w *window) bytes() []byte { return w.buf[w.from:w.to] }

func (w *window) drop(n int) { w.from += n }

// more reads on behind what is there.
func (w *window) more() error {
	if w.done {
		return io.EOF
	}
	w.makeRoom()
	n, err := io.ReadFull(w.r, w.buf[w.to:])
	w.to += n
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		w.done, err = true, nil
	}
	return err
}

// makeRoom doubles the buffer only when a row fills more than half of it.
func (w *window) makeRoom() {
	held := w.bytes()
	buf := w.buf
	if len(held) > len(buf)/2 {
		buf = make([]byte, 2*len(buf))
	}
	w.to = copy(buf, held)
	w.from, w.buf = 0, buf
}

// dropPrefix takes prefix off the start of the text.
func (w *window) dropPrefix(prefix string) error {
	if len(w.bytes()) < len(prefix) && !w.done {
		if err := w.more(); err != nil {
			return err
		}
	}
	if bytes.HasPrefix(w.bytes(), []byte(prefix)) {
		w.drop(len(prefix))
	}
	return nil
}
