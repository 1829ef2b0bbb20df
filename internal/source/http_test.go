package source

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/foresight-exporter/foresight/internal/config"
)

// clientOf reads settings as a user writes them; DIR in them is the folder with the files token, client.pem and client.key.
func clientOf(t *testing.T, address, dir, settings string) *Client {
	t.Helper()
	text := "source:\n  url: '" + address + "'\n" + strings.ReplaceAll(settings, "DIR", dir) + "tasks: [{name: a, expr: up}]\n"
	c, err := config.Parse("x.yml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	client, err := New(Options{URL: c.Source.URL.URL, HTTP: c.Source.HTTP, Timeout: 10 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return client
}

func TestHTTPSettings(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "token"), []byte("filed\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var got http.Header
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/token" {
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprint(w, `{"access_token":"granted","token_type":"Bearer","expires_in":3600}`)
			return
		}
		got = r.Header.Clone()
		fmt.Fprint(w, empty)
	}))
	defer srv.Close()
	withUser := strings.Replace(srv.URL, "://", "://reader:hunter2@", 1)
	for name, tt := range map[string]struct{ address, settings, header, want string }{
		"none":       {"", "", "Authorization", ""},
		"encoding":   {"", "", "Accept-Encoding", "identity"},
		"agent":      {"", "", "User-Agent", "foresight/"},
		"basic auth": {"", "  basic_auth: {username: reader, password: hunter2}\n", "Authorization", "Basic cmVhZGVyOmh1bnRlcjI="},
		"address":    {withUser, "", "Authorization", "Basic cmVhZGVyOmh1bnRlcjI="},
		"bearer":     {"", "  authorization: {credentials: hunter2}\n", "Authorization", "Bearer hunter2"},
		"file":       {"", "  authorization: {credentials_file: DIR/token}\n", "Authorization", "Bearer filed"},
		"oauth2":     {"", "  oauth2: {client_id: a, client_secret: b, token_url: '" + srv.URL + "/token'}\n", "Authorization", "Bearer granted"},
		"tenant":     {"", "  http_headers: {X-Scope-OrgID: {values: [team]}}\n", "X-Scope-Orgid", "team"},
	} {
		t.Run(name, func(t *testing.T) {
			if tt.address == "" {
				tt.address = srv.URL
			}
			if err := clientOf(t, tt.address, dir, tt.settings).Ping(t.Context()); err != nil {
				t.Fatal(err)
			}
			if g := got.Get(tt.header); g != tt.want && !(strings.HasSuffix(tt.want, "/") && strings.HasPrefix(g, tt.want)) {
				t.Errorf("%s: got %q, want %q", tt.header, g, tt.want)
			}
		})
	}
}

// TestMutualTLS: the server is known by its CA only, and it knows the client by a certificate.
func TestMutualTLS(t *testing.T) {
	dir := t.TempDir()
	pool := x509.NewCertPool()
	pool.AddCert(writeCertificate(t, dir))
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, empty) }))
	srv.TLS = &tls.Config{ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: pool, MinVersion: tls.VersionTLS12}
	srv.StartTLS()
	defer srv.Close()
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: srv.Certificate().Raw})
	if err := os.WriteFile(filepath.Join(dir, "ca.pem"), ca, 0o600); err != nil {
		t.Fatal(err)
	}
	full := "  tls_config: {ca_file: DIR/ca.pem, cert_file: DIR/client.pem, key_file: DIR/client.key}\n"
	if err := clientOf(t, srv.URL, dir, full).Ping(t.Context()); err != nil {
		t.Error(err)
	}
	for name, settings := range map[string]string{
		"no client certificate": "  tls_config: {ca_file: DIR/ca.pem}\n",
		"unknown server":        "  tls_config: {cert_file: DIR/client.pem, key_file: DIR/client.key}\n",
	} {
		c := clientOf(t, srv.URL, dir, settings)
		err := c.ask(t.Context(), query{path: instantPath, expr: "up", form: url.Values{}}, &answer{})
		if !errors.Is(err, ErrUnavailable) || !strings.Contains(err.Error(), "certificate") {
			t.Errorf("%s: got %v, want %v for a certificate", name, err, ErrUnavailable)
		}
	}
}

// writeCertificate writes client.pem and client.key.
func writeCertificate(t *testing.T, dir string) *x509.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "foresight"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for name, block := range map[string]*pem.Block{
		"client.pem": {Type: "CERTIFICATE", Bytes: der}, "client.key": {Type: "PRIVATE KEY", Bytes: private},
	} {
		if err := os.WriteFile(filepath.Join(dir, name), pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return cert
}
