// Package state keeps what was learnt across restarts: one file for each task, replaced as a whole, so that a crash at
// any moment leaves either the old one or the new one.
//
// state.go is the format; lock.go keeps two processes from one folder. What is in a record is decided in
// internal/fleet/save.go.
package state

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// magic begins every file; its last byte is the version of the format.
const magic = "foresight state\x01"

// maxField bounds one field of a record: more is a damaged file.
const maxField = 1 << 24

var table = crc32.MakeTable(crc32.Castagnoli)

// temporary ends the name of a file that is being written.
const temporary = ".tmp*"

// RemoveLeftovers removes from a directory what calls of Write for files with an ending, such as ".state", have left
// behind when they were killed. What can't be removed only takes room.
func RemoveLeftovers(dir, ending string) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return
	}
	for _, e := range entries {
		if strings.Contains(e.Name(), ending+strings.TrimSuffix(temporary, "*")) {
			_ = os.Remove(filepath.Join(dir, e.Name()))
		}
	}
}

// Record is one series: opaque fields, which the reader must not keep.
type Record [][]byte

// Write replaces the file at path with a signature, which Read asks for again, a header and the records that each
// hands over. A failure leaves the old file. What is no regular file is not replaced.
func Write(path, signature string, header []byte, each func(write func(Record) error) error) (err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return err
	}
	if err := regular(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+temporary)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, f.Close(), os.Remove(f.Name()))
		}
	}()
	w := &writer{w: bufio.NewWriterSize(f, 1<<16), sum: crc32.New(table)}
	w.bytes([]byte(magic))
	w.field([]byte(signature))
	w.field(header)
	err = each(func(r Record) error {
		w.uvarint(uint64(len(r)))
		for _, b := range r {
			w.field(b)
		}
		return w.err
	})
	if err != nil {
		return err
	}
	w.uvarint(0)
	w.bytes(binary.BigEndian.AppendUint32(nil, w.sum.Sum32()))
	if w.err != nil {
		return w.err
	}
	if err := w.w.Flush(); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

type writer struct {
	w   *bufio.Writer
	sum hash.Hash32
	err error
}

func (w *writer) bytes(b []byte) {
	if w.err == nil {
		w.sum.Write(b)
		_, w.err = w.w.Write(b)
	}
}

func (w *writer) uvarint(v uint64) { w.bytes(binary.AppendUvarint(nil, v)) }

func (w *writer) field(b []byte) {
	w.uvarint(uint64(len(b)))
	w.bytes(b)
}

// ErrForeign says that a file is whole, but of other settings.
var ErrForeign = errors.New("the state is of other settings")

// Read hands the header and then the records of the file at path to the caller, after it has checked that the file is
// whole and of that signature: nothing is handed over of one that isn't. A missing file is fs.ErrNotExist.
func Read(path, signature string, header func([]byte) error, each func(Record) error) error {
	if err := regular(path); err != nil {
		return err
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := verify(f); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if _, err := f.Seek(int64(len(magic)), io.SeekStart); err != nil {
		return err
	}
	r := &reader{r: bufio.NewReaderSize(f, 1<<16)}
	if got := r.field(nil); string(got) != signature && r.err == nil {
		return fmt.Errorf("%s: %w", path, ErrForeign)
	}
	if b := r.field(nil); r.err == nil {
		if err := header(b); err != nil {
			return err
		}
	}
	var fields Record
	for r.err == nil {
		n := r.uvarint()
		if n == 0 {
			break
		}
		for uint64(len(fields)) < n && n < 64 {
			fields = append(fields, nil)
		}
		if n > uint64(len(fields)) {
			return fmt.Errorf("%s: a record of %d fields", path, n)
		}
		for i := range n {
			fields[i] = r.field(fields[i])
		}
		if r.err == nil {
			if err := each(fields[:n]); err != nil {
				return err
			}
		}
	}
	if r.err != nil {
		return fmt.Errorf("%s: %w", path, r.err)
	}
	return nil
}

// verify tells whether a file begins with the magic and ends with its own checksum.
func verify(f *os.File) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	n := info.Size() - 4
	if n < int64(len(magic)) {
		return errors.New("not a state file, or a part of one")
	}
	head := make([]byte, len(magic))
	if _, err := f.ReadAt(head, 0); err != nil {
		return err
	}
	if string(head) != magic {
		return errors.New("not a state file of this version")
	}
	sum := crc32.New(table)
	if _, err := io.Copy(sum, io.NewSectionReader(f, 0, n)); err != nil {
		return err
	}
	tail := make([]byte, 4)
	if _, err := f.ReadAt(tail, n); err != nil {
		return err
	}
	if binary.BigEndian.Uint32(tail) != sum.Sum32() {
		return errors.New("the state file is damaged or a part of one")
	}
	return nil
}

type reader struct {
	r   *bufio.Reader
	err error
}

func (r *reader) uvarint() (v uint64) {
	if r.err == nil {
		v, r.err = binary.ReadUvarint(r.r)
	}
	return v
}

// field reads one field into buf, which is reused where it is large enough.
func (r *reader) field(buf []byte) []byte {
	n := r.uvarint()
	if r.err == nil && n > maxField {
		r.err = fmt.Errorf("a field of %d bytes", n)
	}
	if r.err != nil {
		return buf
	}
	if uint64(cap(buf)) < n {
		buf = make([]byte, n)
	}
	buf = buf[:n]
	_, r.err = io.ReadFull(r.r, buf)
	return buf
}
