package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAnonymizeCommand(t *testing.T) {
	dir := t.TempDir()
	file := func(name, rows string) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, []byte("timestamp,value\n"+rows), 0o600))
		return path
	}
	// 2026-03-05T15:00:00Z is a Thursday, and so is 2001-01-04.
	disk := file("payroll-disk.csv", "1772722800,-20\n1772723100,\n1772723400.5,5\n1772723100,10\n")
	code, out, errs := invoke(t, "anonymize", "--value=40", "--time=1772723100", disk)
	require.Equal(t, 0, code, errs)
	require.Equal(t, "timestamp,value\n978620400,-1\n978620700,\n978621000.5,0.25\n978620700,0.5\n", out)
	require.Equal(t, "the value 40 is 2\nthe time 1772723100 is 978620700\n", errs)

	code, out, errs = invoke(t, "anonymize", "--exact", disk)
	require.Equal(t, 0, code, errs)
	require.Equal(t, "timestamp,value\n978620400,-0.625\n978620700,\n978621000.5,0.15625\n978620700,0.3125\n", out)

	other := file("payroll-disk-2.csv", "1772719200,40\n")
	code, _, errs = invoke(t, "anonymize", disk, other)
	require.Equal(t, 1, code)
	require.Contains(t, errs, "name a directory by --output")

	to := t.TempDir()
	code, out, errs = invoke(t, "anonymize", "--output="+to, disk, other)
	require.Equal(t, 0, code, errs)
	require.Empty(t, out)
	require.Empty(t, errs)
	for name, want := range map[string]string{
		"series-1.csv": "timestamp,value\n978620400,-0.5\n978620700,\n978621000.5,0.125\n978620700,0.25\n",
		"series-2.csv": "timestamp,value\n978616800,1\n",
	} {
		got, err := os.ReadFile(filepath.Join(to, name))
		require.NoError(t, err)
		require.Equal(t, want, string(got), name)
	}

	code, _, errs = invoke(t, "anonymize", "--output="+to, other)
	require.Equal(t, 1, code)
	require.Contains(t, errs, "file exists", "nothing may be overwritten")

	code, _, errs = invoke(t, "anonymize", "--time=NaN", disk)
	require.Equal(t, 1, code)
	require.Contains(t, errs, "not a moment")
}
