package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestCheckCommand(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.FormValue("query") == "bad" {
			w.WriteHeader(http.StatusUnprocessableEntity)
			fmt.Fprint(w, `{"status":"error","errorType":"execution","error":"it cannot be done"}`)
			return
		}
		fmt.Fprint(w, `{"status":"success","data":{"resultType":"vector","result":[]}}`)
	}))
	defer srv.Close()
	good := "source: {url: '" + srv.URL + "'}\ntasks:\n  - {name: a, expr: up}\n"
	for _, tt := range []struct {
		name, config string
		args         []string
		code         int
		stdout       string
		stderr       string
	}{
		{"valid", good, nil, 0, `foresight.yml is valid: 1 task, 0 warnings`, ""},
		{"expanded", good + "presets: [nginx]\n", []string{"--expand"}, 0, "\n  # of a preset: nginx.requests\n  - name: nginx.requests\n", ""},
		{"live", good, []string{"--live"}, 1, `error     there is no series now`, "foresight check: 1 error\n"},
		{"rejected", good + "  - {name: b, expr: bad}\n", []string{"--live"}, 1, `error     task "b": asking ` + srv.URL + "/api/v1/query at ", "foresight check: 2 errors\n"},
		{"invalid", good + "  - {name: a, expr: up}\n", nil, 1, "", `foresight.yml:4: task "a": name: this name is taken by the task in line 3`},
		{"no certificate", "source: {url: '" + srv.URL + "', tls_config: {ca_file: missing.pem}}\ntasks: [{name: a, expr: up}]\n", nil, 1, "is valid", "missing.pem"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			code, stdout, stderr := invoke(t, append([]string{"check", "--config.file=" + writeConfig(t, tt.config)}, tt.args...)...)
			if code != tt.code || !strings.Contains(stdout, tt.stdout) || !strings.Contains(stderr, tt.stderr) || tt.stderr == "" && stderr != "" {
				t.Errorf("got exit code %d,\n%s%s\nwant %d, %q, %q", code, stdout, stderr, tt.code, tt.stdout, tt.stderr)
			}
		})
	}
}
