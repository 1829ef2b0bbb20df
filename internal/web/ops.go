package web

import (
	"errors"
	"fmt"
	"io"
	"net/http"
)

func (*server) healthy(w http.ResponseWriter, _ *http.Request) {
	io.WriteString(w, "Foresight is healthy.\n")
}

func (s *server) ready(w http.ResponseWriter, _ *http.Request) {
	if err := s.Ready(); err != nil {
		http.Error(w, fmt.Sprintf("Foresight is not ready: %v", err), http.StatusServiceUnavailable)
		return
	}
	io.WriteString(w, "Foresight is ready.\n")
}

func (s *server) reload(w http.ResponseWriter, r *http.Request) {
	err := errors.New("this command has no configuration to load")
	if s.Reload != nil {
		err = s.Reload(r.Context())
	}
	if err != nil {
		http.Error(w, fmt.Sprintf("failed to reload the configuration, the running one stays: %v", err), http.StatusInternalServerError)
		return
	}
	io.WriteString(w, "Configuration reloaded.\n")
}

func (s *server) config(w http.ResponseWriter, r *http.Request) {
	page := struct{ YAML string }{}
	if s.Config != nil {
		page.YAML = s.Config()
	}
	s.render(w, r, "config", "Configuration", page)
}
