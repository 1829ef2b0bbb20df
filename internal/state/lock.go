package state

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/prometheus/prometheus/tsdb/fileutil"
)

// Lock takes a directory for this process until unlock is called or the process ends, and makes it where it is missing.
// name tells users of one directory apart who do not harm each other, such as shards. It fails where another process
// holds the lock. The file of the lock stays.
func Lock(dir, name string) (unlock func() error, err error) {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, fmt.Errorf("locking %s: %w", dir, err)
	}
	path := filepath.Join(dir, name+".lock")
	if err := regular(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("locking %s: %w", dir, err)
	}
	lock, _, err := fileutil.Flock(path)
	if err != nil {
		return nil, fmt.Errorf("locking %s: %w: does another Foresight keep its state there? Give each a directory of its own", dir, err)
	}
	return lock.Release, nil
}

// regular refuses what is no file of ours: a FIFO would block whoever opens it, a device or a link lead elsewhere.
func regular(path string) error {
	info, err := os.Lstat(path)
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("%s is no regular file (%s): remove it", path, info.Mode())
	}
	return nil
}
